package dev.sente.server.session;

import dev.sente.time.Time;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The time in which events gather before they are sent: one alarm for all sessions that wait at the
 * same time, so that a session waits for the window at most, and for less where another waited
 * before it. For any thread.
 */
final class BatchWindow {

  private final Time time;
  private final Duration length;

  /** What sends; each session is in it once at most. */
  private final ConcurrentLinkedQueue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean isOpen = new AtomicBoolean();

  BatchWindow(Time time, Duration length) {
    this.time = time;
    this.length = length;
  }

  /** Whether events do not wait at all. */
  boolean isZero() {
    return length.isZero();
  }

  /** Runs the task at the window's end, on the alarm's thread. It must not block. */
  void atEnd(Runnable send) {
    waiting.add(send);
    open();
  }

  private void open() {
    if (isOpen.compareAndSet(false, true)) {
      try {
        time.after(length, this::end);
      } catch (Throwable e) {
        // Whoever is next opens it, and what waits is sent with that.
        isOpen.set(false);
        throw e;
      }
    }
  }

  /**
   * What is added meanwhile has a window of its own, even if it is sent here already: where there
   * is more to send all the while, this thread, which is that of all alarms, would not get away.
   */
  private void end() {
    isOpen.set(false);
    try {
      for (int left = waiting.size(); left > 0; left--) {
        var send = waiting.poll();
        if (send != null) {
          send.run();
        }
      }
    } finally {
      if (!waiting.isEmpty()) {
        // One has thrown. The others are not to wait for somebody else's event.
        open();
      }
    }
  }
}
