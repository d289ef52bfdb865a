package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options at their ends: what is accepted harms no healthy client. */
class OptionsTest {

  private static final String ALICE = "uid=alice&client-id=a";

  private static InMemoryChannels.InMemoryAnswer ask(
      Scene scene, String query, String... protocols) {
    var wanted = "sente.v2" + (protocols.length == 0 ? "" : ", sente.session." + protocols[0]);
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", wanted);
    scene.time.settle();
    return answer;
  }

  private static String session(String handshake) {
    var frame = StreamWire.read(EdnPacker.DEFAULT, handshake.getBytes(StandardCharsets.UTF_8));
    return ((Frame.Handshake) frame).info().session();
  }

  private static void push(Scene scene, int times) {
    for (int i = 0; i < times; i++) {
      scene.server.push("alice", Event.of("test/x", i));
    }
    scene.time.settle();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void v16_whatMayWaitWhileAwayMayWaitWhenTheClientIsBack(boolean byMessages) {
    var scene =
        new Scene(
            o ->
                byMessages
                    ? o.outboxMessages(10).detachedMessages(100)
                    : o.outboxBytes(100).detachedBytes(10_000));
    var socket = ask(scene, ALICE).socket();
    var token = session(socket.texts().getFirst());
    socket.cut();
    push(scene, 50);
    var back = ask(scene, ALICE, token).socket();
    push(scene, 1);
    assertThat(scene.dropped).isEmpty();
    assertThat(back.isOpen()).isTrue();
  }

  @Test
  void v16_aClientBetweenItsHandshakeAndItsFirstPollIsNotDetached() {
    var scene = new Scene(o -> o.detachedMessages(10).outboxMessages(40));
    scene.get(ALICE, "X-Sente", "2");
    push(scene, 20);
    assertThat(scene.dropped).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void k27_noBoundOnClientsIsNone(boolean ofUsers) {
    var scene =
        new Scene(
            o ->
                ofUsers
                    ? o.sessionsPerUser(Integer.MAX_VALUE)
                    : o.sessionsPerAddress(Integer.MAX_VALUE).clientAddress(http -> "192.0.2.1"));
    ask(scene, ALICE).socket().cut();
    assertThat(ask(scene, ALICE).isSocket()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 50})
  void k22_whoHasItsHandshakeHasTimeForItsFirstPollWhateverTheGrace(int graceMillis) {
    var scene = new Scene(o -> o.ajaxReconnectGrace(Duration.ofMillis(graceMillis)));
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    scene.get("uid=bob&client-id=b");
    scene.pass(4900);
    var poll = scene.get(ALICE, "X-Sente", "2", "X-Sente-Session", token);
    var classic = scene.get("uid=bob&client-id=b");
    assertThat(List.of(poll.isAnswered(), classic.isAnswered())).containsOnly(false);
  }

  @Test
  void aListGoesInOnePollWithoutABatchWindow() {
    var scene = new Scene(o -> o.ajaxBatchWindow(Duration.ZERO));
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    scene.get("uid=bob&client-id=b");
    var poll = scene.get(ALICE, "X-Sente", "2", "X-Sente-Session", token);
    var classic = scene.get("uid=bob&client-id=b");
    scene.server.broadcast(List.of(Event.of("test/x", 1), Event.of("test/x", 2)));
    scene.pass(10);
    assertThat(poll.text()).isEqualTo("[[[:test/x 1] [:test/x 2]]]");
    assertThat(classic.text()).isEqualTo("[[[:test/x 1] [:test/x 2]] nil]");
  }
}
