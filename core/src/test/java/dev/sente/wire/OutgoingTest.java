package dev.sente.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutgoingTest {

  private final Outgoing one = Outgoing.event(Event.of("a/one", 1));
  private final Outgoing two = Outgoing.event(Event.of("a/two", 2));

  private byte[] batch(Outgoing... messages) {
    return StreamWire.batch(EdnPacker.DEFAULT, List.of(messages));
  }

  @Test
  void whoWaitsForTheSameMessagesGetsTheSameBytes() {
    batch(one, two);
    var second = batch(one, two);
    assertThat(batch(one, two)).isSameAs(second);
    assertThat(new String(second, UTF_8)).isEqualTo("[[[:a/one 1] [:a/two 2]]]");
  }

  @Test
  void whoWaitsForOthersGetsThose() {
    batch(one, two);
    batch(one, two);
    assertThat(new String(batch(one), UTF_8)).isEqualTo("[[[:a/one 1]]]");
    assertThat(new String(batch(one, two, one), UTF_8))
        .isEqualTo("[[[:a/one 1] [:a/two 2] [:a/one 1]]]");
    assertThat(new String(batch(two), UTF_8)).isEqualTo("[[[:a/two 2]]]");
    assertThat(new String(StreamWire.batch(JsonPacker.DEFAULT, List.of(one, two)), UTF_8))
        .isEqualTo("[[[\"a/one\",1],[\"a/two\",2]]]");
    assertThat(new String(ClassicWire.batch(EdnPacker.DEFAULT, List.of(one, two)), UTF_8))
        .isEqualTo("[[[:a/one 1] [:a/two 2]] nil]");
    assertThat(new String(batch(one, two), UTF_8)).isEqualTo("[[[:a/one 1] [:a/two 2]]]");
  }

  @Test
  void whatGoesToOneClientOnlyIsNotKeptTwice() {
    assertThat(batch(one)).isNotSameAs(batch(one));
  }
}
