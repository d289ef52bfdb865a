package dev.sente.time;

import java.time.Duration;

/**
 * A clock and an alarm. The system's is {@link #system()}; the testkit has one that is turned by
 * hand.
 */
public interface Time {

  /** Milliseconds since some fixed moment; never goes back. For measuring spans, not for dates. */
  long millis();

  /**
   * Runs the task once after the delay, on a thread of this object's own. The task must not block.
   *
   * @return what calls it off; calling it off late or twice does nothing
   */
  Alarm after(Duration delay, Runnable task);

  /** A task that will run unless called off. */
  @FunctionalInterface
  interface Alarm {
    /** Calls the task off, if it has not begun. */
    void cancel();
  }

  /** The system's monotonic clock, with one daemon thread for all alarms of the process. */
  static Time system() {
    return SystemTime.INSTANCE;
  }
}
