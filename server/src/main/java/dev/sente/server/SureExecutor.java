package dev.sente.server;

import dev.sente.server.router.Router;
import dev.sente.time.Time;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The application's executor, whatever becomes of it. A client's events wait for the one that is
 * being handled: had its task been lost, they would wait for ever. So what the executor rejects or
 * fails at is told to the log, and runs on a virtual thread, once, though the executor may have
 * taken it in all the same; where there is no memory for that thread either, a little later. For
 * any thread.
 */
final class SureExecutor implements Executor {

  /** When what no thread could be had for is tried again. */
  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);

  private final Executor executor;
  private final Router router;
  private final Time time;

  /**
   * Runs tasks by this executor.
   *
   * @param router tells the log
   * @param time when tasks are tried again
   */
  SureExecutor(Executor executor, Router router, Time time) {
    this.executor = executor;
    this.router = router;
    this.time = time;
  }

  /** Runs the task once. Throws what it throws itself, where the executor runs it here and now. */
  @Override
  public void execute(Runnable task) {
    var handOver = new HandOver(task);
    try {
      executor.execute(handOver);
    } catch (Throwable e) {
      if (handOver.take()) {
        elsewhere(new HandOver(task));
      } else if (handOver.isTakenHere()) {
        throw e;
      }
      router.logFailure("the executor", "a task", e);
    }
  }

  /** On a virtual thread, now or as soon as there is one. */
  private void elsewhere(HandOver task) {
    try {
      Thread.ofVirtual().name("sente-handler").start(task);
    } catch (Throwable e) {
      time.after(AGAIN_AFTER, () -> elsewhere(task));
    }
  }

  /** A task that is run by whoever takes it first. */
  private static final class HandOver implements Runnable {

    private static final VarHandle TAKER;

    static {
      try {
        TAKER = MethodHandles.lookup().findVarHandle(HandOver.class, "taker", Thread.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private final Runnable task;

    /** Who has taken it; null for nobody. Written through TAKER only. */
    @SuppressWarnings("UnusedVariable")
    private volatile @Nullable Thread taker;

    HandOver(Runnable task) {
      this.task = task;
    }

    /** Takes it from now on; false where somebody has. */
    boolean take() {
      return TAKER.compareAndSet(this, null, Thread.currentThread());
    }

    /** Whether this thread has taken it. */
    boolean isTakenHere() {
      return Thread.currentThread().equals(taker);
    }

    @Override
    public void run() {
      if (take()) {
        task.run();
      }
    }
  }
}
