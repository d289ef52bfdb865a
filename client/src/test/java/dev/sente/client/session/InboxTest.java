package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.testkit.FakeTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboxTest {

  private final FakeTime time = new FakeTime();
  private final List<String> done = new ArrayList<>();

  @Test
  void whatIsThrownToWhoTellsOfRoomKeepsNoTaskFromRunning() {
    var inbox =
        new Inbox(
            time,
            () -> {
              throw new StackOverflowError("a task of the mailbox's");
            });
    inbox.add(() -> done.add("first"));
    inbox.add(() -> done.add("second"));
    assertThat(inbox.isFull(2, 1)).isTrue();
    assertThatThrownBy(time::settle).isInstanceOf(StackOverflowError.class);
    time.settle();
    assertThat(done).containsExactly("first", "second");
  }
}
