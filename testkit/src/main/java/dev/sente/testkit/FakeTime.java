package dev.sente.testkit;

import dev.sente.time.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Time that stands still until a test moves it, and an executor that runs its tasks on the thread
 * of the test: given to a server as both, it makes a run the same every time.
 *
 * <p>Tasks may be added by any thread; {@link #settle} and {@link #advance} are the test's.
 */
public final class FakeTime implements Time, Executor {

  /** A run of more tasks than this without time passing is taken for one that never ends. */
  private static final int MAX_TASKS = 10_000_000;

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by lock. */
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  /** Guarded by lock. */
  private final PriorityQueue<Waiting> alarms =
      new PriorityQueue<>(Comparator.comparingLong(Waiting::at).thenComparingLong(Waiting::number));

  private long numbers;
  private volatile long now = 1_000_000;

  /** Time that stands still. */
  public FakeTime() {}

  @Override
  public long millis() {
    return now;
  }

  @Override
  public Alarm after(Duration delay, Runnable task) {
    lock.lock();
    try {
      long millis = Math.clamp(TimeUnit.MILLISECONDS.convert(delay), 0, Long.MAX_VALUE / 4);
      var waiting = new Waiting(now + millis, numbers++, task);
      alarms.add(waiting);
      return () -> callOff(waiting);
    } finally {
      lock.unlock();
    }
  }

  private void callOff(Waiting waiting) {
    lock.lock();
    try {
      alarms.remove(waiting);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void execute(Runnable task) {
    lock.lock();
    try {
      tasks.add(task);
    } finally {
      lock.unlock();
    }
  }

  /** Runs all that is ready, until nothing is. */
  public void settle() {
    for (int i = 0; i < MAX_TASKS; i++) {
      var task = nextTask();
      if (task == null) {
        return;
      }
      task.run();
    }
    throw new IllegalStateException("tasks go on for ever: " + MAX_TASKS + " and no end");
  }

  private @Nullable Runnable nextTask() {
    lock.lock();
    try {
      return tasks.poll();
    } finally {
      lock.unlock();
    }
  }

  /** Lets time pass, and runs all that becomes due, in order. */
  public void advance(Duration by) {
    settle();
    long until = now + by.toMillis();
    while (true) {
      var due = nextAlarm(until);
      if (due == null) {
        break;
      }
      now = Math.max(now, due.at());
      due.task().run();
      settle();
    }
    now = until;
  }

  private @Nullable Waiting nextAlarm(long until) {
    lock.lock();
    try {
      var first = alarms.peek();
      return first != null && first.at() <= until ? alarms.poll() : null;
    } finally {
      lock.unlock();
    }
  }

  /** How many alarms are set. */
  public int alarms() {
    lock.lock();
    try {
      return alarms.size();
    } finally {
      lock.unlock();
    }
  }

  private record Waiting(long at, long number, Runnable task) {}
}
