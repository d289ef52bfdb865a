package dev.sente.server.channel;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads that run a round's tasks together. A thread of its own for each task would be
 * started, woken for and ended, which costs as much as a handler; yet no task may wait for one that
 * blocks.
 *
 * <p>So whoever takes a task sees to it that another thread of the team is ready to run, as long as
 * there are tasks that nobody has taken. Where the tasks are quick, the first thread takes them
 * all, and the one that was ready finds nothing to do. Where one blocks, its thread gives way to
 * the ready one, which takes the next task and makes another thread ready. Where there are more
 * processors, they join in by the same rule.
 *
 * <p>Where there is no memory for another thread, the present one goes on by itself, and tries
 * again before each task. No task is lost by that, nor by one that throws: either is told to the
 * thread's handler of uncaught exceptions.
 */
final class Team implements Runnable {

  private static final ThreadFactory THREADS = Thread.ofVirtual().name("sente-handler").factory();

  /** Each is taken out by who takes it: a handler that blocks is to keep its own data only. */
  private final @Nullable Runnable[] tasks;

  /** How many tasks were taken; more than there are, once all were. */
  private final AtomicInteger taken = new AtomicInteger();

  /** Whether a thread was started that has not begun to run. */
  private final AtomicBoolean isOneReady = new AtomicBoolean();

  private Team(List<Runnable> tasks) {
    this.tasks = tasks.toArray(new @Nullable Runnable[0]);
  }

  /** Runs the task on a thread of its own. */
  static void start(Runnable task) {
    THREADS.newThread(task).start();
  }

  /** Runs the tasks, in the order in which they are here, those that block side by side. */
  static void start(List<Runnable> tasks) {
    if (tasks.size() == 1) {
      start(tasks.getFirst());
    } else {
      new Team(tasks).makeOneReady();
    }
  }

  private void makeOneReady() {
    if (isOneReady.compareAndSet(false, true)) {
      try {
        start(this);
      } catch (Throwable e) {
        isOneReady.set(false);
        throw e;
      }
    }
  }

  @Override
  public void run() {
    isOneReady.set(false);
    int number = taken.getAndIncrement();
    while (number < tasks.length) {
      try {
        if (number + 1 < tasks.length) {
          makeOneReady();
        }
      } catch (Throwable e) {
        tell(e);
      }
      try {
        take(number).run();
      } catch (Throwable e) {
        tell(e);
      }
      // What a task was told is no matter of the next one.
      Thread.interrupted();
      number = taken.getAndIncrement();
    }
  }

  /** What would end the thread, which goes on. */
  private static void tell(Throwable uncaught) {
    var thread = Thread.currentThread();
    try {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, uncaught);
    } catch (Throwable e) {
      // As where the thread had ended: nobody is told.
    }
  }

  private Runnable take(int number) {
    var task = Objects.requireNonNull(tasks[number], "taken by one thread only");
    tasks[number] = null;
    return task;
  }
}
