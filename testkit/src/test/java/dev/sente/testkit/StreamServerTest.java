package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.packer.PackException;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.server.Delivery;
import dev.sente.server.Dropped;
import dev.sente.wire.Frame;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * v2 on the server, rule by rule; the whole stream under faults is {@code StreamSimulationTest}.
 */
class StreamServerTest {

  private static final String ALICE = "uid=alice&client-id=a";

  private static InMemorySocket connect(Scene scene, String query, @Nullable String session) {
    var protocols = "sente.v2" + (session == null ? "" : ", sente.session." + session);
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", protocols);
    scene.time.settle();
    return answer.socket();
  }

  private static Frame.Handshake handshake(String text) {
    return (Frame.Handshake)
        StreamWire.read(EdnPacker.DEFAULT, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Frame.Handshake handshake(InMemorySocket socket) {
    return handshake(socket.texts().getFirst());
  }

  private static InMemoryChannels.InMemoryAnswer get(
      Scene scene, String query, @Nullable String session) {
    return session == null
        ? scene.get(query, "X-Sente", "2")
        : scene.get(query, "X-Sente", "2", "X-Sente-Session", session);
  }

  private static InMemoryChannels.InMemoryAnswer post(
      Scene scene, String query, String session, String frame) {
    var answer =
        scene.channels.http(
            "POST",
            query,
            frame.getBytes(StandardCharsets.UTF_8),
            "X-Sente",
            "2",
            "X-Sente-Session",
            session,
            "Content-Type",
            "text/plain");
    scene.time.settle();
    return answer;
  }

  @Test
  void v1_v4_handshakeTellsOfTheSession() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    assertThat(socket.subprotocol()).isEqualTo("sente.v2");
    var handshake = handshake(socket);
    assertThat(handshake.uid()).isEqualTo("alice");
    assertThat(handshake.info().session()).hasSize(22);
    assertThat(handshake.info().resumed()).isFalse();
    assertThat(handshake.info().lost()).isNull();
    assertThat(handshake.info().received()).isZero();
    assertThat(handshake.info().pingMillis()).isEqualTo(12_500);
    assertThat(handshake.info().maxMessageBytes()).isEqualTo(1024 * 1024);
  }

  @Test
  void v1_secretsComeBySubprotocol() {
    var scene =
        new Scene(
            o ->
                o.csrfToken(r -> dev.sente.server.gate.CsrfToken.expected("tök"))
                    .authorized(
                        r -> r.header("Authorization").equals(java.util.Optional.of("B x"))));
    var base64 = java.util.Base64.getUrlEncoder().withoutPadding();
    var answer =
        scene.channels.webSocket(
            ALICE,
            "Sec-WebSocket-Protocol",
            "sente.v2, sente.csrf."
                + base64.encodeToString("tök".getBytes(StandardCharsets.UTF_8))
                + ", sente.auth."
                + base64.encodeToString("B x".getBytes(StandardCharsets.UTF_8)));
    scene.time.settle();
    assertThat(answer.socket().isOpen()).isTrue();
    var bad = scene.channels.webSocket(ALICE, "Sec-WebSocket-Protocol", "sente.v2, sente.csrf.%%%");
    scene.time.settle();
    assertThat(bad.status()).isEqualTo(400);
  }

  /** RFC 6455, section 11.3.4. */
  @Test
  void v1_theyMayComeInSeveralLines() {
    var scene = new Scene();
    var session = handshake(connect(scene, ALICE, null)).info().session();
    var answer =
        scene.channels.webSocket(
            ALICE,
            "Sec-WebSocket-Protocol",
            "other",
            "Sec-WebSocket-Protocol",
            "sente.v2",
            "Sec-WebSocket-Protocol",
            "sente.session." + session);
    scene.time.settle();
    assertThat(handshake(answer.socket()).info().resumed()).isTrue();
  }

  @Test
  void v5_eventsAndRequestsAreHandledInOrderAndAnswered() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    socket.texts();
    scene.say(
        socket,
        "[[[:test/nocb 1] [:chsk/request [1 [:test/echo {:a 1}]]] [:chsk/request [2"
            + " [:test/throw]]]]]");
    assertThat(socket.texts())
        .containsExactly(
            "[[[:chsk/reply [1 {:a 1}]] [:chsk/error [2 {:code \"handler-error\"}]]]]");
    assertThat(scene.events)
        .containsExactly(
            "chsk/uidport-open alice from alice",
            "test/nocb 1 from alice",
            "test/echo {:a=1} from alice",
            "test/throw null from alice");
  }

  @Test
  void v4_whatIsLargerThanTheServerSaidIsNotSent() {
    var scene = new Scene(options -> options.maxMessageBytes(1000));
    var large = "x".repeat(1000);
    scene.server.on("test/large", event -> event.reply(large));
    var socket = connect(scene, ALICE, null);
    socket.texts();
    for (var event : List.of(Event.of("a/b", large), Event.of("a/b", "x".repeat(976)))) {
      assertThatThrownBy(() -> scene.server.push("alice", event))
          .isInstanceOf(PackException.class)
          .hasMessageContaining("at most 1000 bytes");
      assertThatThrownBy(() -> scene.server.broadcast(event)).isInstanceOf(PackException.class);
      assertThatThrownBy(() -> scene.server.request("alice", event, Duration.ofSeconds(1)))
          .isInstanceOf(PackException.class);
    }
    scene.say(socket, "[[[:chsk/request [1 [:test/large]]]]]");
    assertThat(socket.texts()).containsExactly("[[[:chsk/error [1 {:code \"handler-error\"}]]]]");
    assertThat(scene.errors).singleElement().isInstanceOf(PackException.class);
    scene.server.push("alice", Event.of("a/b", "x".repeat(975)));
    for (int i = 0; i < 10; i++) {
      scene.server.push("alice", Event.of("a/b", "x".repeat(300)));
    }
    scene.time.settle();
    assertThat(socket.texts()).hasSizeGreaterThan(4).allMatch(text -> text.length() <= 1000);
  }

  @Test
  void v9_acknowledgesWithinASecondOr128MessagesOrWhenPinged() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    socket.texts();
    scene.say(socket, "[[[:test/nocb]]]");
    scene.pass(999);
    assertThat(socket.texts()).isEmpty();
    scene.pass(1);
    assertThat(socket.texts()).containsExactly("[[:chsk/ack 1]]");
    scene.say(socket, "[[" + "[:test/nocb] ".repeat(128) + "]]");
    assertThat(socket.texts()).containsExactly("[[:chsk/ack 129]]");
    scene.say(socket, "[[[:test/nocb]]]");
    scene.say(socket, "[[:chsk/ping]]");
    assertThat(socket.texts()).containsExactly("[[:chsk/ack 130]]", "[[:chsk/pong]]");
    scene.pass(5000);
    assertThat(socket.texts()).isEmpty();
  }

  /** Else a client that pings on and on would fill the server's memory. */
  @Test
  void v22_whoReadsNothingGetsOneAnswerToItsPings() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    socket.texts();
    socket.stall(true);
    for (int i = 0; i < 1000; i++) {
      scene.say(socket, "[[:chsk/ping]]");
      scene.say(socket, "[[" + "[:test/nocb]".repeat(128) + "]]");
    }
    scene.pass(900);
    socket.stall(false);
    scene.time.settle();
    assertThat(socket.texts()).containsExactly("[[:chsk/ack 128000]]", "[[:chsk/pong]]");
  }

  @Test
  void v22_aClientWhoseMessageIsComingIsAlive() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    for (int i = 0; i < 60; i++) {
      socket.sendPart();
      scene.pass(4_000);
    }
    assertThat(socket.isOpen()).isTrue();
    assertThat(socket.texts()).contains("[[:chsk/ping]]");
    scene.pass(22_500);
    assertThat(socket.isOpen()).isFalse();
  }

  @Test
  void v9_pingsWhereMuchIsNotAcknowledged() {
    var scene = new Scene(options -> options.outboxBytes(4_000));
    var socket = connect(scene, ALICE, null);
    socket.texts();
    for (int i = 1; i <= 3; i++) {
      scene.server.push("alice", Event.of("test/x", "x".repeat(400)));
      scene.time.settle();
    }
    assertThat(socket.texts()).hasSize(4).endsWith("[[:chsk/ping]]");
    scene.server.push("alice", Event.of("test/x", 4));
    scene.time.settle();
    assertThat(socket.texts()).containsExactly("[[[:test/x 4]]]");
    scene.say(socket, "[[:chsk/ack 1]]");
    scene.server.push("alice", Event.of("test/x", "x".repeat(400)));
    scene.time.settle();
    assertThat(socket.texts()).hasSize(2).endsWith("[[:chsk/ping]]");
  }

  @Test
  void v10_acknowledgingWhatWasNeverSentIsAProtocolError() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    scene.say(socket, "[[:chsk/ack 1]]");
    assertThat(socket.closeCode()).isEqualTo(4501);
  }

  @Test
  void v12_resumeGivesExactlyWhatIsMissing() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    for (int i = 1; i <= 3; i++) {
      scene.server.push("alice", Event.of("test/x", i));
    }
    scene.time.settle();
    scene.say(socket, "[[[:test/nocb 1]]]");
    socket.cut();
    scene.server.push("alice", Event.of("test/x", 4));
    scene.pass(60_000);
    scene.server.push("alice", Event.of("test/x", 5));
    var back = connect(scene, ALICE + "&received=2", session);
    var texts = back.texts();
    assertThat(handshake(texts.getFirst()).info().resumed()).isTrue();
    assertThat(handshake(texts.getFirst()).info().received()).isEqualTo(1);
    assertThat(handshake(texts.getFirst()).info().session()).isEqualTo(session);
    assertThat(texts.subList(1, texts.size()))
        .containsExactly("[[[:test/x 3] [:test/x 4] [:test/x 5]]]");
    assertThat(scene.dropped).isEmpty();
  }

  @Test
  void v12_lateRequestsChangeNothing() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.time.settle();
    scene.say(socket, "[[:chsk/ack 1]]");
    assertThat(connect(scene, ALICE, session).closeCode()).isEqualTo(4002);
    assertThat(get(scene, ALICE + "&received=0", session).text()).isEqualTo("[[:chsk/timeout]]");
    assertThat(get(scene, ALICE + "&received=0&handshake?=true", session).text())
        .isEqualTo("[[:chsk/timeout]]");
    assertThat(socket.isOpen()).isTrue();
    scene.server.push("alice", Event.of("test/x", 2));
    scene.time.settle();
    assertThat(socket.texts().getLast()).isEqualTo("[[[:test/x 2]]]");
  }

  @Test
  void v12_soDoThoseOfTheSessionBeforeOnceTheClientHasUsedItsSuccessor() {
    var scene = new Scene();
    var before = "AAAAAAAAAAAAAAAAAAAAAA";
    var first = connect(scene, ALICE, before);
    var session = handshake(first).info().session();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.time.settle();
    // The handshake got lost: the client asks again with the only token that it has.
    var again = handshake(get(scene, ALICE, before).text()).info();
    assertThat(again.session()).isEqualTo(session);
    assertThat(again.lost()).isEqualTo("unknown-session");
    assertThat(first.isOpen()).isFalse();
    var socket = connect(scene, ALICE, before);
    var texts = socket.texts();
    assertThat(handshake(texts.getFirst()).info().session()).isEqualTo(session);
    assertThat(handshake(texts.getFirst()).info().lost()).isEqualTo("unknown-session");
    assertThat(texts.getLast()).isEqualTo("[[[:test/x 1]]]");
    scene.say(socket, "[[:chsk/ack 1]]");
    assertThat(connect(scene, ALICE, before).closeCode()).isEqualTo(4002);
    assertThat(get(scene, ALICE, before).text()).isEqualTo("[[:chsk/timeout]]");
    assertThat(socket.isOpen()).isTrue();
    socket.cut();
    var resumed = handshake(connect(scene, ALICE + "&received=1", session)).info();
    assertThat(resumed.resumed()).isTrue();
    assertThat(resumed.lost()).isNull();
  }

  @Test
  void v12_v13_theSuccessorOfAnotherUsersSessionIsToldAgain() {
    var scene = new Scene();
    var before = handshake(connect(scene, ALICE, null)).info().session();
    var bob = "uid=bob&client-id=a";
    var first = handshake(connect(scene, bob, before)).info();
    var again = handshake(connect(scene, bob, before)).info();
    assertThat(again.session()).isEqualTo(first.session());
    assertThat(again.lost()).isEqualTo("uid-changed");
  }

  @Test
  void handlersSeeTheRequestWithoutItsHandshake() {
    var scene = new Scene();
    var seen = new ArrayList<Optional<String>>();
    scene.server.on(
        "test/look",
        event -> {
          for (var name : List.of("x-kept", "upgrade", "sec-websocket-key", "connection")) {
            seen.add(event.request().header(name));
          }
        });
    var answer =
        scene.channels.webSocket(ALICE, "Sec-WebSocket-Protocol", "sente.v2", "X-Kept", "yes");
    scene.time.settle();
    scene.say(answer.socket(), "[[[:test/look]]]");
    assertThat(seen)
        .containsExactly(
            Optional.of("yes"), Optional.of("websocket"), Optional.empty(), Optional.empty());
  }

  @Test
  void severalEventsLeaveTogether() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var poll = get(scene, "uid=bob&client-id=b", null);
    assertThat(poll.isAnswered()).isTrue();
    var held =
        get(scene, "uid=bob&client-id=b&received=0", handshake(poll.text()).info().session());
    var events = List.of(Event.of("test/x", 1), Event.of("test/x", 2), Event.of("test/y"));
    scene.server.broadcast(events);
    var delivery =
        scene.server.push("alice", List.of(Event.of("test/z", 1), Event.of("test/z", 2)));
    scene.pass(5);
    assertThat(String.join("", socket.texts()))
        .endsWith("[:test/x 1] [:test/x 2] [:test/y] [:test/z 1] [:test/z 2]]]");
    assertThat(held.text()).isEqualTo("[[[:test/x 1] [:test/x 2] [:test/y]]]");
    assertThat(delivery.clients()).isEqualTo(1);
    assertThatThrownBy(() -> scene.server.broadcast(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> scene.server.push("alice", List.of(Event.of("a/b"), Event.of("chsk/close"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Its client has left it for a WebSocket, while the application's hooks were asked. */
  @Test
  void v15_aPollThatIsGoneTakesNothingFromANewerWebSocket() {
    for (var kind : List.of("", "&handshake%3F=1")) {
      var scene = new Scene();
      var socket = connect(scene, ALICE, null);
      var session = handshake(socket).info().session();
      var gone =
          scene.channels.get(
              ALICE + "&received=0" + kind, "X-Sente", "2", "X-Sente-Session", session);
      gone.abort();
      scene.time.settle();
      scene.server.push("alice", Event.of("test/x", 1));
      scene.time.settle();
      assertThat(socket.isOpen()).isTrue();
      assertThat(socket.texts()).containsExactly("[[[:test/x 1]]]");
    }
  }

  /** It has come over the connection before, and comes once more over this one (V6). */
  @Test
  void v10_whatIsAcknowledgedBeforeItIsSentAgainTakesNoRoomAfterThat() {
    var scene = new Scene(o -> o.outboxMessages(4).detachedMessages(4));
    var first = connect(scene, ALICE, null);
    var session = handshake(first).info().session();
    for (int i = 0; i < 4; i++) {
      scene.server.push("alice", Event.of("test/x", i));
    }
    scene.time.settle();
    var answer =
        scene.channels.webSocket(
            ALICE + "&received=0", "Sec-WebSocket-Protocol", "sente.v2, sente.session." + session);
    scene.time.execute(() -> answer.socket().stall(true));
    scene.time.settle();
    var second = answer.socket();
    scene.say(second, "[[:chsk/ack 4]]");
    second.stall(false);
    scene.time.settle();
    assertThat(String.join("", second.texts())).contains("[:test/x 0]").contains("[:test/x 3]");
    scene.server.push("alice", Event.of("test/x", 4));
    scene.time.settle();
    assertThat(second.texts()).containsExactly("[[[:test/x 4]]]");
    assertThat(scene.dropped).isEmpty();
  }

  @Test
  void v7_whatWasAcceptedBeforeIsDropped() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    scene.say(socket, "[[[:test/nocb 1] [:test/nocb 2]]]");
    socket.cut();
    var back = connect(scene, ALICE, session);
    assertThat(handshake(back).info().received()).isEqualTo(2);
    // A POST that was under way brings what the handshake counted already, and one more.
    var ack = post(scene, ALICE + "&first=2", session, "[[[:test/nocb 2] [:test/nocb 3]]]");
    assertThat(ack.text()).isEqualTo("[[:chsk/ack 3]]");
    scene.say(back, "[[[:test/nocb 3] [:test/nocb 4]]]");
    assertThat(scene.events)
        .containsSubsequence(
            "test/nocb 1 from alice",
            "test/nocb 2 from alice",
            "test/nocb 3 from alice",
            "test/nocb 4 from alice")
        .hasSize(5);
  }

  /** Nobody may hear the POST's answer: the client has gone on by the WebSocket meanwhile. */
  @Test
  void v9_whatAPostUnderWayBroughtIsAcknowledgedOverTheWebSocketToo() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    post(scene, ALICE + "&first=1", session, "[[[:test/nocb 1]]]");
    scene.say(socket, "[[[:test/nocb 1]]]");
    scene.pass(1000);
    assertThat(socket.texts()).last().isEqualTo("[[:chsk/ack 1]]");
    scene.say(socket, "[[[:test/nocb 2]]]");
    post(scene, ALICE + "&first=2", session, "[[[:test/nocb 2]]]");
    scene.pass(1000);
    assertThat(socket.texts()).last().isEqualTo("[[:chsk/ack 2]]");
  }

  @Test
  void v13_unknownSessionIsToldAndTheOldOneEnds() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    socket.cut();
    scene.server.push("alice", Event.of("test/x", 1));
    var other = connect(scene, ALICE, "AAAAAAAAAAAAAAAAAAAAAA");
    var info = handshake(other).info();
    assertThat(info.resumed()).isFalse();
    assertThat(info.lost()).isEqualTo("unknown-session");
    scene.time.settle();
    assertThat(scene.dropped).containsExactly(new Dropped("alice", "a", 1, Dropped.Reason.GONE));
    assertThat(scene.events).containsExactly("chsk/uidport-open alice from alice");
  }

  @Test
  void v13_whatIsPushedWhileANewSessionBeginsIsToldAsLost() throws Exception {
    var scene = new Scene();
    connect(scene, ALICE, null);
    var newer = new ArrayList<InMemorySocket>();
    Callable<Integer> beginsAnother =
        () -> {
          if (newer.isEmpty()) {
            newer.add(connect(scene, ALICE, "unknown"));
          }
          return 1;
        };
    var delivery = scene.server.push("alice", Event.of("test/push", new Computed(beginsAnother)));
    scene.server.push("alice", Event.of("test/push", 2));
    scene.time.settle();
    assertThat(newer.getFirst().texts().getLast()).isEqualTo("[[[:test/push 2]]]");
    assertThat(scene.dropped).containsExactly(new Dropped("alice", "a", 1, Dropped.Reason.GONE));
    var outcome = delivery.outcome();
    scene.time.settle();
    assertThat(outcome.get().unconfirmed()).isEqualTo(1);
  }

  /** Data that is computed when it is packed, after it is known who gets it. */
  private record Computed(Callable<Integer> value) {
    @JsonValue
    int compute() throws Exception {
      return value.call();
    }
  }

  @Test
  void v13_anotherUserNeverGetsTheSession() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    scene.server.push("alice", Event.of("test/secret"));
    var bob = connect(scene, "uid=bob&client-id=a", session);
    var texts = bob.texts();
    assertThat(handshake(texts.getFirst()).info().lost()).isEqualTo("uid-changed");
    assertThat(texts).hasSize(1);
    assertThat(socket.isOpen()).isFalse();
    assertThat(scene.server.connectedUsers().any()).containsExactly("bob");
  }

  @Test
  void v13_countsOutOfRangeAreRefused() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    socket.cut();
    for (var received : List.of("1", "-1", "99999999999999999999", "x")) {
      var info = handshake(connect(scene, ALICE + "&received=" + received, session)).info();
      assertThat(info.resumed()).as(received).isFalse();
      assertThat(info.lost()).isEqualTo("unknown-session");
    }
  }

  @Test
  void v15_newestConnectionTakesOver() {
    var scene = new Scene();
    var older = connect(scene, ALICE, null);
    var session = handshake(older).info().session();
    var newer = connect(scene, ALICE, session);
    assertThat(older.closeCode()).isEqualTo(4002);
    assertThat(newer.isOpen()).isTrue();
    scene.pass(10_000);
    assertThat(scene.events).containsExactly("chsk/uidport-open alice from alice");
    var poll = get(scene, ALICE + "&received=0", session);
    assertThat(newer.closeCode()).isEqualTo(4002);
    assertThat(poll.isAnswered()).isFalse();
    assertThat(scene.server.connectedUsers().ajax()).containsExactly("alice");
    connect(scene, ALICE, session);
    assertThat(poll.text()).isEqualTo("[[:chsk/timeout]]");
    assertThat(scene.server.connectedUsers().webSocket()).containsExactly("alice");
  }

  @Test
  void v16_sessionOutlivesThePresenceUntilTheWindowEnds() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    socket.cut();
    scene.pass(2500);
    assertThat(scene.events).endsWith("chsk/uidport-close alice from alice");
    assertThat(scene.server.connectedUsers().any()).isEmpty();
    scene.pass(119_000);
    var back = connect(scene, ALICE, session);
    assertThat(handshake(back).info().resumed()).isTrue();
    assertThat(scene.events).endsWith("chsk/uidport-open alice from alice");
    back.cut();
    scene.server.push("alice", Event.of("test/x"));
    scene.pass(122_500);
    assertThat(scene.dropped).hasSize(1);
    assertThat(handshake(connect(scene, ALICE, session)).info().lost())
        .isEqualTo("unknown-session");
  }

  @Test
  void v16_overflowIsToldToBothSides() {
    var scene = new Scene(o -> o.outboxMessages(3).detachedMessages(2));
    var slow = connect(scene, ALICE, null);
    var session = handshake(slow).info().session();
    slow.stall(true);
    for (int i = 0; i < 4; i++) {
      scene.server.push("alice", Event.of("test/x", i));
    }
    scene.time.settle();
    assertThat(slow.closeCode()).isEqualTo(4001);
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 4, Dropped.Reason.OVERFLOW));
    var info = handshake(connect(scene, ALICE, session)).info();
    assertThat(info.lost()).isEqualTo("overflow");
    assertThat(info.resumed()).isFalse();
  }

  @Test
  void v17_sessionMovesToAnotherPacker() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    socket.cut();
    scene.server.push("alice", Event.of("test/x", List.of(Keyword.of("k"))));
    var back = connect(scene, ALICE + "&packer=json", session);
    assertThat(back.texts().getLast()).isEqualTo("[[[\"test/x\",[\"k\"]]]]");
  }

  @Test
  void v18_lostPollAnswerCostsNothing() {
    var scene = new Scene();
    var session = handshake(get(scene, ALICE, null).text()).info().session();
    var poll = get(scene, ALICE + "&received=0", session);
    scene.server.push("alice", Event.of("test/x", 1), true);
    assertThat(poll.text()).isEqualTo("[[[:test/x 1]]]");
    // The answer got lost: the client asks again with the same count.
    scene.server.push("alice", Event.of("test/x", 2), true);
    assertThat(get(scene, ALICE + "&received=0", session).text())
        .isEqualTo("[[[:test/x 1] [:test/x 2]]]");
    var next = get(scene, ALICE + "&received=2", session);
    assertThat(next.isAnswered()).isFalse();
    scene.pass(20_000);
    assertThat(next.text()).isEqualTo("[[:chsk/timeout]]");
  }

  @Test
  void v19_postsAreSettledByTheirNumbers() {
    var scene = new Scene();
    var session = handshake(get(scene, ALICE, null).text()).info().session();
    assertThat(post(scene, ALICE + "&first=1", session, "[[[:test/nocb 1]]]").text())
        .isEqualTo("[[:chsk/ack 1]]");
    assertThat(post(scene, ALICE + "&first=1", session, "[[[:test/nocb 1]]]").text())
        .isEqualTo("[[:chsk/ack 1]]");
    var gap = post(scene, ALICE + "&first=3", session, "[[[:test/nocb 3]]]");
    assertThat(gap.status()).isEqualTo(409);
    assertThat(gap.text()).isEqualTo("1");
    assertThat(post(scene, ALICE + "&first=x", session, "[[[:test/nocb]]]").status())
        .isEqualTo(400);
    assertThat(post(scene, ALICE + "&first=1", "nonsense", "[[[:test/nocb 1]]]").status())
        .isEqualTo(410);
    assertThat(scene.events).containsExactly("test/nocb 1 from alice");
  }

  @Test
  void v19_postIsAcceptedAsFarAsThereIsRoom() {
    var scene = new Scene(o -> o.inboxEvents(2));
    var session = handshake(get(scene, ALICE, null).text()).info().session();
    var answer =
        scene.channels.http(
            "POST",
            ALICE + "&first=1",
            "[[[:test/nocb 1] [:test/nocb 2] [:test/nocb 3]]]".getBytes(StandardCharsets.UTF_8),
            "X-Sente",
            "2",
            "X-Sente-Session",
            session);
    scene.time.settle();
    assertThat(answer.text()).isEqualTo("[[:chsk/ack 2]]");
    assertThat(post(scene, ALICE + "&first=3", session, "[[[:test/nocb 3]]]").text())
        .isEqualTo("[[:chsk/ack 3]]");
    assertThat(scene.events).hasSize(3);
  }

  @Test
  void v21_repliesComeByThePoll() {
    var scene = new Scene();
    var session = handshake(get(scene, ALICE, null).text()).info().session();
    post(scene, ALICE + "&first=1", session, "[[[:chsk/request [1 [:test/echo :hi]]]]]");
    assertThat(get(scene, ALICE + "&received=0", session).text())
        .isEqualTo("[[[:chsk/reply [1 :hi]]]]");
  }

  @Test
  void v22_quietConnectionIsPingedAndADeadOneDropped() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    socket.texts();
    scene.pass(12_500);
    assertThat(socket.texts()).containsExactly("[[:chsk/ping]]");
    scene.say(socket, "[[:chsk/pong]]");
    scene.pass(22_500);
    assertThat(socket.closeCode()).isEqualTo(1006);
  }

  @Test
  void v23_drainSpreadsTheReturn() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.drain(Duration.ofSeconds(10));
    scene.time.settle();
    var texts = socket.texts();
    assertThat(texts.getFirst()).isEqualTo("[[[:test/x 1]]]");
    var close =
        (Frame.Close)
            StreamWire.read(EdnPacker.DEFAULT, texts.get(1).getBytes(StandardCharsets.UTF_8));
    assertThat(close.code()).isEqualTo(4000);
    assertThat(close.retryMillis()).isBetween(0L, 10_000L);
    assertThat(socket.closeCode()).isEqualTo(4000);
    assertThat(get(scene, ALICE, session).status()).isEqualTo(503);
    scene.server.undrain();
    assertThat(handshake(connect(scene, ALICE + "&received=1", session)).info().resumed()).isTrue();
  }

  /** As a server is stopped: nobody has been told yet when it closes. */
  @Test
  void v23_closingAfterADrainSpreadsTheReturnToo() {
    var scene = new Scene(o -> o.random(() -> 42));
    var socket = connect(scene, ALICE, null);
    scene.server.drain(Duration.ofSeconds(10));
    scene.server.close();
    scene.time.settle();
    var told = socket.texts().getLast().getBytes(StandardCharsets.UTF_8);
    var close = (Frame.Close) StreamWire.read(EdnPacker.DEFAULT, told);
    assertThat(close.code()).isEqualTo(4000);
    assertThat(close.retryMillis()).isPositive();
    assertThat(socket.closeCode()).isEqualTo(4000);
  }

  /** The web server, which closes right after that, closes what is left open with 1001. */
  @Test
  void v23_norDoesABatchThatIsStillToLeaveKeepItFromBeingTold() {
    var scene = new Scene(o -> o.random(() -> 42));
    var socket = connect(scene, ALICE, null);
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.drain(Duration.ofSeconds(10));
    scene.server.close();
    scene.time.execute(() -> socket.closeByClient(1001));
    scene.time.settle();
    var texts = socket.texts();
    assertThat(texts.get(1)).isEqualTo("[[[:test/x 1]]]");
    assertThat(texts.getLast()).contains(":chsk/close").contains(":code 4000");
    assertThat(socket.closeCode()).isEqualTo(4000);
  }

  @Test
  void v24_brokenFramesEndTheConnection() {
    for (var bad :
        List.of(
            "][",
            "",
            "[]",
            "[[]]",
            "[[:chsk/nonsense]]",
            "[[[:chsk/uidport-close \"alice\"]]]",
            "[[[:chsk/request [1 [:chsk/close]]]]]",
            "[[[:unqualified]]]",
            "[[[:a/b 1 2]]]",
            "[[:chsk/ack -1]]",
            "[[:chsk/ack]]",
            "[[:chsk/handshake [nil nil nil {}]]]",
            "[[[:chsk/request [2 [:test/echo]]] [:chsk/request [1 [:test/echo]]]]]")) {
      var scene = new Scene();
      var socket = connect(scene, ALICE, null);
      var other = connect(scene, "uid=bob&client-id=b", null);
      other.texts();
      scene.say(socket, bad);
      assertThat(socket.closeCode()).as(bad).isEqualTo(4501);
      scene.say(other, "[[[:chsk/request [1 [:test/echo 1]]]]]");
      assertThat(other.texts()).containsExactly("[[[:chsk/reply [1 1]]]]");
    }
  }

  @Test
  void v25_clientsCloseEndsTheSession() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    scene.say(socket, "[[:chsk/close {:code 1000}]]");
    assertThat(scene.events).endsWith("chsk/uidport-close alice from alice");
    socket.closeByClient(1000);
    assertThat(handshake(connect(scene, ALICE, session)).info().lost())
        .isEqualTo("unknown-session");
  }

  @Test
  void v25_clientsCloseByAPostEndsTheSession() {
    var scene = new Scene();
    var session = handshake(get(scene, ALICE, null).text()).info().session();
    var poll = get(scene, ALICE + "&received=0", session);
    post(scene, ALICE + "&first=1", session, "[[[:test/nocb 1]]]");
    var answer = post(scene, ALICE + "&first=2", session, "[[:chsk/close {:code 1000}]]");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("[[:chsk/ack 1]]");
    assertThat(scene.events).endsWith("chsk/uidport-close alice from alice");
    assertThat(poll.isAnswered()).isTrue();
    assertThat(post(scene, ALICE + "&first=2", session, "[[[:test/nocb 2]]]").status())
        .isEqualTo(410);
  }

  @Test
  void v25_signOutEndsTheSessionAndTellsTheClientToStayAway() {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var poll = get(scene, "uid=alice&client-id=b", null);
    var session = handshake(poll.text()).info().session();
    var held = get(scene, "uid=alice&client-id=b&received=0", session);
    scene.server.signOut("alice");
    scene.time.settle();
    assertThat(socket.closeCode()).isEqualTo(4500);
    assertThat(held.text()).contains(":code 4500");
    assertThat(scene.server.connectedUsers().any()).isEmpty();
  }

  @Test
  void serverAsksAClient() throws Exception {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    socket.texts();
    var reply = scene.server.request("alice", "a", Event.of("ask/me", 1), Duration.ofSeconds(5));
    scene.time.settle();
    assertThat(socket.texts()).containsExactly("[[[:chsk/request [1 [:ask/me 1]]]]]");
    scene.say(socket, "[[[:chsk/reply [1 \"yes\"]]]]");
    assertThat(reply.get())
        .isInstanceOfSatisfying(
            Reply.Value.class, value -> assertThat(value.value().value()).isEqualTo("yes"));

    var refused = scene.server.request("alice", Event.of("ask/me"), Duration.ofSeconds(5));
    scene.say(socket, "[[[:chsk/error [2 {:code \"busy\" :message \"later\"}]]]]");
    assertThat(refused.get()).isEqualTo(new Reply.RemoteError("busy", "later"));

    var late = scene.server.request("alice", Event.of("ask/me"), Duration.ofSeconds(5));
    scene.pass(5000);
    assertThat(late.get()).isEqualTo(new Reply.TimedOut());

    var cut = scene.server.request("alice", Event.of("ask/me"), Duration.ofMinutes(5));
    socket.cut();
    scene.pass(125_000);
    assertThat(cut.get()).isEqualTo(new Reply.Closed());
    assertThat(scene.server.request("alice", Event.of("ask/me"), Duration.ofSeconds(5)).get())
        .isInstanceOf(Reply.Refused.class);
  }

  @Test
  void requestSurvivesAReconnect() throws Exception {
    var scene = new Scene();
    var socket = connect(scene, ALICE, null);
    var session = handshake(socket).info().session();
    var reply = scene.server.request("alice", Event.of("ask/me"), Duration.ofSeconds(60));
    scene.time.settle();
    socket.cut();
    scene.pass(10_000);
    var back = connect(scene, ALICE, session);
    assertThat(back.texts().getLast()).isEqualTo("[[[:chsk/request [1 [:ask/me]]]]]");
    scene.say(back, "[[[:chsk/reply [1 2]]]]");
    assertThat(reply.get()).isInstanceOf(Reply.Value.class);
  }

  @Test
  void deliveryTellsWhoHasIt() throws Exception {
    var scene = new Scene();
    var a = connect(scene, ALICE, null);
    var b = connect(scene, "uid=alice&client-id=b", null);
    scene.connect("uid=alice&client-id=classic");
    var delivery = scene.server.push("alice", Event.of("test/x"));
    var outcome = delivery.outcome();
    scene.time.settle();
    assertThat(delivery.clients()).isEqualTo(3);
    scene.say(a, "[[:chsk/ack 1]]");
    assertThat(outcome.isDone()).isFalse();
    b.cut();
    scene.pass(125_000);
    assertThat(outcome.get().acknowledged()).isEqualTo(1);
    assertThat(outcome.get().unconfirmed()).isEqualTo(2);
  }

  /** Its older session, which pushes pass over, stays until the newer is connected. */
  @Test
  void aClientThatHasBegunANewSessionCountsOnce() throws Exception {
    var scene = new Scene();
    connect(scene, ALICE, null);
    var session = handshake(get(scene, ALICE, null).text()).info().session();
    var delivery = scene.server.push("alice", Event.of("test/x"));
    var outcome = delivery.outcome();
    assertThat(delivery.clients()).isEqualTo(1);
    assertThat(get(scene, ALICE + "&received=0", session).text()).isEqualTo("[[[:test/x]]]");
    get(scene, ALICE + "&received=1", session);
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo(new Delivery.Outcome(1, 0));
  }

  @Test
  void handlersBehindStopTheReading() {
    var scene = new Scene(o -> o.inboxEvents(4));
    var socket = connect(scene, ALICE, null);
    for (int i = 0; i < 10; i++) {
      socket.sendText("[[[:test/nocb " + i + "]]]");
    }
    assertThat(socket.unread()).isEqualTo(6);
    scene.time.settle();
    assertThat(socket.unread()).isZero();
    assertThat(scene.events).hasSize(11);
  }

  @Test
  void soDoFewOfThemThatAreLarge() {
    var scene = new Scene(o -> o.maxMessageBytes(2_000));
    var socket = connect(scene, ALICE, null);
    var large = "[[[:test/nocb \"" + "x".repeat(1_881) + "\"]]]";
    for (int i = 0; i < 30; i++) {
      socket.sendText(large);
    }
    assertThat(large).hasSize(1_900);
    assertThat(socket.unread()).as("17 are more than 16 of 2,000 B").isEqualTo(13);
    scene.time.settle();
    assertThat(socket.unread()).isZero();
    assertThat(scene.events).hasSize(31);
  }

  /** A small event holds what it came in: here a large one before it, which was there already. */
  @Test
  void eventsCountWithAllThatTheyCameIn() {
    var scene = new Scene(o -> o.maxMessageBytes(2_000));
    var session = handshake(get(scene, ALICE, null).text()).info().session();
    var body = "[[[:test/nocb \"" + "x".repeat(1_880) + "\"] [:test/nocb]]]";
    var answers =
        IntStream.rangeClosed(1, 18)
            .mapToObj(
                first ->
                    scene.channels.http(
                        "POST",
                        ALICE + "&first=" + first,
                        body.getBytes(StandardCharsets.UTF_8),
                        "X-Sente",
                        "2",
                        "X-Sente-Session",
                        session))
            .toList();
    scene.time.settle();
    assertThat(answers.get(16).text()).isEqualTo("[[:chsk/ack 18]]");
    assertThat(answers.get(17).text())
        .as("17 are more than 16 of 2,000 B")
        .isEqualTo("[[:chsk/ack 18]]");
  }

  @Test
  void nothingIsLeftBehindWhenAllAreGone() {
    var scene = new Scene();
    for (int i = 0; i < 20; i++) {
      connect(scene, "uid=u" + i + "&client-id=a", null).cut();
      get(scene, "uid=w" + i + "&client-id=a", null);
    }
    scene.pass(300_000);
    assertThat(scene.time.alarms()).isZero();
  }
}
