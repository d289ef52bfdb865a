package dev.sente.testkit.clients;

import dev.sente.time.Time;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what must happen. How long it takes is never measured. */
final class Watch {

  /** How long anything may take on a machine that is busy. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How often what nobody tells of is looked at, in ms. */
  private static final long LOOK_MILLIS = 10;

  private static final Time TIME = Time.system();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition happened = lock.newCondition();

  /** The end of all patience. */
  static long deadline() {
    return TIME.millis() + PATIENCE.toMillis();
  }

  static boolean isOver(long deadline) {
    return TIME.millis() > deadline;
  }

  /** Something happened. */
  void tell() {
    lock.lock();
    try {
      happened.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns when this is so.
   *
   * @param what what is waited for, and what is there instead, for the message if it never comes
   */
  void until(Supplier<String> what, BooleanSupplier isSo) throws InterruptedException {
    long deadline = deadline();
    lock.lock();
    try {
      while (!isSo.getAsBoolean()) {
        if (isOver(deadline)) {
          throw new AssertionError("waited " + PATIENCE + " in vain for " + what.get());
        }
        happened.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
    } finally {
      lock.unlock();
    }
  }
}
