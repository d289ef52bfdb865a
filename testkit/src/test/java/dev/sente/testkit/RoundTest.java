package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.Round;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RoundTest {

  private final List<Integer> started = new ArrayList<>();
  private final Executor executor = Round.gathering(Runnable::run);

  private void start(int from, int to) {
    for (int i = from; i <= to; i++) {
      int number = i;
      executor.execute(() -> started.add(number));
    }
  }

  @AfterEach
  void end() {
    Round.end();
  }

  @Test
  void startsAtOnceOutsideOfARound() {
    start(1, 2);
    assertThat(started).containsExactly(1, 2);
  }

  @Test
  void startsAtTheEndOfARoundInOrder() {
    Round.begin();
    Round.begin();
    start(1, 3);
    assertThat(started).isEmpty();
    Round.end();
    assertThat(started).containsExactly(1, 2, 3);
    start(4, 4);
    assertThat(started).hasSize(4);
  }

  @Test
  void startsEarlierWhatIsMany() {
    Round.begin();
    start(1, 20);
    assertThat(started).hasSize(16);
    Round.end();
    assertThat(started).hasSize(20).isSorted();
  }

  @Test
  void whatIsStartedByWhatIsStartedWaitsForNobody() {
    Round.begin();
    executor.execute(() -> start(2, 3));
    Round.end();
    assertThat(started).containsExactly(2, 3);
  }

  @Test
  void anExecutorThatRefusesHoldsUpNoOther() {
    Round.begin();
    Round.gathering(
            task -> {
              throw new IllegalStateException("full");
            })
        .execute(() -> started.add(0));
    start(1, 1);
    Round.end();
    assertThat(started).containsExactly(1);
  }

  @Test
  void threadsHaveRoundsOfTheirOwn() throws InterruptedException {
    Round.begin();
    var other = Thread.ofPlatform().start(() -> start(1, 1));
    other.join();
    assertThat(started).containsExactly(1);
  }
}
