package dev.sente.time;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is due at a time that is moved and called off often, as each poll of a client moves the time
 * at which its session ends. An alarm is set only where there is none that rings early enough: one
 * that rings too early is set anew, and one that was called off finds nothing to do.
 *
 * <p>Touched by its owner only, one call at a time.
 */
public final class Deadline {

  /** What is later than this is never due; in milliseconds, and far from where a sum overflows. */
  private static final long NEVER = Long.MAX_VALUE / 4;

  private final Time time;
  private final Executor owner;

  /** What is due; null for nothing. */
  private @Nullable Runnable task;

  /** When it is due, as {@link Time#millis}. */
  private long due;

  private Time.@Nullable Alarm alarm;

  /** When the alarm rings; of meaning while there is one. */
  private long alarmAt;

  /**
   * Nothing is due.
   *
   * @param owner runs what is due, in turn with all else that touches this object; does not block
   */
  public Deadline(Time time, Executor owner) {
    this.time = time;
    this.owner = owner;
  }

  /** The task is due after the delay, in place of what was due before. */
  public void set(Duration delay, Runnable next) {
    long millis = Math.min(NEVER, TimeUnit.MILLISECONDS.convert(delay));
    task = next;
    due = time.millis() + millis;
    ringInTime(millis);
  }

  /** Whether anything is due. */
  public boolean isSet() {
    return task != null;
  }

  /** Nothing is due any more. */
  public void clear() {
    task = null;
  }

  /** The same, for good: no alarm is left, which would keep what it is for in memory. */
  public void end() {
    task = null;
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
  }

  private void ringInTime(long millis) {
    if (alarm != null && alarmAt <= due) {
      return;
    }
    if (alarm != null) {
      alarm.cancel();
    }
    alarmAt = due;
    alarm = time.after(Duration.ofMillis(millis), () -> owner.execute(this::rung));
  }

  private void rung() {
    long now = time.millis();
    if (now >= alarmAt) {
      alarm = null;
    }
    var next = task;
    if (next != null && now >= due) {
      task = null;
      next.run();
    } else if (next != null) {
      ringInTime(due - now);
    }
  }
}
