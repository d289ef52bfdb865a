package dev.sente.mailbox;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Runs the application's code for one client, or one user: one task at a time, in order, each on a
 * thread of the executor's that may block.
 *
 * <p>A queue of linked tasks whose last one is swapped in atomically: most lanes are empty most of
 * the time, and a server has two for each client, so an empty one holds nothing.
 */
public final class Lane {

  /** Set in {@link #holds} while tasks wait for the last hold to be taken back. */
  private static final int IS_WAITING = 1 << 30;

  /** How many tasks run before others get their turn. */
  private static final int IN_A_ROW = 16;

  private static final VarHandle LAST;
  private static final VarHandle HOLDS;

  static {
    try {
      var lookup = MethodHandles.lookup();
      LAST = lookup.findVarHandle(Lane.class, "last", Task.class);
      HOLDS = lookup.findVarHandle(Lane.class, "holds", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Executor executor;

  /** The newest task; null while none is running or waiting. Through LAST only. */
  @SuppressWarnings("UnusedVariable")
  private volatile @Nullable Task last;

  /** How many hold the lane back, and {@link #IS_WAITING}. Written through HOLDS only. */
  @SuppressWarnings("UnusedVariable")
  private volatile int holds;

  /** Where to go on when nobody holds the lane back. Of meaning with {@link #IS_WAITING} only. */
  private @Nullable Task waiting;

  /** A lane on threads of this executor, which must run all that it is given. */
  public Lane(Executor executor) {
    this.executor = executor;
  }

  private static final class Task {
    final Runnable code;

    /**
     * Written once by who came next, between its swap and its return; then read once, and cleared:
     * who still knows the first task is not to keep all that came after it.
     */
    volatile @Nullable Task next;

    Task(Runnable code) {
      this.code = code;
    }
  }

  /** Adds a task and returns at once. */
  public void add(Runnable code) {
    var task = new Task(code);
    var before = (@Nullable Task) LAST.getAndSet(this, task);
    if (before == null) {
      handOver(task);
    } else {
      before.next = task;
    }
  }

  /** Lets no further task begin until {@link #release} is called as often as this. */
  public void hold() {
    HOLDS.getAndAdd(this, 1);
  }

  /** Takes one hold back. */
  public void release() {
    int before;
    int after;
    do {
      before = holds;
      after = before == IS_WAITING + 1 ? 0 : before - 1;
    } while (!HOLDS.compareAndSet(this, before, after));
    if (before == IS_WAITING + 1) {
      var task = waiting;
      waiting = null;
      if (task != null) {
        handOver(task);
      }
    }
  }

  private void handOver(Task task) {
    executor.execute(() -> runFrom(task));
  }

  private void runFrom(Task first) {
    int run = 0;
    for (Task task = first; task != null && mayRun(task); task = after(task)) {
      if (run++ == IN_A_ROW) {
        if (givesWayTo(task)) {
          return;
        }
        run = 1;
      }
      boolean isDone = false;
      try {
        task.code.run();
        isDone = true;
      } finally {
        // An interrupt was meant for that task.
        Thread.interrupted();
        if (!isDone) {
          goOnAfter(task);
        }
      }
    }
  }

  /**
   * Hands the rest over; false where the executor runs it here and now, which is no turn for
   * others, and would take a deeper stack each time.
   */
  private boolean givesWayTo(Task rest) {
    var turn = new Turn(rest);
    executor.execute(turn);
    turn.isHandedOver = true;
    return !turn.wasRefused;
  }

  /** The rest of the tasks. Its flags are its giver's thread's. */
  private final class Turn implements Runnable {
    private final Task first;
    private final Thread giver = Thread.currentThread();
    private boolean isHandedOver;
    private boolean wasRefused;

    Turn(Task first) {
      this.first = first;
    }

    @Override
    public void run() {
      if (Thread.currentThread().equals(giver) && !isHandedOver) {
        wasRefused = true;
      } else {
        runFrom(first);
      }
    }
  }

  /** The task has thrown, which is its thread's to tell: the next ones are not to wait for ever. */
  private void goOnAfter(Task failed) {
    var next = after(failed);
    if (next != null) {
      handOver(next);
    }
  }

  /** Whether nobody holds the lane back; else the one who takes the last hold back goes on. */
  private boolean mayRun(Task task) {
    int held = holds;
    while (held > 0) {
      waiting = task;
      if (HOLDS.compareAndSet(this, held, held | IS_WAITING)) {
        return false;
      }
      held = holds;
      waiting = null;
    }
    return true;
  }

  private @Nullable Task after(Task done) {
    if (done.next == null && LAST.compareAndSet(this, done, null)) {
      return null;
    }
    var next = done.next;
    while (next == null) {
      Thread.onSpinWait();
      next = done.next;
    }
    done.next = null;
    return next;
  }
}
