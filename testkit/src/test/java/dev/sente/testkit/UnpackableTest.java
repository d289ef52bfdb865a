package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.server.Delivery;
import dev.sente.server.Dropped;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients of one user whose packers can pack different things, and the same in different sizes. */
class UnpackableTest {

  private static final String ALICE = "uid=alice&client-id=a";

  /** Neither MessagePack nor what JavaScript makes of it has such numbers. */
  private static final Event HUGE = Event.of("a/b", BigInteger.TWO.pow(70));

  /** A byte each in edn, six in JSON. */
  private static String controls(int count) {
    return "\u0001".repeat(count);
  }

  private static InMemorySocket stream(Scene scene, String query, String... protocols) {
    var wanted = "sente.v2" + (protocols.length == 0 ? "" : ", sente.session." + protocols[0]);
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", wanted);
    scene.time.settle();
    return answer.socket();
  }

  private static String session(String handshake) {
    var frame = StreamWire.read(EdnPacker.DEFAULT, handshake.getBytes(StandardCharsets.UTF_8));
    return ((Frame.Handshake) frame).info().session();
  }

  // Receipts.

  /** Pushes to a client that cannot pack the first of two events, and one that can. */
  private static Delivery.Outcome outcomeAskedAfter(int acknowledgements) {
    var scene = new Scene(o -> o.packers(EdnPacker.DEFAULT, MsgpackPacker.DEFAULT));
    var edn = stream(scene, ALICE);
    var msgpack = stream(scene, "uid=alice&client-id=b&packer=msgpack");
    var delivery = scene.server.push("alice", List.of(HUGE, Event.of("a/b", 2)));
    var outcome = acknowledgements < 0 ? delivery.outcome() : null;
    scene.time.settle();
    outcome = acknowledgements == 0 ? delivery.outcome() : outcome;
    scene.say(edn, "[[:chsk/ack 2]]");
    msgpack.sendBytes(
        MsgpackPacker.DEFAULT.pack(List.of(List.of(Keyword.of("chsk/ack"), 2L))), true);
    scene.time.settle();
    outcome = outcome == null ? delivery.outcome() : outcome;
    scene.time.settle();
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "b", 1, Dropped.Reason.UNPACKABLE));
    return outcome.join();
  }

  @Test
  void whoHasNotAllOfWhatWasPushedHasNotGotIt() {
    assertThat(outcomeAskedAfter(-1)).as("asked at once").isEqualTo(new Delivery.Outcome(1, 1));
    assertThat(outcomeAskedAfter(0)).as("asked when sent").isEqualTo(new Delivery.Outcome(1, 1));
    assertThat(outcomeAskedAfter(2)).as("asked late").isEqualTo(new Delivery.Outcome(1, 1));
  }

  // Sizes.

  @Test
  void v4_aBatchIsAsLargeAsTheClientsPackerMakesIt() {
    var scene = new Scene(o -> o.maxMessageBytes(1000));
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    socket.cut();
    scene.server.push("alice", Collections.nCopies(6, Event.of("a/b", controls(60))));
    var json = stream(scene, ALICE + "&packer=json", token);
    assertThat(json.texts()).hasSize(7).allMatch(frame -> frame.length() <= 1000);
  }

  @Test
  void v4_norIsAPollsAnswerLarger() {
    var scene = new Scene(o -> o.maxMessageBytes(1000));
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    scene.server.push("alice", Collections.nCopies(6, Event.of("a/b", controls(60))));
    var sizes = new ArrayList<Integer>();
    for (int received = 0; received < 6; received++) {
      var query = ALICE + "&packer=json&received=" + received;
      var poll = scene.get(query, "X-Sente", "2", "X-Sente-Session", token);
      scene.pass(10);
      sizes.add(poll.text().length());
    }
    assertThat(sizes).hasSize(6).allMatch(size -> size > 360 && size <= 1000);
    assertThat(JsonPacker.DEFAULT.pack(controls(60))).hasSize(362);
  }

  // Answers.

  @Test
  void v17_anErrorThatTheNextPackerCannotPackEndsItsRequest() {
    var scene = new Scene(o -> o.maxMessageBytes(1000));
    scene.server.on("test/no", event -> event.replyError("not-allowed", controls(300)));
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    socket.stall(true);
    scene.say(socket, "[[[:chsk/request [7 [:test/no]]]]]");
    socket.cut();
    var back = stream(scene, ALICE + "&packer=json", token);
    assertThat(back.texts().getLast())
        .isEqualTo("[[[\"chsk/error\",[7,{\"code\":\"unpackable\"}]]]]");
  }

  /** Also where it comes next only since what stood before it cannot be packed. */
  @Test
  void k8_aClassicWebSocketsAnswerGoesByNoPoll() {
    var scene = new Scene(o -> o.packers(EdnPacker.DEFAULT, MsgpackPacker.DEFAULT));
    scene.server.on(
        "test/ask",
        event -> {
          scene.server.push("alice", HUGE);
          event.reply("answer");
          scene.server.push("alice", Event.of("a/b", "event"));
        });
    var socket = scene.connect(ALICE);
    socket.stall(true);
    scene.say(socket, "[[:test/ask] \"cb\"]");
    socket.cut();
    scene.get(ALICE + "&packer=msgpack&handshake%3F=1");
    var poll = scene.get(ALICE + "&packer=msgpack");
    scene.pass(10);
    assertThat(String.valueOf(MsgpackPacker.DEFAULT.unpack(poll.response().body())))
        .isEqualTo("[[[:a/b, event]], null]");
    assertThat(scene.dropped)
        .extracting(Dropped::reason)
        .containsExactly(Dropped.Reason.UNPACKABLE, Dropped.Reason.UNANSWERABLE);
  }
}
