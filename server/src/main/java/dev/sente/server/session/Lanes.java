package dev.sente.server.session;

import dev.sente.mailbox.Lane;
import dev.sente.server.ServerOptions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gives each session an inbox: a new one, unless handlers of the same client's last session are
 * still at work. Theirs is gone on with then, so that a client's events are handled one after the
 * other whatever becomes of its sessions (K12), and never wait in greater number (K27).
 */
final class Lanes {

  /** How many bytes of a client's events may wait, in its largest messages. */
  private static final int MAX_LARGEST_MESSAGES = 16;

  private final ServerOptions options;

  /** Inboxes of sessions that have ended, until their last handler is done. */
  private final ConcurrentHashMap<SessionKey, Left> left = new ConcurrentHashMap<>();

  Lanes(ServerOptions options) {
    this.options = options;
  }

  /** An inbox for a session that begins. */
  Inbox of(SessionKey key) {
    var old = left.get(key);
    return old == null
        ? new Inbox(
            new Lane(options.executor()),
            options.inboxEvents(),
            (long) MAX_LARGEST_MESSAGES * options.maxMessageBytes())
        : old.inbox;
  }

  /** Whether a session of the client's has ended that still has its place. */
  boolean hasLeft(SessionKey key) {
    return left.containsKey(key);
  }

  /**
   * A session has ended, whose handlers may still be at work.
   *
   * @param done told once, when they are through, or another session of the client's has left the
   *     same inbox: what waits there keeps a client's place, but only one
   */
  void leave(SessionKey key, Inbox inbox, Runnable done) {
    var mine = new Left(inbox, done);
    var before = left.put(key, mine);
    // Another inbox is of a session in the other mode, or of one that began at the same time.
    if (before != null && before.inbox == inbox) {
      before.tellDone();
    }
    inbox
        .lane()
        .add(
            () -> {
              left.remove(key, mine);
              mine.tellDone();
            });
  }

  /** Told apart by identity: an inbox may be left, gone on with, and left again. */
  private static final class Left {
    final Inbox inbox;
    private final Runnable done;
    private final AtomicBoolean isDone = new AtomicBoolean();

    Left(Inbox inbox, Runnable done) {
      this.inbox = inbox;
      this.done = done;
    }

    void tellDone() {
      if (isDone.compareAndSet(false, true)) {
        done.run();
      }
    }
  }
}
