package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.server.Dropped;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassicWebSocketTest {

  private static final String ALICE = "uid=alice&client-id=a";
  private static final String ALICE_HANDSHAKE = "[[:chsk/handshake [\"alice\" nil nil]] nil]";

  @Test
  void firstFrameIsTheHandshake() {
    var scene = new Scene(o -> o.handshakeData(r -> Map.of("motd", "hello")));
    assertThat(scene.connect(ALICE).texts())
        .containsExactly("[[:chsk/handshake [\"alice\" nil {\"motd\" \"hello\"}]] nil]");
  }

  @Test
  void clientWithoutUserIsToldNilUid() {
    var scene = new Scene();
    assertThat(scene.connect("client-id=a").texts())
        .containsExactly("[[:chsk/handshake [:sente/nil-uid nil nil]] nil]");
    assertThat(scene.events).containsExactly("chsk/uidport-open :sente/nil-uid from null");
    assertThat(scene.server.connectedUsers().any()).isEmpty();
  }

  @Test
  void eventIsHandledAndAnswered() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:test/echo {:a 1}] \"cb1\"]");
    scene.say(socket, "[[:test/echo nil] 77]");
    assertThat(socket.texts()).containsExactly("[{:a 1} \"cb1\"]", "[nil 77]");
  }

  @Test
  void falseAndMissingCallbackAskForNoAnswer() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:test/echo 1] false]");
    scene.say(socket, "[[:test/echo 2]]");
    assertThat(socket.texts()).isEmpty();
    assertThat(scene.events).contains("test/echo 1 from alice", "test/echo 2 from alice");
  }

  /** K18: its answer to a ping waits behind its own message. */
  @Test
  void aClientWhoseMessageIsComingIsAliveButNotForEver() {
    var scene = new Scene();
    var slow = scene.connect(ALICE);
    for (int i = 0; i < 60; i++) {
      slow.sendPart();
      scene.pass(4_000);
    }
    scene.say(slow, "[[:test/echo 1] \"cb\"]");
    assertThat(slow.texts()).contains("[:chsk/ws-ping nil]", "[1 \"cb\"]");
    int parts = 0;
    while (slow.isOpen()) {
      slow.sendPart();
      scene.pass(1_000);
      parts++;
    }
    assertThat(parts).isBetween(300, 345);
  }

  @Test
  void onlyTheFirstAnswerCounts() {
    var scene = new Scene();
    var answers = new ArrayList<Boolean>();
    scene.server.on(
        "test/twice",
        event -> {
          answers.add(event.reply(1));
          answers.add(event.reply(2));
        });
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:test/twice] \"cb1\"]");
    assertThat(socket.texts()).containsExactly("[1 \"cb1\"]");
    assertThat(answers).containsExactly(true, false);
  }

  @Test
  void pushesMadeTogetherLeaveInOneFrameInOrder() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    for (int i = 0; i < 3; i++) {
      scene.server.push("alice", Event.of("test/pushed", i));
    }
    scene.time.settle();
    assertThat(socket.texts())
        .containsExactly("[[[:test/pushed 0] [:test/pushed 1] [:test/pushed 2]] nil]");
  }

  @Test
  void answersAndPushesKeepTheirOrder() {
    var scene = new Scene();
    scene.server.on(
        "test/mix",
        event -> {
          scene.server.push("alice", Event.of("test/pushed", 1));
          event.reply("answer");
          scene.server.push("alice", Event.of("test/pushed", 2));
        });
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:test/mix] \"cb1\"]");
    assertThat(socket.texts())
        .containsExactly(
            "[[[:test/pushed 1]] nil]", "[\"answer\" \"cb1\"]", "[[[:test/pushed 2]] nil]");
  }

  @Test
  void batchWindowGathersAndFlushDoesNotWait() {
    var scene = new Scene(o -> o.webSocketBatchWindow(Duration.ofMillis(30)));
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.server.push("alice", Event.of("test/pushed", 1));
    scene.pass(29);
    assertThat(socket.texts()).isEmpty();
    scene.pass(1);
    assertThat(socket.texts()).containsExactly("[[[:test/pushed 1]] nil]");
    scene.server.push("alice", Event.of("test/pushed", 2));
    scene.server.push("alice", Event.of("test/pushed", 3), true);
    scene.time.settle();
    assertThat(socket.texts()).containsExactly("[[[:test/pushed 2] [:test/pushed 3]] nil]");
    scene.pass(100);
    assertThat(socket.texts()).isEmpty();
  }

  @Test
  void clientsShareABatchWindowSoThatNoneWaitsLonger() {
    var scene = new Scene(o -> o.webSocketBatchWindow(Duration.ofMillis(30)));
    var alice = scene.connect(ALICE);
    var bob = scene.connect("uid=bob&client-id=b");
    List.of(alice, bob).forEach(InMemorySocket::texts);
    scene.server.push("alice", Event.of("test/pushed", 1));
    scene.pass(20);
    scene.server.push("bob", Event.of("test/pushed", 2));
    scene.pass(9);
    assertThat(alice.texts()).isEmpty();
    assertThat(bob.texts()).isEmpty();
    scene.pass(1);
    assertThat(alice.texts()).containsExactly("[[[:test/pushed 1]] nil]");
    assertThat(bob.texts()).containsExactly("[[[:test/pushed 2]] nil]");
    scene.server.push("bob", Event.of("test/pushed", 3));
    scene.pass(29);
    assertThat(bob.texts()).isEmpty();
    scene.pass(1);
    assertThat(bob.texts()).containsExactly("[[[:test/pushed 3]] nil]");
  }

  @Test
  void everyClientOfAUserGetsAPushAndNobodyElse() {
    var scene = new Scene();
    var a = scene.connect(ALICE);
    var b = scene.connect("uid=alice&client-id=b");
    var bob = scene.connect("uid=bob&client-id=a");
    var nobody = scene.connect("client-id=c");
    List.of(a, b, bob, nobody).forEach(InMemorySocket::texts);
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.pushAnonymous(Event.of("test/anonymous"));
    scene.time.settle();
    assertThat(a.texts()).containsExactly("[[[:test/x 1]] nil]");
    assertThat(b.texts()).containsExactly("[[[:test/x 1]] nil]");
    assertThat(bob.texts()).isEmpty();
    assertThat(nobody.texts()).containsExactly("[[[:test/anonymous]] nil]");
    scene.server.broadcast(Event.of("test/all"));
    scene.time.settle();
    for (var socket : List.of(a, b, bob, nobody)) {
      assertThat(socket.texts()).containsExactly("[[[:test/all]] nil]");
    }
  }

  @Test
  void userOpensOnceAndClosesAfterTheGrace() {
    var scene = new Scene();
    var a = scene.connect(ALICE);
    var b = scene.connect("uid=alice&client-id=b");
    assertThat(scene.server.connectedUsers().webSocket()).containsExactly("alice");
    assertThat(scene.server.connectedUsers().ajax()).isEmpty();
    a.closeByClient(1000);
    b.cut();
    scene.pass(2499);
    assertThat(scene.events).containsExactly("chsk/uidport-open alice from alice");
    scene.pass(1);
    assertThat(scene.events)
        .containsExactly(
            "chsk/uidport-open alice from alice", "chsk/uidport-close alice from alice");
    assertThat(scene.server.connectedUsers().any()).isEmpty();
    assertThat(scene.presence).hasSize(2);
    assertThat(scene.presence.getFirst().came()).isTrue();
    assertThat(scene.presence.getLast().went()).isTrue();
  }

  @Test
  void backWithinTheGraceIsInvisibleAndGetsWhatWaitedInOrder() {
    var scene = new Scene();
    scene.connect(ALICE).cut();
    scene.time.settle();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.pass(1000);
    scene.server.push("alice", Event.of("test/x", 2));
    scene.pass(1000);
    var back = scene.connect(ALICE);
    assertThat(back.texts()).containsExactly(ALICE_HANDSHAKE, "[[[:test/x 1] [:test/x 2]] nil]");
    scene.pass(10_000);
    assertThat(scene.events).containsExactly("chsk/uidport-open alice from alice");
    assertThat(scene.dropped).isEmpty();
  }

  @Test
  void whatCannotBeDeliveredIsTold() {
    var scene = new Scene();
    scene.connect(ALICE).cut();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.push("alice", Event.of("test/x", 2));
    scene.pass(2500);
    assertThat(scene.dropped).containsExactly(new Dropped("alice", "a", 2, Dropped.Reason.GONE));
  }

  @Test
  void overflowClosesTheSlowClientOnlyAndIsTold() {
    var scene = new Scene(o -> o.outboxMessages(3));
    var slow = scene.connect(ALICE);
    var other = scene.connect("uid=alice&client-id=b");
    slow.stall(true);
    for (int i = 0; i < 4; i++) {
      scene.server.push("alice", Event.of("test/x", i));
      scene.time.settle();
    }
    assertThat(slow.closeCode()).isEqualTo(4001);
    assertThat(other.isOpen()).isTrue();
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 4, Dropped.Reason.OVERFLOW));
  }

  @Test
  void clientsPingIsAnswered() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:chsk/ws-ping] \"cb7\"]");
    assertThat(socket.texts()).containsExactly("[\"pong\" \"cb7\"]");
    scene.say(socket, "[[:chsk/ws-ping] nil]");
    assertThat(socket.texts()).isEmpty();
  }

  @Test
  void silentClientIsPingedAndThenClosed() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.pass(12_500);
    assertThat(socket.texts()).containsExactly("[:chsk/ws-ping nil]");
    scene.say(socket, "[[:chsk/ws-pong] nil]");
    scene.pass(22_499);
    assertThat(socket.texts()).containsExactly("[:chsk/ws-ping nil]");
    assertThat(socket.isOpen()).isTrue();
    scene.pass(1);
    assertThat(socket.closeCode()).isEqualTo(1000);
  }

  @Test
  void pushingDoesNotHideADeadClient() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    for (int i = 0; i < 30; i++) {
      scene.server.push("alice", Event.of("test/x", i));
      scene.pass(1000);
    }
    assertThat(socket.closeCode()).isEqualTo(1000);
  }

  @Test
  void closeComesAfterWhatWasPushedBefore() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.push("alice", Event.of("chsk/close"));
    scene.time.settle();
    assertThat(socket.texts()).containsExactly("[[[:test/x 1]] nil]");
    assertThat(socket.closeCode()).isEqualTo(1000);
    assertThat(socket.closeReason()).isEmpty();
    scene.pass(2500);
    assertThat(scene.events).endsWith("chsk/uidport-close alice from alice");
  }

  @Test
  void whatIsLargerThanAllowedIsNotSent() {
    var scene = new Scene(options -> options.maxMessageBytes(1000));
    var large = "x".repeat(1000);
    scene.server.on("test/large", event -> event.reply(large));
    var socket = scene.connect(ALICE);
    socket.texts();
    assertThatThrownBy(() -> scene.server.push("alice", Event.of("a/b", large)))
        .isInstanceOf(PackException.class);
    scene.say(socket, "[[:test/large] \"cb1\"]");
    assertThat(socket.texts()).containsExactly("[{:code \"handler-error\"} \"cb1\"]");
    assertThat(scene.post(ALICE, "[[:test/large] :ajax]").text())
        .isEqualTo("[{:code \"handler-error\"} nil]");
    assertThat(scene.errors).hasSize(2).allMatch(PackException.class::isInstance);
    for (int i = 0; i < 10; i++) {
      scene.server.push("alice", Event.of("a/b", "x".repeat(300)));
    }
    scene.time.settle();
    assertThat(socket.texts()).hasSizeGreaterThan(4).allMatch(text -> text.length() <= 1000);
  }

  @Test
  void throwingHandlerAnswersAtOnceWithoutInternals() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:test/throw] \"cb1\"]");
    assertThat(socket.texts()).containsExactly("[{:code \"handler-error\"} \"cb1\"]");
    assertThat(scene.errors).hasSize(1);
  }

  record Say(String text) {}

  @Test
  void typedHandlerGetsItsRecordAndAMismatchNamesTheField() {
    var scene = new Scene();
    scene.server.on("chat/say", Say.class, (say, event) -> event.reply(say));
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:chat/say {:text \"hi\"}] \"cb1\"]");
    scene.say(socket, "[[:chat/say {:text [1 2]}] \"cb2\"]");
    var texts = socket.texts();
    assertThat(texts.getFirst()).isEqualTo("[{:text \"hi\"} \"cb1\"]");
    assertThat(texts.getLast())
        .contains(":code \"bad-data\"")
        .contains("text")
        .endsWith("\"cb2\"]");
  }

  @Test
  void eventWithoutHandlerIsAnswered() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:test/unknown] \"cb1\"]");
    assertThat(socket.texts().getFirst()).contains("no-handler");
  }

  @Test
  void forgedProtocolIdsAreRefused() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    scene.say(socket, "[[:chsk/uidport-close \"alice\"] \"cb1\"]");
    scene.say(socket, "[[:chsk/uidport-open \"eve\"] nil]");
    scene.say(socket, "[[:chsk/ws-ping nil nil] nil]");
    assertThat(socket.texts().getFirst()).contains("bad-event").endsWith("\"cb1\"]");
    assertThat(scene.events)
        .containsExactly(
            "chsk/uidport-open alice from alice",
            "chsk/bad-event [:chsk/uidport-close, alice] from alice",
            "chsk/bad-event [:chsk/uidport-open, eve] from alice",
            "chsk/bad-event [:chsk/ws-ping, null, null] from alice");
  }

  @Test
  void unreadableMessagesAreToldAndTheConnectionStays() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    for (var bad : List.of("", "][", "[", "nil", "{}", "[[:a/b] 1 2]", "#inst \"x\"", "\u0000")) {
      scene.say(socket, bad);
    }
    socket.sendBytes(new byte[] {1, 2, 3}, true);
    scene.time.settle();
    assertThat(socket.isOpen()).isTrue();
    assertThat(scene.events).filteredOn(e -> e.startsWith("chsk/bad-event")).hasSize(9);
    scene.say(socket, "[[:test/echo 1] \"cb1\"]");
    assertThat(socket.texts()).containsExactly("[1 \"cb1\"]");
  }

  @Test
  void floodOfUnreadableMessagesEndsTheConnection() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    for (int i = 0; i < 101; i++) {
      scene.say(socket, "][");
    }
    assertThat(socket.closeCode()).isEqualTo(4501);
  }

  @Test
  void oversizedMessageEndsTheConnectionWithItsCode() {
    var scene = new Scene(o -> o.maxMessageBytes(100));
    var socket = scene.connect(ALICE);
    scene.say(socket, "[[:test/echo \"" + "x".repeat(100) + "\"] nil]");
    assertThat(socket.closeCode()).isEqualTo(4503);
  }

  @Test
  void deepNestingIsUnreadable() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    scene.say(socket, "[[:test/echo " + "[".repeat(100_000) + "] nil]");
    scene.say(socket, "[[:test/echo " + "[".repeat(200) + "]".repeat(200) + "] nil]");
    assertThat(socket.isOpen()).isTrue();
    assertThat(scene.events).filteredOn(e -> e.startsWith("test/echo")).isEmpty();
  }

  @Test
  void newerSocketOfTheSameClientGetsThePushesAndBothMaySend() {
    var scene = new Scene();
    var older = scene.connect(ALICE);
    var newer = scene.connect(ALICE);
    older.texts();
    newer.texts();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.say(older, "[[:test/echo 1] \"cb1\"]");
    assertThat(older.texts()).containsExactly("[1 \"cb1\"]");
    assertThat(newer.texts()).containsExactly("[[[:test/x 1]] nil]");
    older.closeByClient(1000);
    scene.pass(10_000);
    assertThat(scene.events)
        .containsExactly("chsk/uidport-open alice from alice", "test/echo 1 from alice");
  }

  /** A machine may stand still for that long at any moment. */
  @Test
  void aGraceThatIsOverBeforeTheSocketOpensBeginsAnotherSession() {
    var scene =
        new Scene(
            options -> {
              var time = new FakeTime();
              return options
                  .time(
                      new Time() {
                        @Override
                        public long millis() {
                          return time.millis();
                        }

                        @Override
                        public Alarm after(Duration delay, Runnable task) {
                          if (delay.equals(Duration.ofMillis(7))) {
                            task.run();
                            return () -> {};
                          }
                          return time.after(delay, task);
                        }
                      })
                  .ajaxReconnectGrace(Duration.ofMillis(7));
            });
    for (int i = 0; i < 3; i++) {
      var socket = scene.connect(ALICE);
      socket.texts();
      scene.say(socket, "[[:test/echo " + i + "] \"cb\"]");
      assertThat(socket.texts()).containsExactly("[" + i + " \"cb\"]");
    }
  }

  /** Else a client that asks on and on would fill the server's memory. */
  @Test
  void anOlderSocketThatReadsNoAnswersIsClosed() {
    var scene = new Scene(options -> options.outboxMessages(10));
    var older = scene.connect(ALICE);
    older.texts();
    scene.connect(ALICE);
    older.stall(true);
    for (int i = 0; i < 10; i++) {
      scene.say(older, "[[:test/echo " + i + "] \"cb\"]");
    }
    assertThat(older.isOpen()).isTrue();
    assertThat(older.texts()).isEmpty();
    scene.say(older, "[[:test/echo 10] \"cb\"]");
    assertThat(older.closeCode()).isEqualTo(4001);
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 11, Dropped.Reason.OVERFLOW));
  }

  @Test
  void anotherUsersClientWithTheSameIdIsAnotherClient() {
    var scene = new Scene();
    var alice = scene.connect(ALICE);
    var eve = scene.connect("uid=eve&client-id=a");
    alice.texts();
    eve.texts();
    scene.server.push("alice", Event.of("test/secret"));
    scene.time.settle();
    assertThat(alice.texts()).hasSize(1);
    assertThat(eve.texts()).isEmpty();
  }

  @Test
  void simulatedBadConnectionsAreCut() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    scene.server.simulateBadConnections(1);
    scene.say(socket, "[[:test/echo 1] \"cb1\"]");
    assertThat(socket.closeCode()).isEqualTo(1006);
  }

  @Test
  void stoppedServerClosesAndRefuses() {
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    scene.server.close();
    scene.time.settle();
    assertThat(socket.closeCode()).isEqualTo(1001);
    assertThat(scene.get("uid=bob&client-id=b").status()).isEqualTo(503);
  }

  @Test
  void nothingIsLeftBehindWhenAllAreGone() {
    var scene = new Scene();
    for (int i = 0; i < 50; i++) {
      scene.connect("uid=u" + i + "&client-id=a").cut();
    }
    scene.pass(60_000);
    assertThat(scene.time.alarms()).isZero();
    assertThat(scene.server.connectedUsers().any()).isEmpty();
  }

  /** Else it would leave no room for an answer. */
  @Test
  void k31_aCallbackThatIsLongIsUnreadable() {
    for (var callback :
        List.of(
            "\"" + "x".repeat(257) + "\"",
            ":" + "x".repeat(257),
            "9".repeat(300),
            "9".repeat(300) + "M",
            "1E300M")) {
      var scene = new Scene();
      var socket = scene.connect(ALICE);
      socket.texts();
      scene.say(socket, "[[:test/echo 1] " + callback + "]");
      assertThat(socket.texts()).as(callback).isEmpty();
      assertThat(scene.events.getLast()).isEqualTo("chsk/bad-event null from alice");
    }
    var scene = new Scene();
    var socket = scene.connect(ALICE);
    socket.texts();
    var longest = "\"" + "x".repeat(256) + "\"";
    scene.say(socket, "[[:test/echo 1] " + longest + "]");
    assertThat(socket.texts()).containsExactly("[1 " + longest + "]");
  }

  @Test
  void whatCannotBeAnsweredEndsNothing() {
    var scene = new Scene(o -> o.maxMessageBytes(30));
    var socket = scene.connect(ALICE);
    scene.say(socket, "[[:chsk/ws-ping] \"xxxxxxxxxx\"]");
    scene.say(socket, "[1 \"xxxxxxxxxx\"]");
    assertThat(socket.isOpen()).isTrue();
    assertThat(scene.events.getLast()).isEqualTo("chsk/bad-event 1 from alice");
  }
}
