package dev.sente.server.channel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Starts together what one thread hands over in a row. Every start of a handler may wake a thread,
 * which costs more than many a handler; an adapter that reads from many connections in a row says
 * when it begins and when it is through, and wakes far fewer. For adapters that have such rounds;
 * others need not know of it.
 *
 * <p>A round belongs to the thread that begins it. Nothing waits longer than for its end, or for
 * {@value #AT_ONCE} others. Where there is no memory for a thread, that is thrown to whoever hands
 * over or ends the round, and what waits is started with the thread's next round.
 */
public final class Round {

  /** How many are started together at most, so that other processors do not wait for work. */
  static final int AT_ONCE = 64;

  private static final ThreadLocal<@Nullable Round> OF_THIS_THREAD = new ThreadLocal<>();

  private final List<Runnable> waiting = new ArrayList<>();
  private boolean hasBegun;

  private Round() {}

  /** Begins a round of the calling platform thread, which must come to its {@link #end} soon. */
  public static void begin() {
    var round = OF_THIS_THREAD.get();
    if (round == null) {
      round = new Round();
      OF_THIS_THREAD.set(round);
    }
    round.hasBegun = true;
  }

  /** Ends the round of the calling thread, if it has one, and starts what waits. */
  public static void end() {
    var round = OF_THIS_THREAD.get();
    if (round != null) {
      round.hasBegun = false;
      round.start();
    }
  }

  /**
   * Virtual threads, for hooks and handlers. Each task runs at once, also beside others that block;
   * tasks of one round may run on one thread, one after the other. Refuses none, but throws where
   * there is no memory for a thread.
   */
  public static Executor virtualThreads() {
    return Round::startOrGather;
  }

  private static void startOrGather(Runnable task) {
    var round = Thread.currentThread().isVirtual() ? null : OF_THIS_THREAD.get();
    if (round == null || !round.hasBegun) {
      Team.start(task);
      return;
    }
    round.waiting.add(task);
    if (round.waiting.size() == AT_ONCE) {
      round.start();
    }
  }

  private void start() {
    if (!waiting.isEmpty()) {
      Team.start(waiting);
      waiting.clear();
    }
  }
}
