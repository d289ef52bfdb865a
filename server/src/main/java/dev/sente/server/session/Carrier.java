package dev.sente.server.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.server.session.Life.Input;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What carries a v2 session's stream now: its client's newest WebSocket, a poll that is held, or
 * nothing, as between two polls. Tells the session's life when it is gone. Touched by the session's
 * mailbox only.
 */
final class Carrier implements HeldPoll.Holder {

  static final Frame.Close SUPERSEDED = new Frame.Close(4002, "superseded", 0);

  private final Lifetime life;
  private final Mailbox mailbox;
  private @Nullable StreamSocket socket;
  private @Nullable HeldPoll poll;

  /** Nothing yet. */
  Carrier(Lifetime life, Mailbox mailbox) {
    this.life = life;
    this.mailbox = mailbox;
  }

  /** The WebSocket; null for none. */
  @Nullable StreamSocket socket() {
    return socket;
  }

  /** The held poll; null for none. */
  @Nullable HeldPoll poll() {
    return poll;
  }

  /** A WebSocket from now on. An older one is closed, and an older poll answered. */
  void become(StreamSocket opened) {
    supersedeBy(opened, null);
  }

  /** A poll from now on, likewise; it is still to be {@link #hold held}. */
  void become(HeldPoll opened) {
    supersedeBy(null, opened);
  }

  /** Nothing from now on, likewise. */
  void becomeNothing() {
    supersedeBy(null, null);
  }

  private void supersedeBy(@Nullable StreamSocket newerSocket, @Nullable HeldPoll newerPoll) {
    var olderSocket = socket;
    var olderPoll = poll;
    socket = newerSocket;
    poll = newerPoll;
    if (olderSocket != null) {
      olderSocket.close(SUPERSEDED);
    }
    if (olderPoll != null) {
      olderPoll.answerTimeout();
    }
  }

  /** The poll waits for its answer, this long at most. */
  void hold(HeldPoll held, Duration longest) {
    held.hold(this);
    life.hold(
        longest,
        () -> {
          if (poll == held) {
            answer(held, StreamWire.timeout(held.admission().packer()));
          }
        });
  }

  /** Answers the poll, which is gone by that. */
  void answer(HeldPoll held, byte[] message) {
    poll = null;
    held.answer(message);
    life.step(new Input.Gone(held.number()));
  }

  /** A WebSocket is closed, this one or an older one. */
  void gone(StreamSocket closed) {
    if (socket == closed) {
      socket = null;
    }
    life.step(new Input.Gone(closed.number()));
  }

  @Override
  public void aborted(HeldPoll aborted) {
    mailbox.post(
        () -> {
          if (poll == aborted) {
            poll = null;
            life.step(new Input.Gone(aborted.number()));
          }
        });
  }

  /** Tells the client why, and closes what is open. */
  void close(Frame.Close because) {
    var live = socket;
    if (live != null) {
      live.close(because);
    }
    var held = poll;
    if (held != null) {
      answer(held, StreamWire.close(held.admission().packer(), because));
    }
  }

  /** The session is over: what came over its connection later would be nobody's. */
  void end() {
    var live = socket;
    socket = null;
    if (live != null) {
      live.end();
    }
    var held = poll;
    poll = null;
    if (held != null) {
      held.answerTimeout();
    }
  }
}
