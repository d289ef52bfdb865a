package dev.sente.server.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.server.ServerOptions;
import dev.sente.server.session.Life.Effect;
import dev.sente.server.session.Life.Input;
import dev.sente.server.session.Life.State;
import dev.sente.server.users.Transport;
import dev.sente.server.users.UserClient;
import dev.sente.time.Deadline;
import java.time.Duration;

/**
 * The life of one session: carries out what {@link Life} decides. It tells the users where the
 * client is, counts it, and gives it time to come back; the session does the rest. Touched by the
 * session's mailbox only.
 */
final class Lifetime {

  /** Whose life it is. Told in its mailbox, once the users are told. */
  interface Session extends UserClient {

    /** The address that it is counted for. */
    String address();

    /** It is connected, by another transport than before if it was. */
    void connected();

    /** A newer connection has taken over from this one. */
    void replaced(long connection);

    /** It is over. */
    void ended();

    /** It is over, and this connection has come after that. */
    void startAnew(long connection);
  }

  private final Sessions all;
  private final Session session;
  private State state = new State.Fresh(0);

  /** Whether it outlives its user's presence. */
  private boolean isResumable;

  /** When a held poll is to be answered, or the time given to come back is over. */
  private final Deadline deadline;

  /**
   * Has not begun.
   *
   * @param mailbox the session's
   * @param isResumable whether the session is kept when its client does not count as present
   */
  Lifetime(Sessions all, Session session, Mailbox mailbox, boolean isResumable) {
    this.all = all;
    this.session = session;
    this.isResumable = isResumable;
    this.deadline = new Deadline(options().time(), mailbox::post);
  }

  private ServerOptions options() {
    return all.options();
  }

  State state() {
    return state;
  }

  boolean isLive() {
    return state instanceof State.Live;
  }

  boolean isEnded() {
    return state instanceof State.Ended;
  }

  /** Whether its client may still go on with it, present or not. */
  boolean isResumable() {
    return isResumable && !isEnded();
  }

  /** V16: a client before its first poll or between two is not detached, unless it is late. */
  boolean isThere() {
    return state instanceof State.Live
        || state instanceof State.Fresh
        || (state instanceof State.Away away && away.transport() == Transport.AJAX);
  }

  /**
   * From now on it ends unless a connection comes in time. Does nothing where it has begun already.
   */
  void begin() {
    if (state instanceof State.Fresh && !deadline.isSet()) {
      waitFor(Sessions.firstConnectionWithin(options()), 0);
    }
  }

  /** From now on it does not outlive its user's presence: the client goes on elsewhere. */
  void abandon() {
    isResumable = false;
  }

  /** Its live connection is a poll, which is to be answered after this time unless it is before. */
  void hold(Duration duration, Runnable answer) {
    deadline.set(duration, answer);
  }

  /** This has happened. */
  void step(Input input) {
    if (input instanceof Input.Opened) {
      deadline.clear();
    }
    var step = Life.step(isResumable, state, input);
    if (state instanceof State.Absent && !(step.next() instanceof State.Absent)) {
      all.headcount().back(session.uid(), session.address());
    }
    state = step.next();
    for (var effect : step.effects()) {
      apply(effect);
    }
  }

  private void apply(Effect effect) {
    switch (effect) {
      case Effect.Connected(Transport transport) -> {
        all.users().connected(session, transport);
        session.connected();
      }
      case Effect.Replaced(long connection) -> session.replaced(connection);
      case Effect.Wait(Transport transport, int period) -> {
        if (all.isStopped()) {
          // Nobody can come back.
          step(new Input.Removed());
        } else {
          waitFor(
              transport == Transport.WEB_SOCKET
                  ? options().webSocketReconnectGrace()
                  : options().ajaxReconnectGrace(),
              period);
        }
      }
      case Effect.NoLongerPresent(int period) -> {
        all.headcount().away(session.uid(), session.address());
        all.users().absent(session);
        waitFor(options().resumeWindow(), period);
      }
      case Effect.Disconnected() -> all.users().disconnected(session);
      case Effect.End() -> {
        deadline.end();
        session.ended();
      }
      case Effect.StartAnew(long connection) -> session.startAnew(connection);
    }
  }

  private void waitFor(Duration duration, int period) {
    deadline.set(duration, () -> step(new Input.Waited(period)));
  }
}
