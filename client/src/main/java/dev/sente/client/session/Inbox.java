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

  /** What waits with them, in bytes. Guarded by lock. */
  private long bytes;

  /** Whether somebody waits for room, and until how few tasks and bytes wait. Guarded by lock. */
  private int wanted = -1;

  private long wantedBytes;

  /**
   * An empty inbox.
   *
   * @param onRoom called when there is the room that {@link #isFull} did not find
   */
  Inbox(Executor executor, Runnable onRoom) {
    this.lane = new Lane(executor);
    this.onRoom = onRoom;
  }

  /** Adds a task that keeps nothing, and returns at once. */
  void add(Runnable task) {
    add(task, 0);
  }

  /**
   * Adds a task and returns at once.
   *
   * @param size what it keeps in memory, in bytes
   */
  void add(Runnable task, int size) {
    lock.lock();
    try {
      waiting++;
      bytes += size;
    } finally {
      lock.unlock();
    }
    lane.add(
        () -> {
          try {
            takeOne(size);
          } finally {
            // Who is told of room runs what else is in the mailbox, and that may throw an Error.
            task.run();
          }
        });
  }

  /** Whether so much waits; if so, it will be told when half of it is done. */
  boolean isFull(int maxTasks, long maxBytes) {
    lock.lock();
    try {
      if (waiting < maxTasks && bytes < maxBytes) {
        return false;
      }
      wanted = maxTasks / 2;
      wantedBytes = maxBytes / 2;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void takeOne(int size) {
    boolean hasRoom;
    lock.lock();
    try {
      waiting--;
      bytes -= size;
      hasRoom = waiting <= wanted && bytes <= wantedBytes;
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
