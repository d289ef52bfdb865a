package dev.sente.server.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts together what one thread hands over in a row. Every start of a handler may wake a thread,
 * which costs more than many a handler; an adapter that reads from many connections in a row says
 * when it begins and when it is through, and wakes far fewer. For adapters that have such rounds;
 * others need not know of it.
 *
 * <p>A round belongs to the thread that begins it. Nothing waits longer than for its end, or for
 * {@value #AT_ONCE} others.
 */
public final class Round {

  private static final Logger log = LoggerFactory.getLogger(Round.class);

  /** How many are started together at most, so that other processors do not wait for work. */
  static final int AT_ONCE = 16;

  private static final ThreadLocal<@Nullable Round> PRESENT = new ThreadLocal<>();

  private record Start(Executor executor, Runnable task) {}

  private final List<Start> waiting = new ArrayList<>(AT_ONCE);

  private Round() {}

  /** Begins a round of the calling platform thread, which must come to its {@link #end} soon. */
  public static void begin() {
    if (PRESENT.get() == null) {
      PRESENT.set(new Round());
    }
  }

  /** Ends the round of the calling thread, if it has one. */
  public static void end() {
    var round = PRESENT.get();
    if (round != null) {
      PRESENT.remove();
      round.start();
    }
  }

  /** An executor that starts its tasks at the end of the calling thread's round. */
  public static Executor gathering(Executor executor) {
    return task -> {
      var thread = Thread.currentThread();
      var round = thread.isVirtual() ? null : PRESENT.get();
      if (round == null) {
        executor.execute(task);
      } else {
        round.add(new Start(executor, task));
      }
    };
  }

  private void add(Start start) {
    waiting.add(start);
    if (waiting.size() == AT_ONCE) {
      start();
    }
  }

  private void start() {
    // A copy: what runs at once may hand over more.
    var starts = List.copyOf(waiting);
    waiting.clear();
    for (var start : starts) {
      try {
        start.executor().execute(start.task());
      } catch (RuntimeException e) {
        log.error("an executor has refused a task", e);
      }
    }
  }
}
