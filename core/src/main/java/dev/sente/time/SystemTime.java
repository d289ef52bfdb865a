package dev.sente.time;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The system's monotonic clock, and one daemon thread for the alarms. */
final class SystemTime implements Time {

  static final SystemTime INSTANCE = new SystemTime();

  private static final Logger log = LoggerFactory.getLogger(Time.class);

  private final ScheduledThreadPoolExecutor executor;

  private SystemTime() {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              var thread = new Thread(task, "sente-time");
              thread.setDaemon(true);
              return thread;
            });
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public long millis() {
    return System.nanoTime() / 1_000_000;
  }

  @Override
  public Alarm after(Duration delay, Runnable task) {
    var future =
        executor.schedule(
            () -> runLogged(task), TimeUnit.MILLISECONDS.convert(delay), TimeUnit.MILLISECONDS);
    return () -> future.cancel(false);
  }

  private static void runLogged(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // Nobody looks at the future that would keep it.
      log.error("an alarm's task failed", e);
    }
  }
}
