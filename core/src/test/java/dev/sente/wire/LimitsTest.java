package dev.sente.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** What is packed to be sent can be read once it stands in a frame. */
class LimitsTest {

  static Stream<Packer> packers() {
    return Stream.of(
        EdnPacker.DEFAULT,
        JsonPacker.DEFAULT,
        JsonPacker.create(JsonMapper.builder().build()),
        MsgpackPacker.DEFAULT,
        GzipPacker.of(JsonPacker.DEFAULT));
  }

  private static Object nested(int levels) {
    Object value = 1L;
    for (int i = 0; i < levels; i++) {
      value = List.of(value);
    }
    return value;
  }

  @ParameterizedTest
  @MethodSource("packers")
  void whatNestsAsDeepAsMayBeIsReadAndWhatNestsDeeperIsNotPacked(Packer packer) {
    int packed = 0;
    for (int levels = 90; levels < 510; levels++) {
      var data = nested(levels);
      var event = Outgoing.event(Event.of("a/b", data));
      var request = StreamWire.request(1, Event.of("a/b", data));
      try {
        event.packedBy(packer);
        packed++;
      } catch (PackException e) {
        assertThatThrownBy(() -> request.packedBy(packer)).isInstanceOf(PackException.class);
        continue;
      }
      var batch = (Frame.Batch) StreamWire.read(packer, StreamWire.batch(packer, List.of(event)));
      assertThat(((Message.EventMessage) batch.messages().getFirst()).data().value())
          .isEqualTo(data);
      var classic = packer.read(ClassicWire.batch(packer, List.of(event))).elements();
      assertThat(classic.getFirst().elements().getFirst().elements().get(1).value())
          .isEqualTo(data);
    }
    assertThat(packed).isPositive();
  }
}
