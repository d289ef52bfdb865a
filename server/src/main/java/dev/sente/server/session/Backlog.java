package dev.sente.server.session;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many events of one connection wait for their handlers. At the bound reading is to stop, at
 * half of it it is to go on. Counts on any thread; decides in the session's mailbox.
 */
final class Backlog {

  private final int bound;
  private final Runnable crossed;
  private final AtomicInteger waiting = new AtomicInteger();

  /** Touched by the mailbox only. */
  private boolean stopped;

  /**
   * Nothing waits yet.
   *
   * @param crossed called by any thread when {@link #decide} is to be called in the mailbox
   */
  Backlog(int bound, Runnable crossed) {
    this.bound = bound;
    this.crossed = crossed;
  }

  /** Whether another event may be taken. */
  boolean hasRoom() {
    return waiting.get() < bound;
  }

  void added() {
    if (waiting.incrementAndGet() == bound) {
      crossed.run();
    }
  }

  void handled() {
    if (waiting.decrementAndGet() == bound / 2) {
      crossed.run();
    }
  }

  /** Whether reading is stopped. In the mailbox. */
  boolean isStopped() {
    return stopped;
  }

  /** Stops the reading or lets it go on; whether that is a change. In the mailbox. */
  boolean decide() {
    boolean before = stopped;
    int now = waiting.get();
    stopped = before ? now > bound / 2 : now >= bound;
    return stopped != before;
  }
}
