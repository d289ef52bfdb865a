package dev.sente.server.router;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Runs the application's code for one client, or one user: one task at a time, in order, each on a
 * thread of the executor's that may block. Its lock is held only to add and take tasks.
 */
public final class Lane {

  private final Executor executor;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by lock. */
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>(2);

  /** Whether a thread is running tasks or about to. Guarded by lock. */
  private boolean running;

  /** How many hold the lane back. Guarded by lock. */
  private int holds;

  /** A lane on threads of this executor. */
  public Lane(Executor executor) {
    this.executor = executor;
  }

  /** Adds a task and returns at once. */
  public void add(Runnable task) {
    lock.lock();
    try {
      tasks.add(task);
      if (running || holds > 0) {
        return;
      }
      running = true;
    } finally {
      lock.unlock();
    }
    executor.execute(this::run);
  }

  /** Lets no further task begin until {@link #release} is called as often as this. */
  public void hold() {
    lock.lock();
    try {
      holds++;
    } finally {
      lock.unlock();
    }
  }

  /** Takes one hold back. */
  public void release() {
    lock.lock();
    try {
      holds--;
      if (running || holds > 0 || tasks.isEmpty()) {
        return;
      }
      running = true;
    } finally {
      lock.unlock();
    }
    executor.execute(this::run);
  }

  /** How many tasks wait, the one that runs not counted. */
  public int waiting() {
    lock.lock();
    try {
      return tasks.size();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      Runnable task;
      lock.lock();
      try {
        task = holds > 0 ? null : tasks.poll();
        if (task == null) {
          running = false;
          return;
        }
      } finally {
        lock.unlock();
      }
      task.run();
    }
  }
}
