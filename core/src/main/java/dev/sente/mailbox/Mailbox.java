package dev.sente.mailbox;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after the other, in the order they came, on the threads that bring them: who finds
 * the mailbox empty runs what is in it until it is empty again. A task must return soon and never
 * block, and runs no code of the application's.
 *
 * <p>A queue of linked tasks whose last one is swapped in atomically: one object per task and one
 * field when idle. Each task sees what earlier ones wrote.
 */
public final class Mailbox {

  private static final Logger log = LoggerFactory.getLogger(Mailbox.class);
  private static final VarHandle LAST;

  static {
    try {
      LAST = MethodHandles.lookup().findVarHandle(Mailbox.class, "last", Letter.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The newest task; null while nothing is waiting or running. Through LAST only. */
  @SuppressWarnings("UnusedVariable")
  private volatile @Nullable Letter last;

  /** An empty mailbox. */
  public Mailbox() {}

  /**
   * Runs the task now, or after those before it; from within a task, after that one. An exception
   * of a task's is logged, a checked one with others. An {@link Error} is thrown to whoever ran the
   * task, once the mailbox is empty: no later task waits for ever. Further errors until then are
   * logged.
   */
  public void post(Runnable task) {
    var letter = new Letter(task);
    var before = (@Nullable Letter) LAST.getAndSet(this, letter);
    if (before == null) {
      runFrom(letter);
    } else {
      before.next = letter;
    }
  }

  private void runFrom(Letter first) {
    Error error = null;
    var letter = first;
    while (true) {
      try {
        letter.task.run();
      } catch (Throwable e) {
        // Not only what the compiler lets through: a packer in another language may throw anything.
        if (e instanceof Error thrown && error == null) {
          error = thrown;
        } else {
          tell(e);
        }
      }
      if (letter.next == null && LAST.compareAndSet(this, letter, null)) {
        break;
      }
      letter = letter.awaitNext();
    }
    if (error != null) {
      throw error;
    }
  }

  /** What cannot even be logged, for want of memory, say, must not stop the mailbox for ever. */
  private static void tell(Throwable failure) {
    try {
      log.error("a task failed", failure);
    } catch (Throwable e) {
      // There is nobody left to tell.
    }
  }

  private static final class Letter {
    final Runnable task;

    /** Written once by who came next, between its swap and its return; then read and cleared. */
    volatile @Nullable Letter next;

    Letter(Runnable task) {
      this.task = task;
    }

    Letter awaitNext() {
      while (true) {
        var found = next;
        if (found != null) {
          // Who still knows the first task is not to keep all that came after it.
          next = null;
          return found;
        }
        Thread.onSpinWait();
      }
    }
  }
}
