package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.server.Dropped;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClassicLongPollingTest {

  private static final String ALICE = "uid=alice&client-id=a";
  private static final String HANDSHAKE = "[[:chsk/handshake [\"alice\" nil nil]] nil]";

  private static Scene connected() {
    var scene = new Scene();
    assertThat(scene.get(ALICE + "&handshake%3F=1").text()).isEqualTo(HANDSHAKE);
    return scene;
  }

  @Test
  void unknownClientGetsTheHandshakeAndThenItsPollIsHeld() {
    var scene = new Scene();
    assertThat(scene.get(ALICE).text()).isEqualTo(HANDSHAKE);
    assertThat(scene.events).isEmpty();
    var poll = scene.get(ALICE);
    assertThat(poll.isAnswered()).isFalse();
    assertThat(scene.events).containsExactly("chsk/uidport-open alice from alice");
    assertThat(scene.server.connectedUsers().ajax()).containsExactly("alice");
  }

  @Test
  void handshakeParameterAsksForItEvenWhenEmptyOrUnescaped() {
    var scene = connected();
    assertThat(scene.get(ALICE + "&handshake%3F=").text()).isEqualTo(HANDSHAKE);
    assertThat(scene.get(ALICE + "&handshake?=1").text()).isEqualTo(HANDSHAKE);
  }

  @Test
  void pollIsAnsweredInTime() {
    var scene = connected();
    var poll = scene.get(ALICE);
    scene.pass(19_999);
    assertThat(poll.isAnswered()).isFalse();
    scene.pass(1);
    assertThat(poll.text()).isEqualTo("[:chsk/timeout nil]");
  }

  @Test
  void pollGathersPushesForAMoment() {
    var scene = connected();
    var poll = scene.get(ALICE);
    scene.server.push("alice", Event.of("test/x", 1));
    scene.pass(4);
    scene.server.push("alice", Event.of("test/x", 2));
    assertThat(poll.isAnswered()).isFalse();
    scene.pass(1);
    assertThat(poll.text()).isEqualTo("[[[:test/x 1] [:test/x 2]] nil]");
    assertThat(poll.response().headers()).containsEntry("X-Content-Type-Options", "nosniff");
  }

  /** Where handlers run at once, in the very moment in which the user comes. */
  @Test
  void k22_whoIsToldThatAUserCameCanPushToIt() {
    var scene = new Scene(options -> options.executor(Runnable::run));
    scene
        .server
        .connectedUsers()
        .onChange(change -> scene.server.push("alice", Event.of("test/welcome"), true));
    assertThat(scene.get(ALICE).text()).isEqualTo(HANDSHAKE);
    assertThat(scene.get(ALICE).text()).isEqualTo("[[[:test/welcome]] nil]");
  }

  @Test
  void flushDoesNotWait() {
    var scene = connected();
    var poll = scene.get(ALICE);
    scene.server.push("alice", Event.of("test/x", 1), true);
    assertThat(poll.text()).isEqualTo("[[[:test/x 1]] nil]");
  }

  @Test
  void whatIsPushedBetweenPollsArrivesInOrderWithTheNext() {
    var scene = connected();
    var poll = scene.get(ALICE);
    scene.server.push("alice", Event.of("test/x", 1), true);
    assertThat(poll.isAnswered()).isTrue();
    scene.server.push("alice", Event.of("test/x", 2), true);
    scene.pass(200);
    scene.server.push("alice", Event.of("test/x", 3), true);
    scene.pass(200);
    assertThat(scene.get(ALICE).text()).isEqualTo("[[[:test/x 2] [:test/x 3]] nil]");
  }

  @Test
  void abortedPollLosesNothingAndIsNoticedAtOnce() {
    var scene = connected();
    var poll = scene.get(ALICE);
    poll.abort();
    scene.server.push("alice", Event.of("test/x", 1), true);
    scene.pass(4000);
    assertThat(scene.get(ALICE).text()).isEqualTo("[[[:test/x 1]] nil]");
  }

  /** As where the application's hooks take longer than the client waits. */
  @Test
  void k17_aPollThatIsGoneBeforeItIsHeldLosesNothingEither() {
    var scene = connected();
    scene.get(ALICE).abort();
    scene.server.push("alice", Event.of("test/x", 1), true);
    var gone = scene.channels.get(ALICE);
    gone.abort();
    scene.time.settle();
    scene.server.push("alice", Event.of("test/x", 2), true);
    assertThat(scene.get(ALICE).text()).isEqualTo("[[[:test/x 1] [:test/x 2]] nil]");
    scene.pass(5000);
    assertThat(scene.events).endsWith("chsk/uidport-close alice from alice");
    assertThat(scene.dropped).isEmpty();
  }

  /** Its client has left it for a WebSocket, while the application's hooks were asked. */
  @Test
  void aPollThatIsGoneTakesNothingFromANewerWebSocket() {
    var scene = connected();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.channels.get(ALICE).abort();
    scene.time.settle();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.pass(10_000);
    assertThat(socket.isOpen()).isTrue();
    assertThat(socket.texts()).containsExactly("[[[:test/x 1]] nil]");
  }

  @Test
  void userClosesAfterTheGraceWithoutAPoll() {
    var scene = connected();
    scene.get(ALICE).abort();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.pass(4999);
    assertThat(scene.events).hasSize(1);
    scene.pass(1);
    assertThat(scene.events).endsWith("chsk/uidport-close alice from alice");
    assertThat(scene.dropped).containsExactly(new Dropped("alice", "a", 1, Dropped.Reason.GONE));
  }

  @Test
  void handshakeWithoutAPollNeverOpensTheUser() {
    var scene = connected();
    scene.pass(60_000);
    assertThat(scene.events).isEmpty();
    assertThat(scene.time.alarms()).isZero();
  }

  @Test
  void newerPollTakesOverAndTheOlderIsAnswered() {
    var scene = connected();
    var older = scene.get(ALICE);
    var newer = scene.get(ALICE);
    assertThat(older.text()).isEqualTo("[:chsk/timeout nil]");
    scene.server.push("alice", Event.of("test/x", 1), true);
    assertThat(newer.text()).isEqualTo("[[[:test/x 1]] nil]");
    assertThat(scene.events).hasSize(1);
  }

  @Test
  void closeAnswersTheHeldPoll() {
    var scene = connected();
    var poll = scene.get(ALICE);
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.close("alice");
    assertThat(poll.text()).isEqualTo("[[[:test/x 1]] nil]");
    scene.pass(5000);
    assertThat(scene.events).endsWith("chsk/uidport-close alice from alice");
  }

  @Test
  void postIsAnsweredWithTheReply() {
    var scene = connected();
    assertThat(scene.post(ALICE, "[[:test/echo {:a 1}] :ajax]").text()).isEqualTo("[{:a 1} nil]");
    assertThat(scene.post(ALICE, "[[:test/nocb 1] nil]").text())
        .isEqualTo("[:chsk/dummy-cb-200 nil]");
    assertThat(scene.post(ALICE, "[[:test/nocb 1]]").text()).isEqualTo("[:chsk/dummy-cb-200 nil]");
    assertThat(scene.post(ALICE, "[[:test/echo 2] false]").text())
        .isEqualTo("[:chsk/dummy-cb-200 nil]");
  }

  @Test
  void unansweredRequestEndsInTime() {
    var scene = connected();
    var post = scene.post(ALICE, "[[:test/never-reply] :ajax]");
    assertThat(post.isAnswered()).isFalse();
    scene.pass(20_000);
    assertThat(post.text()).isEqualTo("[:chsk/timeout nil]");
  }

  @Test
  void throwingHandlerAnswersAtOnce() {
    var scene = connected();
    assertThat(scene.post(ALICE, "[[:test/throw] :ajax]").text())
        .isEqualTo("[{:code \"handler-error\"} nil]");
  }

  @Test
  void badPostsAreRefusedClearly() {
    var scene = new Scene(o -> o.maxMessageBytes(200));
    assertThat(scene.post(ALICE, "][").status()).isEqualTo(400);
    assertThat(scene.post(ALICE, "nil").status()).isEqualTo(400);
    assertThat(scene.post("uid=alice", "[[:test/echo 1] :ajax]").status()).isEqualTo(400);
    assertThat(scene.post(ALICE, "[[:foo 1] :ajax]").text()).contains("bad-event");
    assertThat(scene.post(ALICE, "[[:chsk/uidport-close \"alice\"] :ajax]").text())
        .contains("bad-event");
    assertThat(scene.post(ALICE, "[[:test/echo \"" + "x".repeat(300) + "\"] nil]").status())
        .isEqualTo(413);
    var missing = scene.channels.post("client-id=a");
    scene.time.settle();
    assertThat(missing.status()).isEqualTo(400);
    assertThat(scene.post(ALICE + "&packer=nonsense", "[[:test/echo 1] :ajax]").text())
        .isEqualTo("Unknown packer, known are: edn, json");
  }

  @Test
  void moreEventsThanMayWaitAreRefused() {
    var scene = new Scene(o -> o.inboxEvents(2));
    scene.server.on("test/slow", event -> {});
    var first = scene.channels.post(form("[[:test/slow 1] nil]"));
    var second = scene.channels.post(form("[[:test/slow 2] nil]"));
    var third = scene.channels.post(form("[[:test/slow 3] nil]"));
    scene.time.settle();
    assertThat(first.status()).isEqualTo(200);
    assertThat(second.status()).isEqualTo(200);
    assertThat(third.status()).isEqualTo(429);
  }

  @Test
  void soAreFewerThatAreLarge() {
    var scene = new Scene(o -> o.maxMessageBytes(2_000));
    var large = form("[[:test/nocb \"" + "x".repeat(1_900) + "\"] nil]");
    var answers = Stream.generate(() -> scene.channels.post(large)).limit(20).toList();
    scene.time.settle();
    var statuses = answers.stream().map(answer -> answer.status()).toList();
    assertThat(statuses.subList(0, 17)).containsOnly(200);
    assertThat(statuses.subList(17, 20)).containsOnly(429);
  }

  private static String form(String packed) {
    return ALICE
        + "&ppstr="
        + java.net.URLEncoder.encode(packed, java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void moveBetweenTransportsIsOneUser() {
    var scene = connected();
    scene.get(ALICE);
    var socket = scene.connect(ALICE);
    assertThat(scene.server.connectedUsers().ajax()).isEmpty();
    assertThat(scene.server.connectedUsers().webSocket()).containsExactly("alice");
    socket.cut();
    scene.get(ALICE + "&handshake%3F=1");
    var poll = scene.get(ALICE);
    scene.server.push("alice", Event.of("test/x", 1), true);
    assertThat(poll.text()).isEqualTo("[[[:test/x 1]] nil]");
    assertThat(scene.server.connectedUsers().ajax()).containsExactly("alice");
    assertThat(scene.events).containsExactly("chsk/uidport-open alice from alice");
  }

  @Test
  void jsonIsChosenByName() {
    var scene = new Scene();
    assertThat(scene.get(ALICE + "&packer=json").text())
        .isEqualTo("[[\"chsk/handshake\",[\"alice\",null,null]],null]");
    assertThat(scene.post(ALICE + "&packer=json", "[[\"test/echo\",{\"a\":1}],true]").text())
        .isEqualTo("[{\"a\":1},null]");
  }
}
