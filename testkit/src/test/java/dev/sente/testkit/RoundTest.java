package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.server.channel.Round;
import java.lang.ref.WeakReference;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RoundTest {

  private final Executor executor = Round.virtualThreads();

  @SuppressWarnings("ThreadLocalUsage")
  private final NoMemory noMemory = new NoMemory();

  @AfterEach
  void end() {
    noMemory.end();
    Round.end();
  }

  @Test
  void startsAtOnceOutsideOfARound() throws InterruptedException {
    var started = new CountDownLatch(1);
    executor.execute(started::countDown);
    started.await();
  }

  @Test
  void startsAtTheEndOfARound() throws InterruptedException {
    var started = new CountDownLatch(3);
    Round.begin();
    Round.begin();
    for (int i = 0; i < 3; i++) {
      executor.execute(started::countDown);
    }
    assertThat(started.getCount()).isEqualTo(3);
    Round.end();
    started.await();
  }

  @Test
  void startsEarlierWhatIsMany() throws InterruptedException {
    var started = new CountDownLatch(64);
    Round.begin();
    for (int i = 0; i < 65; i++) {
      executor.execute(started::countDown);
    }
    started.await();
  }

  @Test
  void aRoundBelongsToOneThread() throws InterruptedException {
    Round.begin();
    var started = new CountDownLatch(1);
    Thread.ofPlatform().start(() -> executor.execute(started::countDown)).join();
    started.await();
  }

  @Test
  void whatIsHandedOverByATaskWaitsForNoRound() throws InterruptedException {
    var started = new CountDownLatch(1);
    Round.begin();
    executor.execute(() -> executor.execute(started::countDown));
    executor.execute(() -> {});
    Round.end();
    Round.begin();
    started.await();
  }

  /** Each task waits for all others: it would do so for ever if one waited behind another. */
  @Test
  void noTaskWaitsBehindOneThatBlocks() throws InterruptedException {
    var meeting = new CyclicBarrier(64);
    var through = new CountDownLatch(64);
    Round.begin();
    for (int i = 0; i < 64; i++) {
      executor.execute(
          () -> {
            meet(meeting);
            through.countDown();
          });
    }
    Round.end();
    through.await();
  }

  /** The first task of all waits for the last. */
  @Test
  void theFirstMayWaitForTheLast() throws InterruptedException {
    var last = new CountDownLatch(1);
    var through = new CountDownLatch(50);
    Round.begin();
    for (int i = 0; i < 50; i++) {
      var mine = i == 49;
      executor.execute(
          () -> {
            if (mine) {
              last.countDown();
            } else {
              await(last);
            }
            through.countDown();
          });
    }
    Round.end();
    through.await();
  }

  @Test
  void eachTaskRunsOnce() throws InterruptedException {
    int rounds = 2000;
    int tasks = 7;
    var runs = new AtomicIntegerArray(rounds * tasks);
    var through = new CountDownLatch(rounds * tasks);
    for (int round = 0; round < rounds; round++) {
      Round.begin();
      for (int i = 0; i < tasks; i++) {
        int number = round * tasks + i;
        executor.execute(
            () -> {
              runs.incrementAndGet(number);
              if (number % 5 == 0) {
                LockSupport.parkNanos(1);
              }
              through.countDown();
            });
      }
      Round.end();
    }
    through.await();
    for (int i = 0; i < runs.length(); i++) {
      assertThat(runs.get(i)).as("runs of task %d", i).isEqualTo(1);
    }
  }

  @Test
  void aTaskThatThrowsHoldsUpNoOther() throws InterruptedException {
    var through = new CountDownLatch(10);
    var thrown = new CountDownLatch(5);
    Round.begin();
    for (int i = 0; i < 10; i++) {
      boolean isThrowing = i % 2 == 0;
      executor.execute(
          () -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> thrown.countDown());
            through.countDown();
            if (isThrowing) {
              throw new IllegalStateException("a fault");
            }
          });
    }
    Round.end();
    through.await();
    thrown.await();
  }

  @Test
  void whereThereIsNoMemoryForAnotherThreadOneGoesOn() throws InterruptedException {
    var through = new CountDownLatch(10);
    Round.begin();
    for (int i = 0; i < 10; i++) {
      boolean isLast = i == 9;
      executor.execute(
          () -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> {});
            noMemory.begin();
            through.countDown();
            if (!isLast) {
              throw new IllegalStateException("a fault");
            }
          });
    }
    Round.end();
    assertThat(through.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whatNoThreadCouldBeHadForIsStartedWithTheNextRound() throws InterruptedException {
    var started = new CountDownLatch(3);
    Round.begin();
    executor.execute(started::countDown);
    executor.execute(started::countDown);
    noMemory.begin();
    assertThatThrownBy(Round::end).isInstanceOf(InternalError.class);
    noMemory.end();
    Round.begin();
    executor.execute(started::countDown);
    Round.end();
    started.await();
  }

  @Test
  void anInterruptIsOneTasksOwn() throws InterruptedException {
    Queue<Boolean> interrupted = new ConcurrentLinkedQueue<>();
    var through = new CountDownLatch(64);
    Round.begin();
    for (int i = 0; i < 64; i++) {
      executor.execute(
          () -> {
            interrupted.add(Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
            through.countDown();
          });
    }
    Round.end();
    through.await();
    assertThat(interrupted).containsOnly(false);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void meet(CyclicBarrier meeting) {
    try {
      meeting.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A handler that blocks is to keep its own event only. */
  @Test
  void whatIsDoneIsKeptByNobody() throws InterruptedException {
    var blocked = new CountDownLatch(1);
    var reached = new CountDownLatch(1);
    Round.begin();
    var done = new WeakReference<>(handOverSomething());
    executor.execute(
        () -> {
          reached.countDown();
          try {
            blocked.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    Round.end();
    reached.await();
    while (done.get() != null) {
      System.gc();
      Thread.onSpinWait();
    }
    blocked.countDown();
  }

  private Object handOverSomething() {
    var something = new Object();
    executor.execute(() -> assertThat(something).isNotNull());
    return something;
  }
}
