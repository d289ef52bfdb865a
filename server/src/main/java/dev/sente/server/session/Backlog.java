package dev.sente.server.session;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * How many events of one connection wait for their handlers. At the bound it stops the reading, at
 * half of it it lets it go on.
 */
final class Backlog {

  private final int bound;
  private final Consumer<Boolean> setReading;
  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by lock. */
  private int waiting;

  /** Guarded by lock. */
  private boolean stopped;

  /** The consumer is called under the lock, so that its calls are in order; it must not block. */
  Backlog(int bound, Consumer<Boolean> setReading) {
    this.bound = bound;
    this.setReading = setReading;
  }

  /** Whether another event may be taken. */
  boolean hasRoom() {
    lock.lock();
    try {
      return waiting < bound;
    } finally {
      lock.unlock();
    }
  }

  /** Whether reading is stopped. */
  boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  void added() {
    lock.lock();
    try {
      waiting++;
      if (waiting >= bound && !stopped) {
        stopped = true;
        setReading.accept(false);
      }
    } finally {
      lock.unlock();
    }
  }

  void handled() {
    lock.lock();
    try {
      waiting--;
      if (stopped && waiting <= bound / 2) {
        stopped = false;
        setReading.accept(true);
      }
    } finally {
      lock.unlock();
    }
  }
}
