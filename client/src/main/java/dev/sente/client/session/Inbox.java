package dev.sente.client.session;

import dev.sente.mailbox.Lane;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs the application's code for one client, in its {@link Lane}. Bounded by who fills it: it
 * tells when there is room again. For any thread.
 */
final class Inbox {

  private final Lane lane;
  private final Runnable onRoom;
  private final ReentrantLock lock = new ReentrantLock();

  /** How many tasks wait. Guarded by lock. */
  private int waiting;

  /** Whether somebody waits for room, and until how few tasks wait. Guarded by lock. */
  private int wanted = -1;

  /**
   * An empty inbox.
   *
   * @param onRoom called when there is the room that {@link #isFull} did not find
   */
  Inbox(Executor executor, Runnable onRoom) {
    this.lane = new Lane(executor);
    this.onRoom = onRoom;
  }

  /** Adds a task and returns at once. */
  void add(Runnable task) {
    lock.lock();
    try {
      waiting++;
    } finally {
      lock.unlock();
    }
    lane.add(
        () -> {
          takeOne();
          task.run();
        });
  }

  /** Whether so many tasks wait; if so, it will be told when half of them are done. */
  boolean isFull(int bound) {
    lock.lock();
    try {
      if (waiting < bound) {
        return false;
      }
      wanted = bound / 2;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void takeOne() {
    boolean hasRoom;
    lock.lock();
    try {
      waiting--;
      hasRoom = waiting <= wanted;
      if (hasRoom) {
        wanted = -1;
      }
    } finally {
      lock.unlock();
    }
    if (hasRoom) {
      onRoom.run();
    }
  }
}
