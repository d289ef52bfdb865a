package dev.sente.server.router;

import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs the application's code for one client, or one user: one task at a time, in order, each on a
 * thread of the executor's that may block.
 *
 * <p>Most lanes are empty most of the time, and there are two for each client: so an empty one
 * holds nothing, and lanes share their locks, which are held only to add and take tasks.
 */
public final class Lane {

  /** A power of two. */
  private static final ReentrantLock[] LOCKS = new ReentrantLock[64];

  static {
    for (int i = 0; i < LOCKS.length; i++) {
      LOCKS[i] = new ReentrantLock();
    }
  }

  private final Executor executor;

  /** The next task and the last; null while none waits. Guarded by lock. */
  private @Nullable Task first;

  private @Nullable Task last;

  /** Whether a thread is running tasks or about to. Guarded by lock. */
  private boolean running;

  /** How many hold the lane back. Guarded by lock. */
  private int holds;

  /** A lane on threads of this executor. */
  public Lane(Executor executor) {
    this.executor = executor;
  }

  private static final class Task {
    final Runnable code;
    @Nullable Task next;

    Task(Runnable code) {
      this.code = code;
    }
  }

  private ReentrantLock lock() {
    return LOCKS[System.identityHashCode(this) & (LOCKS.length - 1)];
  }

  /** Adds a task and returns at once. */
  public void add(Runnable code) {
    var task = new Task(code);
    var lock = lock();
    lock.lock();
    try {
      var before = last;
      last = task;
      if (before == null) {
        first = task;
      } else {
        before.next = task;
      }
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
    var lock = lock();
    lock.lock();
    try {
      holds++;
    } finally {
      lock.unlock();
    }
  }

  /** Takes one hold back. */
  public void release() {
    var lock = lock();
    lock.lock();
    try {
      holds--;
      if (running || holds > 0 || first == null) {
        return;
      }
      running = true;
    } finally {
      lock.unlock();
    }
    executor.execute(this::run);
  }

  private void run() {
    for (var code = next(); code != null; code = next()) {
      code.run();
      // An interrupt was meant for that task.
      Thread.interrupted();
    }
  }

  private @Nullable Runnable next() {
    var lock = lock();
    lock.lock();
    try {
      var task = holds > 0 ? null : first;
      if (task == null) {
        running = false;
        return null;
      }
      first = task.next;
      if (first == null) {
        last = null;
      }
      return task.code;
    } finally {
      lock.unlock();
    }
  }
}
