package dev.sente.server.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.server.session.Life.Input;
import java.time.Duration;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What carries a classic session's messages now: its client's newest WebSocket or a poll that is
 * held, or both at once or neither; and the WebSockets before that one, which may still send. Tells
 * the session's life when it is gone. Touched by the session's mailbox only.
 */
final class ClassicCarrier implements HeldPoll.Holder {

  /** How many WebSockets of one client may be open besides the newest. */
  private static final int MAX_OLDER = 4;

  private final Lifetime life;
  private final Mailbox mailbox;
  private @Nullable ClassicSocket socket;

  /** WebSockets that a newer connection has replaced, and that may go on sending (K26). */
  private final ArrayDeque<ClassicSocket> older = new ArrayDeque<>(0);

  private @Nullable HeldPoll poll;

  /** Nothing yet. */
  ClassicCarrier(Lifetime life, Mailbox mailbox) {
    this.life = life;
    this.mailbox = mailbox;
  }

  /** The WebSocket; null for none. */
  @Nullable ClassicSocket socket() {
    return socket;
  }

  /** The held poll; null for none. */
  @Nullable HeldPoll poll() {
    return poll;
  }

  /** A WebSocket from now on, the one before being {@link #keepOlder kept}. */
  void become(ClassicSocket opened) {
    socket = opened;
  }

  /** A poll from now on, which is still to be {@link #hold held}; an older one is answered. */
  void become(HeldPoll opened) {
    var before = poll;
    poll = opened;
    if (before != null) {
      before.answerTimeout();
    }
  }

  /** No WebSocket from now on; the one before may go on sending. Null where there was none. */
  @Nullable ClassicSocket keepOlder() {
    var before = socket;
    socket = null;
    if (before != null) {
      older.add(before);
      if (older.size() > MAX_OLDER) {
        older.removeFirst().close(1000, "superseded");
      }
    }
    return before;
  }

  /** The poll waits for its answer, this long at most. */
  void hold(HeldPoll held, Duration longest) {
    held.hold(this);
    life.hold(
        longest,
        () -> {
          if (poll == held) {
            answer(held, null);
          }
        });
  }

  /** Answers the poll, which is gone by that; null for nothing but that it is to come again. */
  void answer(HeldPoll held, byte @Nullable [] message) {
    poll = null;
    if (message == null) {
      held.answerTimeout();
    } else {
      held.answer(message);
    }
    life.step(new Input.Gone(held.number()));
  }

  /** A held poll belongs to the past. */
  void answerPoll() {
    var held = poll;
    if (held != null) {
      answer(held, null);
    }
  }

  /** The poll of this number, which is no longer held, if it was. */
  @Nullable HeldPoll takePoll(long number) {
    var held = poll;
    if (held == null || held.number() != number) {
      return null;
    }
    poll = null;
    return held;
  }

  /** The WebSocket of this number, which is no longer the newest, if it was. */
  @Nullable ClassicSocket takeSocket(long number) {
    var open = socket;
    if (open == null || open.number() != number) {
      return null;
    }
    socket = null;
    return open;
  }

  /** A WebSocket is closed; whether it was the newest. Life is still to be told. */
  boolean closed(ClassicSocket closed) {
    older.remove(closed);
    boolean isNewest = socket == closed;
    if (isNewest) {
      socket = null;
    }
    return isNewest;
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

  /** Closes the WebSockets that a newer connection has replaced. */
  void closeOlder(int code, String reason) {
    older.forEach(each -> each.close(code, reason));
  }

  /** Closes the newest WebSocket, and answers the poll. */
  void closeNewest(int code, String reason) {
    var live = socket;
    if (live != null) {
      live.close(code, reason);
    }
    answerPoll();
  }

  /** Closes all connections. */
  void close(int code, String reason) {
    closeOlder(code, reason);
    closeNewest(code, reason);
  }

  /** The session is over. */
  void end() {
    older.forEach(ClassicSocket::end);
    if (socket != null) {
      socket.end();
    }
  }
}
