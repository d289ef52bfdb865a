package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.mailbox.Lane;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LaneTest {

  private final List<Integer> ran = new ArrayList<>();
  private final Queue<Runnable> handedOver = new ArrayDeque<>();
  private final Lane lane = new Lane(handedOver::add);

  private void add(int number) {
    lane.add(() -> ran.add(number));
  }

  private void runAll() {
    for (var task = handedOver.poll(); task != null; task = handedOver.poll()) {
      task.run();
    }
  }

  @Test
  void runsOnTheExecutorInOrder() {
    add(1);
    add(2);
    assertThat(ran).isEmpty();
    assertThat(handedOver).hasSize(1);
    runAll();
    add(3);
    runAll();
    assertThat(ran).containsExactly(1, 2, 3);
  }

  @Test
  void whatATaskAddsRunsAfterIt() {
    lane.add(
        () -> {
          add(2);
          ran.add(1);
        });
    runAll();
    assertThat(ran).containsExactly(1, 2);
    assertThat(handedOver).isEmpty();
  }

  @Test
  void whatIsHeldWaitsForTheLastRelease() {
    lane.hold();
    lane.hold();
    add(1);
    add(2);
    runAll();
    lane.release();
    runAll();
    assertThat(ran).isEmpty();
    lane.release();
    runAll();
    assertThat(ran).containsExactly(1, 2);
    add(3);
    runAll();
    assertThat(ran).hasSize(3);
  }

  @Test
  void aTaskMayHoldBackThoseAfterIt() {
    lane.add(lane::hold);
    add(1);
    runAll();
    assertThat(ran).isEmpty();
    lane.hold();
    lane.release();
    runAll();
    assertThat(ran).isEmpty();
    lane.release();
    runAll();
    assertThat(ran).containsExactly(1);
  }

  @Test
  void aHoldThatIsTakenBackBeforeATaskComesIsForgotten() {
    lane.hold();
    lane.release();
    add(1);
    runAll();
    assertThat(ran).containsExactly(1);
  }

  @Test
  void aTaskThatFailsHoldsUpNoOther() {
    lane.add(
        () -> {
          throw new StackOverflowError();
        });
    add(1);
    assertThatThrownBy(this::runAll).isInstanceOf(StackOverflowError.class);
    runAll();
    add(2);
    runAll();
    assertThat(ran).containsExactly(1, 2);
  }

  @Test
  void anInterruptIsOneTasksOwn() {
    lane.add(() -> Thread.currentThread().interrupt());
    lane.add(() -> ran.add(Thread.currentThread().isInterrupted() ? 2 : 1));
    runAll();
    assertThat(ran).containsExactly(1);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  /** A client that is never quite through: what it sent long ago is not to fill the memory. */
  @Test
  void whatIsDoneIsForgottenThoughTheLaneIsNeverEmpty() {
    var isKept = new boolean[1];
    addTaskWithPayload(first -> addInTurn(1000, () -> isKept[0] = isReachable(first)));
    runAll();
    assertThat(isKept[0]).isFalse();
  }

  private void addTaskWithPayload(Consumer<WeakReference<?>> task) {
    var payload = new byte[1];
    var reference = new WeakReference<>(payload);
    lane.add(
        () -> {
          ran.add(payload.length);
          task.accept(reference);
        });
  }

  /** Adds tasks each of which adds the next, and then the last. */
  private void addInTurn(int tasks, Runnable last) {
    lane.add(tasks == 0 ? last : () -> addInTurn(tasks - 1, last));
  }

  static boolean isReachable(WeakReference<?> reference) {
    for (int i = 0; i < 10 && reference.get() != null; i++) {
      System.gc();
    }
    return reference.get() != null;
  }

  @Test
  void whatWasHeldIsForgotten() {
    var held = holdOne();
    lane.release();
    runAll();
    assertThat(isReachable(held)).isFalse();
  }

  private WeakReference<?> holdOne() {
    var payload = new byte[1];
    lane.hold();
    lane.add(() -> ran.add(payload.length));
    runAll();
    return new WeakReference<>(payload);
  }

  /** Else as many busy clients as there are threads would stop all others. */
  @Test
  void aLaneThatIsNeverEmptyGivesWay() {
    var other = new Lane(handedOver::add);
    var before = new ArrayList<Integer>();
    addInTurn(1000, () -> ran.add(1));
    other.add(() -> before.addAll(ran));
    runAll();
    assertThat(ran).containsExactly(1);
    assertThat(before).isEmpty();
  }

  /** As an executor does that is full, and has its callers run what they bring. */
  @Test
  void manyTasksOnTheCallersThreadNeedNoDeepStack() {
    var here = new Lane(Runnable::run);
    var left = new AtomicInteger(1_000_000);
    here.add(
        new Runnable() {
          @Override
          public void run() {
            if (left.decrementAndGet() > 0) {
              here.add(this);
            }
          }
        });
    assertThat(left).hasValue(0);
  }

  /** Many threads add, hold and release at once: every task runs once, and none beside another. */
  @Test
  void tasksOfManyThreadsRunOneAtATime() throws InterruptedException {
    int threads = 8;
    int tasks = 20_000;
    var many = new Lane(task -> Thread.ofVirtual().start(task));
    var isRunning = new AtomicBoolean();
    var overlaps = new AtomicInteger();
    var latest = new int[threads];
    var disorders = new AtomicInteger();
    var through = new CountDownLatch(threads * tasks);
    for (int t = 0; t < threads; t++) {
      int thread = t;
      Thread.ofVirtual()
          .start(
              () -> {
                for (int i = 1; i <= tasks; i++) {
                  int number = i;
                  boolean isHeld = i % 10 == 0;
                  if (isHeld) {
                    many.hold();
                  }
                  many.add(
                      () -> {
                        if (isRunning.getAndSet(true)) {
                          overlaps.incrementAndGet();
                        }
                        if (latest[thread] != number - 1) {
                          disorders.incrementAndGet();
                        }
                        latest[thread] = number;
                        isRunning.set(false);
                        through.countDown();
                      });
                  if (isHeld) {
                    many.release();
                  }
                }
              });
    }
    through.await();
    assertThat(overlaps).hasValue(0);
    assertThat(disorders).hasValue(0);
  }
}
