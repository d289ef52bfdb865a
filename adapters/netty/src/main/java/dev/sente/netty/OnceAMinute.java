package dev.sente.netty;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says when the log may be told, which is once a minute at most: who is refused may ask on and on.
 * Any thread.
 */
final class OnceAMinute {

  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** From when on the log may be told again, as {@link System#nanoTime}. */
  private final AtomicLong quietUntil = new AtomicLong(System.nanoTime());

  /** Whether to tell now; then not again for a minute. */
  boolean isDue() {
    long now = System.nanoTime();
    long until = quietUntil.get();
    return now - until >= 0 && quietUntil.compareAndSet(until, now + QUIET_NANOS);
  }
}
