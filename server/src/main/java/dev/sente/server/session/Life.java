package dev.sente.server.session;

import dev.sente.server.users.Transport;
import java.util.List;

/**
 * The life of a session, as a pure function of its state and what happened (PROTOCOL.md, "The state
 * table").
 *
 * <pre>
 * state      opened(c)              gone(c), c live   waited(p), p current        removed
 * ---------  ---------------------  ----------------  --------------------------  -------
 * Fresh      Live(c), connected     -                 Ended                       Ended
 * Live       Live(c), replaced,     Away, wait        -                           Ended
 *            connected if by another transport
 * Away       Live(c), connected     -                 Absent, no longer present;  Ended
 *            if by another transport                  or Ended if not resumable
 * Absent     Live(c), connected     -                 Ended                       Ended
 * Ended      start anew             -                 -                           -
 * </pre>
 *
 * <p>Every input names its connection or its waiting period, so that what comes late changes
 * nothing. A poll that has been answered is gone: the client is away until its next poll.
 */
final class Life {

  private Life() {}

  /** Where a client is. */
  sealed interface State {

    /** Known, and not connected yet: it has asked for a handshake or sent an event. */
    record Fresh(int period) implements State {}

    /** Connected. */
    record Live(long connection, Transport transport, int period) implements State {}

    /** Not connected now, and given time to come back. */
    record Away(Transport transport, int period) implements State {}

    /** Given up as its user's presence, but still resumable. */
    record Absent(int period) implements State {}

    /** Given up. */
    record Ended() implements State {}
  }

  /** What happened. */
  sealed interface Input {

    /** A WebSocket has opened, or a poll has come. */
    record Opened(long connection, Transport transport) implements Input {}

    /** A WebSocket is closed, or a poll answered or aborted. */
    record Gone(long connection) implements Input {}

    /** The time given is over. */
    record Waited(int period) implements Input {}

    /** The application or the client has ended it. */
    record Removed() implements Input {}
  }

  /** What is to be done, in order. */
  sealed interface Effect {

    /** Tell the users that the client is connected by this transport. */
    record Connected(Transport transport) implements Effect {}

    /** A newer connection has taken over from this one. */
    record Replaced(long connection) implements Effect {}

    /** Give the client time to come back. */
    record Wait(Transport transport, int period) implements Effect {}

    /** Tell the users that the client does not count as present, and keep it for the window. */
    record NoLongerPresent(int period) implements Effect {}

    /** Tell the users that the client is gone. */
    record Disconnected() implements Effect {}

    /** Forget the session. */
    record End() implements Effect {}

    /** The session is no more: let the connection begin another. */
    record StartAnew(long connection) implements Effect {}
  }

  /** The next state, and what is to be done. */
  record Step(State next, List<Effect> effects) {}

  /**
   * Decides.
   *
   * @param resumable whether a session outlives its user's presence
   */
  static Step step(boolean resumable, State state, Input input) {
    return switch (input) {
      case Input.Opened opened -> opened(state, opened);
      case Input.Gone(long connection) ->
          state instanceof State.Live live && live.connection() == connection
              ? new Step(
                  new State.Away(live.transport(), live.period() + 1),
                  List.of(new Effect.Wait(live.transport(), live.period() + 1)))
              : new Step(state, List.of());
      case Input.Waited(int period) -> waited(resumable, state, period);
      case Input.Removed removed ->
          switch (state) {
            case State.Ended ended -> new Step(ended, List.of());
            default -> ended();
          };
    };
  }

  private static Step waited(boolean resumable, State state, int period) {
    return switch (state) {
      case State.Fresh fresh when fresh.period() == period -> ended();
      case State.Away away when away.period() == period && resumable ->
          new Step(new State.Absent(period + 1), List.of(new Effect.NoLongerPresent(period + 1)));
      case State.Away away when away.period() == period -> ended();
      case State.Absent absent when absent.period() == period -> ended();
      default -> new Step(state, List.of());
    };
  }

  private static Step ended() {
    return new Step(new State.Ended(), List.of(new Effect.Disconnected(), new Effect.End()));
  }

  private static Step opened(State state, Input.Opened opened) {
    var transport = opened.transport();
    return switch (state) {
      case State.Fresh fresh ->
          new Step(
              new State.Live(opened.connection(), transport, fresh.period()),
              List.of(new Effect.Connected(transport)));
      case State.Live live -> {
        var next = new State.Live(opened.connection(), transport, live.period());
        var replaced = new Effect.Replaced(live.connection());
        yield live.transport() == transport
            ? new Step(next, List.of(replaced))
            : new Step(next, List.of(replaced, new Effect.Connected(transport)));
      }
      case State.Away away ->
          new Step(
              new State.Live(opened.connection(), transport, away.period()),
              away.transport() == transport ? List.of() : List.of(new Effect.Connected(transport)));
      case State.Absent absent ->
          new Step(
              new State.Live(opened.connection(), transport, absent.period()),
              List.of(new Effect.Connected(transport)));
      case State.Ended ended -> new Step(ended, List.of(new Effect.StartAnew(opened.connection())));
    };
  }
}
