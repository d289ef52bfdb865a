package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.packer.PackException;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.server.Delivery;
import dev.sente.server.Dropped;
import dev.sente.wire.Frame;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One client's choices and endings are its own: what others get does not depend on them. */
class OneForAllTest {

  private static final String ALICE = "uid=alice&client-id=a";
  private static final Event HUGE = Event.of("a/b", BigInteger.TWO.pow(70));

  private static InMemoryChannels.InMemoryAnswer ask(
      Scene scene, String query, String... protocols) {
    var wanted = "sente.v2" + (protocols.length == 0 ? "" : ", sente.session." + protocols[0]);
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", wanted);
    scene.time.settle();
    return answer;
  }

  private static InMemorySocket stream(Scene scene, String query, String... protocols) {
    return ask(scene, query, protocols).socket();
  }

  private static String session(String handshake) {
    var frame = StreamWire.read(EdnPacker.DEFAULT, handshake.getBytes(StandardCharsets.UTF_8));
    return ((Frame.Handshake) frame).info().session();
  }

  private static InMemoryChannels.InMemoryAnswer poll(Scene scene, String query, String token) {
    return scene.get(query, "X-Sente", "2", "X-Sente-Session", token);
  }

  private static int post(Scene scene, String query, String token, String body) {
    var answer =
        scene.channels.http(
            "POST",
            query,
            body.getBytes(StandardCharsets.UTF_8),
            "X-Sente",
            "2",
            "X-Sente-Session",
            token);
    scene.time.settle();
    return answer.status();
  }

  private static String shown(Event event) {
    return "[[[:" + event.id() + " " + event.data() + "N]]";
  }

  // Packers.

  private static Scene withMsgpack() {
    return new Scene(o -> o.packers(EdnPacker.DEFAULT, MsgpackPacker.DEFAULT));
  }

  @Test
  void whatOneClientsPackerCannotPackAllOthersGet() {
    var scene = withMsgpack();
    var others = new ArrayList<InMemorySocket>();
    for (int i = 0; i < 20; i++) {
      others.add(stream(scene, "uid=u" + i + "&client-id=a"));
    }
    var classic = scene.connect("uid=classic&client-id=a");
    var alone = stream(scene, "client-id=x&packer=msgpack");
    var classicAlone = scene.connect("client-id=y&packer=msgpack");
    scene.server.broadcast(HUGE);
    scene.time.settle();
    assertThat(others).allMatch(socket -> socket.texts().getLast().startsWith(shown(HUGE)));
    assertThat(classic.texts().getLast()).startsWith(shown(HUGE));
    assertThat(List.of(alone.isOpen(), classicAlone.isOpen())).containsOnly(true);
    assertThat(scene.dropped)
        .containsExactlyInAnyOrder(
            new Dropped(null, "x", 1, Dropped.Reason.UNPACKABLE),
            new Dropped(null, "y", 1, Dropped.Reason.UNPACKABLE));
  }

  /** Clients' default is JSON, the server's first packer is edn, in which it is a sixth as long. */
  @Test
  void whatOneStrangerSaysEndsNobodysStream() {
    var scene = new Scene(o -> o);
    scene.server.on(
        "chat/say", event -> scene.server.broadcast(Event.of("chat/said", event.data())));
    var json = stream(scene, "client-id=a&packer=json");
    var stranger = stream(scene, "client-id=b&packer=edn");
    scene.say(stranger, "[[[:chat/say \"" + "\u0001".repeat(200_000) + "\"]]]");
    scene.server.broadcast(Event.of("chat/said", "next"));
    scene.time.settle();
    assertThat(json.isOpen()).isTrue();
    assertThat(json.texts())
        .endsWith(
            "[[[\"chsk/error\",[0,{\"code\":\"unpackable\"}]]]]", "[[[\"chat/said\",\"next\"]]]");
    assertThat(scene.dropped).containsExactly(new Dropped(null, "a", 1, Dropped.Reason.UNPACKABLE));
  }

  /** Nor does it keep what others' packers can pack from them, wherever it stands among them. */
  @Test
  void whatTheFirstPackerCannotPackReachesWhoseOwnCan() {
    var scene = new Scene(o -> o);
    var clients = new ArrayList<InMemorySocket>();
    for (int i = 0; i < 20; i++) {
      clients.add(stream(scene, "client-id=" + i + "&packer=" + (i % 2 == 0 ? "json" : "edn")));
    }
    scene.server.broadcast(Event.of("a/b", Instant.MAX));
    scene.time.settle();
    scene.server.broadcast(Event.of("a/b", 2));
    scene.time.settle();
    assertThat(clients).allMatch(InMemorySocket::isOpen);
    for (int i = 0; i < 20; i += 2) {
      assertThat(clients.get(i).texts())
          .endsWith("[[[\"a/b\",\"" + Instant.MAX + "\"]]]", "[[[\"a/b\",2]]]");
      assertThat(clients.get(i + 1).texts())
          .endsWith("[[[:chsk/error [0 {:code \"unpackable\"}]]]]", "[[[:a/b 2]]]");
    }
    assertThat(scene.dropped).hasSize(10);
  }

  @Test
  void v17_aReplyThatTheNextPackerCannotPackEndsItsRequest() {
    var scene = withMsgpack();
    scene.server.on("test/huge", event -> event.reply(HUGE.data()));
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    scene.say(socket, "[[[:chsk/request [7 [:test/huge]]]]]");
    socket.cut();
    var back = stream(scene, ALICE + "&packer=msgpack", token);
    scene.time.settle();
    assertThat(String.valueOf(MsgpackPacker.DEFAULT.unpack(back.messages().getLast())))
        .contains("chsk/error, [7,");
  }

  @Test
  void orTheUsersOtherClients() {
    var scene = withMsgpack();
    var edn = stream(scene, ALICE);
    var msgpack = stream(scene, "uid=alice&client-id=b&packer=msgpack");
    var token = session(scene.get("uid=alice&client-id=c", "X-Sente", "2").text());
    var poll = poll(scene, "uid=alice&client-id=c&packer=msgpack", token);
    scene.server.push("alice", HUGE);
    scene.pass(10);
    assertThat(edn.texts().getLast()).startsWith(shown(HUGE));
    assertThat(msgpack.isOpen()).isTrue();
    assertThat(poll.isAnswered()).isTrue();
    assertThat(scene.dropped)
        .extracting(Dropped::reason)
        .containsExactly(Dropped.Reason.UNPACKABLE, Dropped.Reason.UNPACKABLE);
  }

  @Test
  void whoWatchesAnEventIsToldThatItWasNotPacked() {
    var scene = withMsgpack();
    stream(scene, ALICE);
    var msgpack = stream(scene, "uid=alice&client-id=b&packer=msgpack");
    var outcome = scene.server.push("alice", HUGE).outcome();
    scene.time.settle();
    msgpack.sendBytes(
        MsgpackPacker.DEFAULT.pack(List.of(List.of(Keyword.of("chsk/ack"), 1L))), true);
    scene.pass(200_000);
    assertThat(outcome.join()).isEqualTo(new Delivery.Outcome(0, 2));
  }

  @Test
  void whatNoClientsPackerCanPackIsTheCallersMistake() {
    var scene = new Scene(o -> o.packers(MsgpackPacker.DEFAULT, EdnPacker.DEFAULT));
    var socket = stream(scene, ALICE);
    assertThatThrownBy(() -> scene.server.push("alice", HUGE)).isInstanceOf(PackException.class);
    assertThatThrownBy(() -> scene.server.broadcast(HUGE)).isInstanceOf(PackException.class);
    scene.time.settle();
    assertThat(socket.isOpen()).isTrue();
    assertThat(scene.dropped).isEmpty();
  }

  @Test
  void whatOneClientsPackerCannotPackAllOthersAreAsked() {
    var scene = withMsgpack();
    var others = new ArrayList<InMemorySocket>();
    for (int i = 0; i < 5; i++) {
      others.add(stream(scene, "uid=alice&client-id=g" + i));
    }
    var msgpack = stream(scene, "uid=alice&client-id=m&packer=msgpack");
    var reply = scene.server.request("alice", HUGE, Duration.ofSeconds(5));
    scene.time.settle();
    assertThat(others).allMatch(socket -> socket.texts().getLast().contains("chsk/request"));
    assertThat(msgpack.isOpen()).isTrue();
    assertThat(reply).isNotDone();
    scene.say(others.getFirst(), "[[[:chsk/reply [1 \"yes\"]]]]");
    assertThat(reply.join()).isInstanceOf(Reply.Value.class);
  }

  @Test
  void whatNoClientsPackerCanPackNobodyIsAsked() {
    var scene = withMsgpack();
    var edn = stream(scene, ALICE);
    stream(scene, "uid=alice&client-id=m&packer=msgpack");
    edn.texts();
    assertThatThrownBy(() -> scene.server.request("alice", "m", HUGE, Duration.ofSeconds(5)))
        .isInstanceOf(PackException.class);
    scene.time.settle();
    assertThat(edn.texts()).isEmpty();
  }

  @Test
  void nobodyWaitsForAnAnswerThatTheCallerWaitsForNoMore() {
    var scene = new Scene();
    stream(scene, ALICE);
    long before = scene.time.alarms();
    var reply = scene.server.request("alice", Event.of("a/b"), Duration.ofMinutes(10));
    scene.time.settle();
    assertThat(scene.time.alarms()).isEqualTo(before + 1);
    reply.cancel(false);
    scene.time.settle();
    assertThat(scene.time.alarms()).isEqualTo(before);
  }

  /** Data of which somebody counts how often it is packed. */
  private record Counted(List<String> times) {
    @JsonValue
    BigInteger value() {
      times.add("packed");
      return BigInteger.TWO.pow(70);
    }
  }

  @Test
  void whatCannotBePackedIsTriedOncePerPacker() {
    var scene = withMsgpack();
    for (int i = 0; i < 20; i++) {
      stream(scene, "client-id=" + i + "&packer=msgpack");
    }
    var times = new ArrayList<String>();
    var event = Event.of("a/b", new Counted(times));
    assertThatThrownBy(() -> scene.server.broadcast(event)).isInstanceOf(PackException.class);
    assertThat(times).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void k23_whatAClassicClientsNextPackerCannotPackIsToldAsLost() {
    var scene = withMsgpack();
    scene.connect(ALICE).cut();
    scene.server.push("alice", Event.of("a/b", 1));
    scene.server.push("alice", HUGE);
    scene.server.push("alice", Event.of("a/b", 2));
    var back = scene.connect(ALICE + "&packer=msgpack");
    assertThat(back.isOpen()).isTrue();
    assertThat(String.valueOf(MsgpackPacker.DEFAULT.unpack(back.messages().getLast())))
        .contains("a/b, 1")
        .contains("a/b, 2");
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 1, Dropped.Reason.UNPACKABLE));
  }

  @Test
  void k23_orItsNextPoll() {
    var scene = withMsgpack();
    scene.get(ALICE + "&handshake%3F=1");
    scene.get(ALICE).abort();
    scene.server.push("alice", HUGE);
    scene.time.settle();
    var poll = scene.get(ALICE + "&packer=msgpack");
    assertThat(poll.isAnswered()).isFalse();
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 1, Dropped.Reason.UNPACKABLE));
  }

  // Bounds.

  @Test
  void v16_whoIsBetweenTwoPollsIsNotDetached() {
    var scene = new Scene(o -> o.detachedMessages(10).outboxMessages(40));
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    var poll = poll(scene, ALICE + "&received=0", token);
    var many = new ArrayList<Event>();
    for (int i = 0; i < 30; i++) {
      many.add(Event.of("a/b", "x".repeat(8000)));
    }
    scene.server.push("alice", many);
    scene.pass(10);
    assertThat(poll.isAnswered()).isTrue();
    scene.server.push("alice", Event.of("a/b", "last"));
    scene.pass(10);
    assertThat(scene.dropped).isEmpty();
    int received = 0;
    while (received < 31) {
      var frame =
          (Frame.Batch)
              StreamWire.read(
                  EdnPacker.DEFAULT,
                  poll(scene, ALICE + "&received=" + received, token)
                      .text()
                      .getBytes(StandardCharsets.UTF_8));
      received += frame.messages().size();
    }
    assertThat(received).isEqualTo(31);
  }

  @Test
  void v16_whoComesNotBackForItsNextPollIs() {
    var scene = new Scene(o -> o.detachedMessages(10).outboxMessages(40));
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    poll(scene, ALICE + "&received=0", token).abort();
    scene.pass(5000);
    for (int i = 0; i < 11; i++) {
      scene.server.push("alice", Event.of("a/b", i));
    }
    scene.time.settle();
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 11, Dropped.Reason.OVERFLOW));
  }

  @Test
  void k27_tooManyClientsIs429OverAWebSocketToo() {
    for (var protocol : List.of("sente.v2", "")) {
      var scene = new Scene(o -> o.sessionsPerUser(1));
      var headers =
          protocol.isEmpty() ? new String[0] : new String[] {"Sec-WebSocket-Protocol", protocol};
      scene.channels.webSocket(ALICE, headers);
      scene.time.settle();
      var second = scene.channels.webSocket("uid=alice&client-id=b", headers);
      scene.time.settle();
      assertThat(second.isSocket()).isFalse();
      assertThat(second.status()).isEqualTo(429);
    }
  }

  @Test
  void k27_theOneTooManyThatOpensAtTheSameTimeComesBack() {
    var first = new ArrayDeque<Runnable>();
    var scene =
        new Scene(
            o ->
                o.sessionsPerUser(1)
                    .handshakeData(
                        request -> {
                          var next = first.poll();
                          if (next != null) {
                            next.run();
                          }
                          return null;
                        }));
    first.add(() -> stream(scene, ALICE));
    var second = stream(scene, "uid=alice&client-id=b");
    assertThat(second.closeCode()).isEqualTo(4000);
    assertThat(second.texts().getLast()).contains(":retry-ms 10000");
  }

  @Test
  void k27_whoIsGoneLeavesItsPlaceAfterTheGrace() {
    var scene = new Scene(o -> o.sessionsPerUser(2));
    var gone = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      var socket = stream(scene, "uid=alice&client-id=" + i);
      gone.add(session(socket.texts().getFirst()));
      socket.cut();
      scene.pass(2500);
    }
    // Each counts a quarter: there is no room for another whole one.
    assertThat(ask(scene, "uid=alice&client-id=x").status()).isEqualTo(429);
    // Who comes back has its place, and counts as one again.
    stream(scene, "uid=alice&client-id=0", gone.getFirst());
    scene.pass(130_000);
    assertThat(ask(scene, "uid=alice&client-id=x").isSocket()).isTrue();
    assertThat(ask(scene, "uid=alice&client-id=y").status()).isEqualTo(429);
  }

  // Signing out.

  @Test
  void v25_signOutReachesWhoIsBeingAdmitted() {
    for (var protocol : List.of("sente.v2", "")) {
      var signingOut = new ArrayList<Runnable>();
      var scene =
          new Scene(
              o ->
                  o.handshakeData(
                      request -> {
                        signingOut.forEach(Runnable::run);
                        return null;
                      }));
      var headers =
          protocol.isEmpty() ? new String[0] : new String[] {"Sec-WebSocket-Protocol", protocol};
      signingOut.add(() -> scene.server.signOut("alice"));
      var answer = scene.channels.webSocket(ALICE, headers);
      scene.time.settle();
      assertThat(answer.socket().closeCode()).isEqualTo(4500);
      assertThat(scene.server.connectedUsers().any()).isEmpty();
      signingOut.clear();
      var again = scene.channels.webSocket(ALICE, headers);
      scene.time.settle();
      assertThat(again.socket().isOpen()).as("who signs in again").isTrue();
      scene.pass(3_600_000);
    }
  }

  @Test
  void v25_andPollsThatAreBeingAdmitted() {
    var asking = new ArrayList<Runnable>();
    var scene =
        new Scene(
            o ->
                o.userId(
                    request -> {
                      asking.forEach(Runnable::run);
                      return request.param("uid").orElse(null);
                    }));
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    poll(scene, ALICE, token).abort();
    scene.get("uid=alice&client-id=c&handshake%3F=1");
    asking.add(() -> scene.server.signOut("alice"));
    var poll = poll(scene, ALICE, token);
    scene.pass(10);
    assertThat(poll.isAnswered()).isTrue();
    var classic = scene.get("uid=alice&client-id=c");
    scene.pass(10);
    assertThat(classic.isAnswered()).isTrue();
    assertThat(scene.server.connectedUsers().any()).isEmpty();
  }

  @Test
  void k24_noUserIsNoUsersName() {
    var scene = new Scene();
    var stranger = scene.connect("client-id=x");
    stranger.texts();
    var event = Event.of("a/b", 1);
    for (Runnable mistake :
        List.<Runnable>of(
            () -> scene.server.push(nobody(), event),
            () -> scene.server.push(nobody(), event, true),
            () -> scene.server.push(nobody(), List.of(event)),
            () -> scene.server.push(nobody(), Event.of("chsk/close")),
            () -> scene.server.close(nobody()),
            () -> scene.server.signOut(nobody()),
            () -> scene.server.request(nobody(), event, Duration.ofSeconds(1)))) {
      assertThatThrownBy(mistake::run)
          .isInstanceOf(NullPointerException.class)
          .hasMessageContaining("uid must not be null");
    }
    scene.time.settle();
    assertThat(stranger.texts()).isEmpty();
    scene.server.pushAnonymous(event);
    scene.server.pushAnonymous(List.of(event, event));
    scene.time.settle();
    assertThat(stranger.texts()).containsExactly("[[[:a/b 1] [:a/b 1] [:a/b 1]] nil]");
    scene.server.pushAnonymous(Event.of("chsk/close"));
    scene.time.settle();
    assertThat(stranger.isOpen()).isFalse();
  }

  /** What a compiler without nullness checks lets pass. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nobody() {
    return null;
  }

  // Breaking the protocol.

  @Test
  void v24_anUnreadablePostEndsTheSession() {
    for (var bad : List.of("][", "[[:chsk/ping]]", "[[[:a/b \"" + "x".repeat(2000) + "\"]]]")) {
      var scene = new Scene(o -> o.maxMessageBytes(1000));
      var token = session(scene.get(ALICE, "X-Sente", "2").text());
      var poll = poll(scene, ALICE, token);
      int expected = bad.length() > 1000 ? 413 : 400;
      assertThat(post(scene, ALICE + "&first=1", token, bad)).isEqualTo(expected);
      assertThat(poll.text()).contains(expected == 413 ? "4503" : "4501");
      assertThat(post(scene, ALICE + "&first=1", token, "[[[:a/b]]]")).isEqualTo(410);
    }
  }

  @Test
  void v24_soDoesAMessageTooLarge() {
    var scene = new Scene(o -> o.maxMessageBytes(1000));
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    scene.say(socket, "[[[:a/b \"" + "x".repeat(2000) + "\"]]]");
    assertThat(socket.closeCode()).isEqualTo(4503);
    assertThat(stream(scene, ALICE, token).texts().getFirst()).contains("unknown-session");
  }

  // The server's end.

  @Test
  void closingEndsAllSessionsAndTells() throws Exception {
    var scene = new Scene();
    stream(scene, ALICE).cut();
    var here = stream(scene, "uid=bob&client-id=b");
    scene.connect("uid=carol&client-id=c").cut();
    var waiting = scene.server.push("alice", Event.of("a/b"));
    scene.server.push("carol", Event.of("a/b"));
    var asked = scene.server.request("alice", Event.of("a/b"), Duration.ofMinutes(1));
    var outcome = waiting.outcome();
    scene.server.push("bob", Event.of("a/b", "before"));
    scene.server.close();
    scene.time.settle();
    assertThat(here.texts().get(1)).isEqualTo("[[[:a/b \"before\"]]]");
    assertThat(here.closeCode()).isEqualTo(4000);
    assertThat(outcome.getNow(null)).isEqualTo(new Delivery.Outcome(0, 1));
    assertThat(asked.getNow(null)).isEqualTo(new Reply.Closed());
    assertThat(scene.server.connectedUsers().any()).isEmpty();
    assertThat(scene.dropped)
        .contains(
            new Dropped("alice", "a", 2, Dropped.Reason.GONE),
            new Dropped("carol", "c", 1, Dropped.Reason.GONE));
    scene.pass(15_000);
    assertThat(scene.time.alarms()).isZero();
  }

  @Test
  void drainingKeepsThem() {
    var scene = new Scene();
    stream(scene, ALICE).cut();
    scene.server.push("alice", Event.of("a/b"));
    scene.server.drain(Duration.ZERO);
    scene.time.settle();
    assertThat(scene.dropped).isEmpty();
  }

  @Test
  void v23_whoComesBackAfterTheDrainIsNotToldOfItAgain() {
    var scene = new Scene();
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    var many = List.of(Event.of("a/b", "x".repeat(60_000)), Event.of("a/b", "y".repeat(60_000)));
    poll(scene, ALICE + "&received=0", token);
    scene.server.push("alice", many);
    scene.server.drain(Duration.ZERO);
    scene.time.settle();
    scene.server.undrain();
    poll(scene, ALICE + "&received=1", token);
    var third = poll(scene, ALICE + "&received=2", token);
    assertThat(third.isAnswered()).isFalse();
  }

  @Test
  void v23_whoComesBackAfterTheDrainIsClosedLikeOthers() {
    var scene = new Scene();
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    scene.server.drain(Duration.ZERO);
    scene.time.settle();
    scene.server.undrain();
    stream(scene, ALICE, token).cut();
    var many = new ArrayList<Event>();
    for (int i = 0; i < 3; i++) {
      many.add(Event.of("a/b", "x".repeat(60_000)));
    }
    var poll = poll(scene, ALICE + "&received=0", token);
    scene.server.push("alice", many);
    scene.server.close("alice");
    scene.time.settle();
    assertThat(poll.isAnswered()).isTrue();
    poll(scene, ALICE + "&received=1", token);
    poll(scene, ALICE + "&received=2", token);
    assertThat(poll(scene, ALICE + "&received=3", token).text()).contains(":code 4000");
  }

  // Small.

  @Test
  void v12_aLateRequestOfTheLastSessionButOneChangesNothing() {
    var scene = new Scene(o -> o.outboxMessages(1).detachedMessages(1));
    var first = stream(scene, ALICE);
    var firstToken = session(first.texts().getFirst());
    var token = firstToken;
    var socket = first;
    for (int i = 0; i < 2; i++) {
      socket.cut();
      scene.server.push("alice", Event.of("a/b", 1));
      scene.server.push("alice", Event.of("a/b", 2));
      scene.time.settle();
      socket = stream(scene, ALICE, token);
      token = session(socket.texts().getFirst());
      scene.say(socket, "[[[:test/nocb]]]");
    }
    var late = poll(scene, ALICE + "&received=0", firstToken);
    assertThat(late.text()).isEqualTo("[[:chsk/timeout]]");
    assertThat(stream(scene, ALICE, firstToken).closeCode()).isEqualTo(4002);
    assertThat(socket.isOpen()).isTrue();
  }

  @Test
  void k20_aCloseIsForTheConnectionThatIsThere() {
    var scene = new Scene();
    scene.connect(ALICE);
    scene.server.close("alice");
    scene.server.close("alice");
    scene.time.settle();
    var second = scene.connect(ALICE);
    assertThat(second.isOpen()).as("after two for the first").isTrue();
    second.stall(true);
    scene.server.close("alice");
    scene.time.settle();
    second.cut();
    var third = scene.connect(ALICE);
    assertThat(third.isOpen()).as("after one that came too late").isTrue();
    third.stall(true);
    scene.server.close("alice");
    scene.time.settle();
    var fourth = scene.connect(ALICE);
    assertThat(third.isOpen()).as("the one that was meant").isFalse();
    assertThat(fourth.isOpen()).as("the one that replaced it").isTrue();
  }

  @Test
  void v13_ofAChainOfSessionsOnlyTheNewestGetsAPush() {
    var scene = new Scene();
    stream(scene, ALICE);
    poll(scene, ALICE, "unknown");
    var newest = stream(scene, ALICE, "unknown");
    scene.dropped.clear();
    scene.server.push("alice", Event.of("a/b", 1));
    scene.time.settle();
    assertThat(newest.texts().getLast()).isEqualTo("[[[:a/b 1]]]");
    assertThat(scene.dropped).isEmpty();
  }

  @Test
  void v4_errorsAndHandshakesAreHeldToTheSizeTold() {
    var scene = new Scene(o -> o.maxMessageBytes(1000).handshakeData(r -> r.param("d").orElse("")));
    scene.server.on("test/long", event -> event.replyError("x".repeat(2000), null));
    var socket = stream(scene, ALICE);
    scene.say(socket, "[[[:chsk/request [1 [:test/long]]]]]");
    assertThat(socket.texts().getLast()).contains("handler-error");
    // What stands beside the data takes some 40 bytes in classic mode, and 200 in v2.
    var fits = "client-id=b&handshake%3F=1&d=" + "x".repeat(700);
    var fitsClassic = "client-id=b&handshake%3F=1&d=" + "x".repeat(900);
    var fitsNone = "client-id=b&handshake%3F=1&d=" + "x".repeat(1000);
    assertThat(ask(scene, fits).isSocket()).isTrue();
    assertThat(ask(scene, fitsClassic).status()).isEqualTo(500);
    assertThat(scene.get(fits, "X-Sente", "2").status()).isEqualTo(200);
    assertThat(scene.get(fitsClassic, "X-Sente", "2").status()).isEqualTo(500);
    assertThat(scene.get(fitsClassic).status()).isEqualTo(200);
    assertThat(scene.get(fitsNone).status()).isEqualTo(500);
  }
}
