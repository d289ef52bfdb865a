package dev.sente.server.session;

import dev.sente.mailbox.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Where one client's events wait for their handlers: its lane, and how many there are. The client's
 * next session goes on with it while handlers are at work ({@link Lanes}): a client gets no more
 * room by coming back. Bounded by who fills it. For any thread.
 */
final class Inbox {

  /**
   * How much more is taken from a client that is asked something: the handler that waits for the
   * answer may be one that the events before the answer wait for.
   */
  private static final int MORE_WHILE_ASKED = 16;

  private final Lane lane;
  private final int bound;
  private final long maxBytes;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  /** Who wants to know when there is room. The lists are never changed. */
  private final AtomicReference<List<Runnable>> stopped = new AtomicReference<>(List.of());

  /**
   * Nothing waits yet.
   *
   * @param bound how many events may wait
   * @param maxBytes how many bytes of events may wait; one event may pass it, and of a client that
   *     is asked something as many again wait at most
   */
  Inbox(Lane lane, int bound, long maxBytes) {
    this.lane = lane;
    this.bound = bound;
    this.maxBytes = maxBytes;
  }

  Lane lane() {
    return lane;
  }

  /** Adds what handles an event of so many bytes, and returns at once. */
  void add(Runnable handling, int size) {
    waiting.incrementAndGet();
    bytes.addAndGet(size);
    lane.add(
        () -> {
          try {
            handling.run();
          } finally {
            waiting.decrementAndGet();
            bytes.addAndGet(-size);
            tellIfRoom();
          }
        });
  }

  /**
   * Whether another event may be taken.
   *
   * @param isAsked whether the server waits for an answer of the client's
   */
  boolean hasRoom(boolean isAsked) {
    return waiting.get() < (isAsked ? (long) MORE_WHILE_ASKED * bound : bound)
        && bytes.get() < (isAsked ? 2 * maxBytes : maxBytes);
  }

  /** Calls this once, on any thread, when no more than half of what may wait does. */
  void whenRoom(Runnable goOn) {
    stopped.updateAndGet(
        before -> {
          var more = new ArrayList<>(before);
          more.add(goOn);
          return List.copyOf(more);
        });
    // The last event may have been handled meanwhile.
    tellIfRoom();
  }

  /** Calls it no more; what was on its way may still come. */
  void forget(Runnable goOn) {
    stopped.updateAndGet(before -> before.stream().filter(each -> !each.equals(goOn)).toList());
    tellIfRoom();
  }

  private void tellIfRoom() {
    var told = stopped.get();
    if (told != null
        && !told.isEmpty()
        && waiting.get() <= bound / 2
        && bytes.get() <= maxBytes / 2
        // Else somebody has changed it just now, who calls this after that.
        && stopped.compareAndSet(told, List.of())) {
      told.forEach(Runnable::run);
    }
  }
}
