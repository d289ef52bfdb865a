package dev.sente.time;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The system's monotonic clock, and one daemon thread for the alarms. Both count whole
 * milliseconds: what is due within the same one is run in one go.
 */
final class SystemTime implements Time {

  static final SystemTime INSTANCE = new SystemTime();

  /** Some hundred years, in milliseconds; whoever wants to wait for longer waits for that. */
  private static final long FOREVER = 1L << 42;

  private static final Duration LONGEST = Duration.ofMillis(FOREVER);

  private static final Logger log = LoggerFactory.getLogger(Time.class);

  private final Alarms alarms = new Alarms();
  private final Thread thread = new Thread(this::run, "sente-time");

  /** When the thread will look again by itself; written before it looks whether that is right. */
  private volatile long wakesAt = Long.MIN_VALUE;

  private SystemTime() {
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public long millis() {
    return Math.floorDiv(System.nanoTime(), 1_000_000L);
  }

  @Override
  public Alarm after(Duration delay, Runnable task) {
    // The present millisecond has begun, and counts as over only with the next.
    long millis = delay.compareTo(LONGEST) < 0 ? Math.max(0, delay.toMillis()) + 1 : FOREVER;
    var alarm = alarms.set(this::millis, millis, task);
    if (alarm.due() < wakesAt) {
      LockSupport.unpark(thread);
    }
    return alarm;
  }

  private void run() {
    while (true) {
      for (var task : alarms.takeDue(millis())) {
        try {
          task.run();
        } catch (Throwable e) {
          // Everybody's alarms depend on this thread, which goes on whatever one of them throws.
          log.error("an alarm's task failed", e);
        }
      }
      sleep();
    }
  }

  /** Sleeps until something is due, or is set that is due earlier. */
  private void sleep() {
    wakesAt = alarms.next();
    // What was set before this look is seen by it, what is set after it sees wakesAt.
    long next = alarms.next();
    if (next == Long.MAX_VALUE) {
      LockSupport.park(this);
    } else {
      long nanos = next * 1_000_000 - System.nanoTime();
      if (nanos > 0) {
        LockSupport.parkNanos(this, nanos);
      }
    }
    wakesAt = Long.MIN_VALUE;
  }
}
