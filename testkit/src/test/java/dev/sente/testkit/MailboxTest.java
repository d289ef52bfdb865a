package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.mailbox.Mailbox;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MailboxTest {

  private final Mailbox mailbox = new Mailbox();
  private final List<Integer> ran = new ArrayList<>();

  @Test
  void whatATaskPostsRunsAfterIt() {
    mailbox.post(
        () -> {
          mailbox.post(() -> ran.add(2));
          ran.add(1);
        });
    assertThat(ran).containsExactly(1, 2);
  }

  @Test
  void goesOnAfterATaskThatFails() {
    mailbox.post(
        () -> {
          mailbox.post(() -> ran.add(1));
          throw new IllegalStateException("on purpose");
        });
    mailbox.post(() -> ran.add(2));
    assertThat(ran).containsExactly(1, 2);
  }

  @Test
  void goesOnAfterAnErrorAndThenTellsIt() {
    assertThatThrownBy(
            () ->
                mailbox.post(
                    () -> {
                      mailbox.post(() -> ran.add(1));
                      throw new StackOverflowError("on purpose");
                    }))
        .isInstanceOf(StackOverflowError.class);
    mailbox.post(() -> ran.add(2));
    assertThat(ran).containsExactly(1, 2);
  }

  /** As what is thrown past the compiler, in another language. */
  @Test
  void goesOnAfterACheckedException() {
    mailbox.post(() -> MailboxTest.<RuntimeException>sneak(new IOException("on purpose")));
    mailbox.post(() -> ran.add(1));
    assertThat(ran).containsExactly(1);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Exception> void sneak(Exception e) throws E {
    throw (E) e;
  }

  @Test
  void whatIsDoneIsForgottenThoughTheMailboxIsNeverEmpty() {
    var isKept = new boolean[1];
    postWithPayload(first -> postInTurn(1000, () -> isKept[0] = LaneTest.isReachable(first)));
    assertThat(isKept[0]).isFalse();
  }

  private void postWithPayload(Consumer<WeakReference<?>> task) {
    mailbox.post(
        () -> {
          var payload = new byte[1];
          var reference = new WeakReference<>(payload);
          // The very first is its poster's to forget.
          mailbox.post(
              () -> {
                ran.add(payload.length);
                task.accept(reference);
              });
        });
  }

  private void postInTurn(int tasks, Runnable last) {
    mailbox.post(tasks == 0 ? last : () -> postInTurn(tasks - 1, last));
  }

  @Test
  void eachThreadsTasksRunInItsOrderAndNeverTwoAtATime() throws InterruptedException {
    int threads = 4;
    int each = 50_000;
    var last = new int[threads];
    var running = new boolean[1];
    var faults = new ArrayList<String>();
    var go = new CountDownLatch(1);
    var all = new ArrayList<Thread>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      all.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    awaitQuietly(go);
                    for (int i = 1; i <= each; i++) {
                      int number = i;
                      mailbox.post(
                          () -> {
                            if (running[0] || last[thread] != number - 1) {
                              faults.add(thread + ": " + number);
                            }
                            running[0] = true;
                            last[thread] = number;
                            running[0] = false;
                          });
                    }
                  }));
    }
    go.countDown();
    for (var thread : all) {
      thread.join();
    }
    assertThat(faults).isEmpty();
    assertThat(last).containsOnly(each);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
