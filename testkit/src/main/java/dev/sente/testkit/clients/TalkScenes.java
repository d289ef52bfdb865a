package dev.sente.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.packer.PackedValue;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Events, requests and answers, while nothing breaks. */
abstract class TalkScenes extends Scenes {

  @TestFactory
  Stream<DynamicTest> k4_v4_connectsAndIsToldWhoItIs() {
    return everywhere(
        stage -> {
          var state = stage.client().nextOpen();
          assertThat(state.transport()).isEqualTo(stage.setting.isPolling() ? "ajax" : "ws");
          assertThat(state.uid()).isEqualTo("ann");
          assertThat(Plain.of(state.handshakeData())).isEqualTo(Map.of("motd", "hello"));
          assertThat(state.firstOpen()).isTrue();
          assertThat(state.resumed()).isFalse();
          assertThat(state.lost()).isNull();
          assertThat(state.closed()).isNull();
        });
  }

  @TestFactory
  Stream<DynamicTest> everyValueComesBackAsItWas() {
    return everywhere(
        stage -> {
          var client = stage.client();
          client.echoes(null);
          client.echoes(true);
          client.echoes("grüß Gott 😀 \" \\ \n \u0000");
          client.echoes(-9_007_199_254_740_991L);
          client.echoes(0.1);
          client.echoes(List.of());
          client.echoes(Map.of());
          client.echoes(
              Map.of(
                  "a", 1L, "nested", Map.of("b", Arrays.asList(1L, null, List.of("x"))), "", 2L));
          // Long enough to be compressed, and to come in more than one read.
          client.echoes("lorem ipsum dolor sit amet ".repeat(4_000));
        });
  }

  @TestFactory
  Stream<DynamicTest> k11_k12_v7_eventsArriveOnceInOrderBothWays() {
    return everywhere(
        stage -> {
          var client = stage.openClient();
          int count = stage.setting.classic() && stage.setting.isPolling() ? 50 : 300;
          for (long i = 1; i <= count; i++) {
            assertThat(client.send(Stage.UP, i)).isTrue();
            stage.push("ann", i);
          }
          stage.allCame(client, count, count);
          assertThat(stage.heard()).allMatch(event -> "ann".equals(event.uid()));
          assertThat(client.got()).allMatch(event -> event.id().equals(Stage.DOWN));
        });
  }

  @TestFactory
  Stream<DynamicTest> k13_everyRequestHasItsOutcome() {
    return everywhere(
        stage -> {
          var client = stage.client();
          assertThat(client.ask("scene/bound", Map.of("text", "x", "number", 41)))
              .isEqualTo(new Reply.Value(PackedValue.of(42L)));
          failsWith(stage, client.ask("scene/fail", 1), "nope");
          failsWith(stage, client.ask("scene/throw", 1), "handler-error");
          failsWith(stage, client.ask("scene/nobody-knows", 1), "no-handler");
          failsWith(stage, client.ask("scene/bound", Map.of("number", "many")), "bad-data");
        });
  }

  /** In classic mode an error is a value like others. */
  private static void failsWith(Stage stage, Reply reply, String code) {
    if (reply instanceof Reply.Value(PackedValue value)) {
      assertThat(stage.setting.classic()).isTrue();
      assertThat(value.value())
          .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
          .containsEntry("code", code);
    } else {
      assertThat(reply)
          .isInstanceOfSatisfying(
              Reply.RemoteError.class, error -> assertThat(error.code()).isEqualTo(code));
    }
  }

  @TestFactory
  Stream<DynamicTest> aRequestWithoutAnswerTimesOut() {
    return everywhere(
        stage -> {
          var client = stage.client();
          client.nextOpen();
          var never = client.client().request("scene/never", null, Duration.ofMillis(50));
          assertThat(client.outcome(never)).isEqualTo(new Reply.TimedOut());
          client.echoes("still there");
        });
  }

  @TestFactory
  Stream<DynamicTest> manyRequestsAtOnceGetEachItsOwnAnswer() {
    return everywhere(
        stage -> {
          var client = stage.client();
          var replies = new ArrayList<CompletableFuture<Reply>>();
          for (long i = 0; i < 20; i++) {
            replies.add(client.asks("scene/echo", i));
          }
          for (long i = 0; i < 20; i++) {
            assertThat(client.outcome(replies.get((int) i)))
                .isEqualTo(new Reply.Value(PackedValue.of(i)));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> v5_theServerAsksAndIsAnswered() {
    return inV2(
        stage -> {
          var client = stage.openClient();
          var asked = ask(stage, "scene/echo", Map.of("a", List.of(1L, "b")));
          assertThat(asked).isInstanceOf(Reply.Value.class);
          assertThat(Plain.of(((Reply.Value) asked).value().value()))
              .isEqualTo(Map.of("a", List.of(1L, "b")));
          failsWith(stage, ask(stage, "scene/throw", null), "handler-error");
          failsWith(stage, ask(stage, "scene/nobody-knows", null), "no-handler");
          assertThat(client.got()).isEmpty();
        });
  }

  private static Reply ask(Stage stage, String id, @Nullable Object data) throws Exception {
    return stage
        .server()
        .request("ann", "client-1", Event.of(id, data), Watch.PATIENCE)
        .get(Watch.PATIENCE.toSeconds() + 30, TimeUnit.SECONDS);
  }

  @TestFactory
  Stream<DynamicTest> everyClientOfAUserHearsWhatIsPushed() {
    return everywhere(
        stage -> {
          var one = stage.openClient();
          var two = stage.client(stage.options().withClientId("client-2"));
          two.nextOpen();
          var other =
              stage.openClient(stage.options().withClientId("c3").with(Credentials.of("bob")));
          // In classic mode a client without WebSocket hears from its first poll on.
          for (long i = 1; two.got().isEmpty(); i++) {
            stage.push("ann", i);
            one.hears((int) i);
          }
          stage.push("bob", "for bob");
          other.hears(1);
          assertThat(other.data()).containsExactly("for bob");
          assertThat(one.data()).doesNotContain("for bob");
          stage.server().broadcast(Event.of("scene/all"));
          for (var actor : List.of(one, two, other)) {
            stage.until(
                "the broadcast",
                () -> actor.got().getLast().equals(new Actor.Got("scene/all", null)));
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> k24_aClientWithoutUserIsToldSo() {
    return inV2(
        stage -> {
          var client = stage.client(stage.options().with(Credentials.of(null)));
          assertThat(client.nextOpen().uid()).isNull();
          stage.server().pushAnonymous(Event.of(Stage.DOWN, 1L));
          client.send(Stage.UP, 1L);
          stage.allCame(client, 1, 1);
          assertThat(stage.heard().getFirst().uid()).isNull();
        });
  }

  @TestFactory
  Stream<DynamicTest> v9_whatTheClientHasIsAcknowledged() {
    return withFewPackers(
        setting -> !setting.classic(),
        options -> options,
        stage -> {
          stage.openClient();
          var outcome =
              stage
                  .server()
                  .push("ann", Event.of(Stage.DOWN, 1L))
                  .outcome()
                  .get(Watch.PATIENCE.toSeconds(), TimeUnit.SECONDS);
          assertThat(outcome.acknowledged()).isEqualTo(1);
          assertThat(outcome.unconfirmed()).isZero();
        });
  }

  /** However much is pushed: many times what may wait for it, within a second. */
  @TestFactory
  Stream<DynamicTest> v9_aClientThatKeepsUpIsNotTooSlow() {
    return withFewPackers(
        setting -> !setting.classic(),
        options -> options.outboxBytes(400_000),
        stage -> {
          var client = stage.openClient();
          var text = "0123456789".repeat(3_000);
          for (int i = 1; i <= 40; i++) {
            stage.push("ann", text);
            client.hears(i);
          }
          client.lostNothing();
        });
  }

  @TestFactory
  Stream<DynamicTest> k27_v19_aServerThatFallsBehindLosesNothing() {
    return inV2(
        options -> options.inboxEvents(4),
        stage -> {
          var mayGoOn = new CountDownLatch(1);
          stage.server().on("scene/slow", event -> mayGoOn.await());
          var client = stage.openClient();
          assertThat(client.send("scene/slow", null)).isTrue();
          for (long i = 1; i <= 40; i++) {
            assertThat(client.send(Stage.UP, i)).isTrue();
          }
          stage.push("ann", 1L);
          client.hears(1);
          mayGoOn.countDown();
          stage.allCame(client, 40, 1);
        });
  }

  @TestFactory
  Stream<DynamicTest> k15_pollsThatBringNothingAreFollowedByOthers() {
    return withFewPackers(
        Setting::isPolling,
        options -> options.longPollTimeout(Duration.ofMillis(20)),
        stage -> {
          var client = stage.openClient();
          int before = stage.requests.get();
          stage.until("five more polls", () -> stage.requests.get() >= before + 5);
          stage.push("ann", 1L);
          stage.allCame(client, 0, 1);
          client.stayedOpen();
        });
  }
}
