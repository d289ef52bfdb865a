package dev.sente.client.session;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs the application's code for one client: one task at a time, in order, on threads of the
 * executor that may block. Bounded by who fills it: it tells when there is room again. Its lock is
 * held only to add and take tasks. For any thread.
 */
final class Inbox {

  private final Executor executor;
  private final Runnable onRoom;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by lock. */
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>(2);

  /** Whether a thread is running tasks or about to. Guarded by lock. */
  private boolean running;

  /** Whether somebody waits for room, and until how few tasks wait. Guarded by lock. */
  private int wanted = -1;

  /**
   * An empty inbox.
   *
   * @param onRoom called when there is the room that {@link #isFull} did not find
   */
  Inbox(Executor executor, Runnable onRoom) {
    this.executor = executor;
    this.onRoom = onRoom;
  }

  /** Adds a task and returns at once. */
  void add(Runnable task) {
    lock.lock();
    try {
      tasks.add(task);
      if (running) {
        return;
      }
      running = true;
    } finally {
      lock.unlock();
    }
    executor.execute(this::run);
  }

  /** Whether so many tasks wait; if so, it will be told when half of them are done. */
  boolean isFull(int bound) {
    lock.lock();
    try {
      if (tasks.size() < bound) {
        return false;
      }
      wanted = bound / 2;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      Runnable task;
      boolean hasRoom;
      lock.lock();
      try {
        task = tasks.poll();
        if (task == null) {
          running = false;
          return;
        }
        hasRoom = tasks.size() <= wanted;
        if (hasRoom) {
          wanted = -1;
        }
      } finally {
        lock.unlock();
      }
      if (hasRoom) {
        onRoom.run();
      }
      task.run();
    }
  }
}
