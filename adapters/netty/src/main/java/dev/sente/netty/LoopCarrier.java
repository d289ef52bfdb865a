package dev.sente.netty;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Carries virtual threads on one event loop. Tasks of one turn share a virtual thread, one after
 * the other; where one waits, its thread gives way, and the next task begins on another.
 *
 * <p>Any platform thread may go on with a virtual thread that has given way, and one must where the
 * loop does not: the loop may stand before a lock that just this virtual thread holds. So a watch
 * looks after those that want to go on, and lets another thread do it where the loop stands still.
 */
final class LoopCarrier implements Executor {

  /** How long what wants to go on may stand there before another thread takes it, in ms. */
  static final int PATIENCE = 100;

  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("sente-loop-watch").factory());

  /** Its threads are used again: once a loop has ended, all that goes on does so here. */
  private static final Executor ELSEWHERE =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("sente-carrier").factory());

  private final EventLoop loop;
  private final ThreadFactory threads;

  /** What has not begun. Added to by the loop only, and never left with any at a turn's end. */
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** The virtual threads that want to go on. */
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  private final Runnable begin = this::begin;
  private final Runnable goOn = this::goOn;
  private final Runnable runTasks = this::runTasks;

  /** What stood first when the watch last looked. Touched by the watch only. */
  private @Nullable Runnable seen;

  /** Touched by the watch only. */
  private boolean isTold;

  private LoopCarrier(EventLoop loop, Function<Executor, ThreadFactory> threads) {
    this.loop = loop;
    this.threads = threads.apply(this);
  }

  /** A carrier that is watched for as long as its loop is there. */
  static LoopCarrier of(EventLoop loop, Function<Executor, ThreadFactory> threads) {
    var carrier = new LoopCarrier(loop, threads);
    var watch =
        WATCH.scheduleWithFixedDelay(carrier::watch, PATIENCE, PATIENCE, TimeUnit.MILLISECONDS);
    loop.terminationFuture()
        .addListener(
            ended -> {
              watch.cancel(false);
              carrier.goOnElsewhere();
            });
    return carrier;
  }

  /** Runs the task after what the loop has to read in this turn. On the loop. */
  void add(Runnable task) {
    boolean isFirst = tasks.isEmpty();
    tasks.add(task);
    if (isFirst) {
      onLoop(begin);
    }
  }

  /** A virtual thread wants to begin, or to go on. Any thread. */
  @Override
  public void execute(Runnable continuation) {
    // An object of its own each time: by it the watch sees that they go on.
    waiting.add(() -> continuation.run());
    onLoop(goOn);
  }

  private void onLoop(Runnable next) {
    try {
      loop.execute(next);
    } catch (RejectedExecutionException ended) {
      goOnElsewhere();
    }
  }

  private void begin() {
    while (!tasks.isEmpty()) {
      threads.newThread(runTasks).start();
      goOn();
    }
  }

  private void goOn() {
    var next = waiting.poll();
    if (next != null) {
      next.run();
    }
  }

  /** On a virtual thread. */
  private void runTasks() {
    for (var task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      // What a task was told is no matter of the next one.
      Thread.interrupted();
    }
  }

  /** Looks again and again, be it that there was no memory for another thread this time. */
  private void watch() {
    try {
      look();
    } catch (Throwable e) {
      NettyServer.LOG.error("An event loop that stands still cannot be helped now", e);
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very same one
  private void look() {
    var first = waiting.isEmpty() ? tasks.peek() : waiting.peek();
    boolean standsStill = first != null && first == seen;
    if (standsStill) {
      if (!isTold) {
        NettyServer.LOG.warn(
            "An event loop stands still: a hook or handler computes, or waits where Java does not"
                + " see it");
      }
      goOnElsewhere();
    }
    isTold = standsStill;
    seen = first;
  }

  private void goOnElsewhere() {
    ELSEWHERE.execute(this::goOnWithAll);
  }

  private void goOnWithAll() {
    begin();
    while (!waiting.isEmpty()) {
      goOn();
    }
  }
}
