package dev.sente.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.server.Builder;
import dev.sente.testkit.Fault;
import dev.sente.testkit.Fault.Direction;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Connections that break, are refused, or bring nothing. */
abstract class BreakScenes extends TalkScenes {

  /** How many events go each way where everything breaks again and again. */
  private static final int EVENTS = 2_000;

  /** How far apart the two ends may be meanwhile. */
  private static final int WINDOW = 100;

  /** A server that soon notices what is dead. */
  private static Builder hasty(Builder options) {
    return options
        .longPollTimeout(Duration.ofMillis(500))
        .webSocketKeepAlive(Duration.ofSeconds(1))
        .webSocketPingTimeout(Duration.ofMillis(500));
  }

  private static TestedOptions hasty(TestedOptions options) {
    return options.with(Duration.ofMillis(500), Duration.ofSeconds(2));
  }

  @TestFactory
  Stream<DynamicTest> whatIsSaidBeforeThereIsAConnectionWaits() {
    return everywhere(
        stage -> {
          stage.network.refuse(true);
          var client = stage.client();
          for (long i = 1; i <= 10; i++) {
            assertThat(client.send(Stage.UP, i)).isTrue();
          }
          var reply = client.asks("scene/echo", "asked early");
          client.next("failed", state -> state.closed() != null);
          stage.network.refuse(false);
          assertThat(client.nextOpen().firstOpen()).isTrue();
          assertThat(client.outcome(reply)).isInstanceOf(Reply.Value.class);
          stage.allCame(client, 10, 0);
        });
  }

  @TestFactory
  Stream<DynamicTest> v14_aConnectionThatIsCutIsFollowedByAnother() {
    return everywhere(
        stage -> {
          var client = stage.openClient();
          for (var kind : List.of(Fault.Kind.CUT, Fault.Kind.RESET)) {
            stage.network.breakAll(kind);
            if (!stage.setting.isPolling()) {
              client.nextClosed();
              assertThat(client.nextOpen().resumed()).isEqualTo(!stage.setting.classic());
            }
            if (stage.setting.classic()) {
              client.echoesAtLast("there again");
            } else {
              client.echoes("there again");
            }
          }
          client.lostNothing();
        });
  }

  @TestFactory
  Stream<DynamicTest> v12_whatIsPushedWhileItIsAwayArrives() {
    return inV2(
        stage -> {
          var client = stage.openClient();
          stage.cutOff();
          client.nextClosed();
          for (long i = 1; i <= 30; i++) {
            stage.push("ann", i);
            client.send(Stage.UP, i);
          }
          var reply =
              stage.server().request("ann", Event.of("scene/echo", "asked"), Watch.PATIENCE);
          stage.network.refuse(false);
          stage.allCame(client, 30, 30);
          assertThat(client.outcome(reply)).isInstanceOf(Reply.Value.class);
          client.lostNothing();
        });
  }

  /** Some of the first connections end within the handshake, others within frames. */
  @TestFactory
  Stream<DynamicTest> v6_v14_v18_aCutMayComeAtAnyByte() {
    return inV2(
        stage -> {
          var early =
              Fault.random(
                  stage.setting.toString().hashCode(), 1_200, Fault.Kind.CUT, Fault.Kind.RESET);
          stage.network.faults(number -> number <= 8 ? early.apply(number) : Fault.NONE);
          var client = stage.client();
          // What is pushed to a session that the client has not heard of is lost with it.
          client.nextOpen();
          var replies = new ArrayList<CompletableFuture<Reply>>();
          for (long i = 1; i <= 100; i++) {
            stage.push("ann", i);
            client.send(Stage.UP, i);
            if (i % 20 == 0) {
              replies.add(client.asks("scene/echo", i));
            }
          }
          stage.allCame(client, 100, 100);
          for (var reply : replies) {
            assertThat(client.outcome(reply)).isInstanceOf(Reply.Value.class);
          }
          client.lostNothing();
        });
  }

  @TestFactory
  Stream<DynamicTest> v12_v22_everyKindOfFaultIsSurvived() {
    return Stream.of(Fault.Kind.values())
        .flatMap(
            kind ->
                withOnePacker(
                        setting -> !setting.classic(),
                        BreakScenes::hasty,
                        stage -> {
                          var client = stage.openClient(hasty(stage.options()));
                          for (long i = 1; i <= 2; i++) {
                            client.send(Stage.UP, i);
                            stage.push("ann", i);
                            stage.network.breakAll(kind);
                            client.echoes(i);
                          }
                          stage.allCame(client, 2, 2);
                          client.lostNothing();
                        })
                    .map(
                        test ->
                            DynamicTest.dynamicTest(
                                kind + " " + test.getDisplayName(), test.getExecutable())));
  }

  @TestFactory
  Stream<DynamicTest> aSlowNetworkDelaysOnly() {
    return withFewPackers(
        setting -> true,
        options -> options,
        stage -> {
          stage.network.faults(number -> Fault.slow(1_000_000));
          stage.openClient().echoes("0123456789".repeat(20_000));
        });
  }

  @TestFactory
  Stream<DynamicTest> v26_aWebSocketWithoutHandshakeIsGivenUpForLongPolling() {
    return withFewPackers(
        setting -> setting.type() == TestedOptions.Type.AUTO,
        options -> options,
        stage -> {
          stage.network.faults(
              number ->
                  number == 1 ? Fault.after(0, Direction.TO_CLIENT, Fault.Kind.STALL) : Fault.NONE);
          var client = stage.client(stage.options().with(Duration.ofMillis(100), Watch.PATIENCE));
          assertThat(client.nextOpen().transport()).isEqualTo("ajax");
          client.echoes(1L);
        });
  }

  @TestFactory
  Stream<DynamicTest> v26_whereNoWebSocketPassesItPollsInTheSameSessionAndMovesBack() {
    return inV2(
        setting -> setting.type() == TestedOptions.Type.AUTO,
        options -> options,
        stage -> {
          stage.isWebSocketBlocked = true;
          var client = stage.openClient();
          assertThat(client.states().getLast().transport()).isEqualTo("ajax");
          for (long i = 1; i <= 20; i++) {
            stage.push("ann", i);
            client.send(Stage.UP, i);
          }
          stage.isWebSocketBlocked = false;
          client.client().networkChanged();
          for (long i = 21; i <= 40; i++) {
            stage.push("ann", i);
            client.send(Stage.UP, i);
          }
          var moved =
              client.next("by WebSocket", state -> state.open() && state.transport().equals("ws"));
          assertThat(moved.resumed()).isTrue();
          for (long i = 41; i <= 60; i++) {
            stage.push("ann", i);
            client.send(Stage.UP, i);
          }
          stage.allCame(client, 60, 60);
          client.lostNothing();
        });
  }

  @TestFactory
  Stream<DynamicTest> classicTakesLongPollingWhereNoWebSocketPasses() {
    return withFewPackers(
        setting -> setting.classic() && setting.type() == TestedOptions.Type.AUTO,
        options -> options,
        stage -> {
          stage.isWebSocketBlocked = true;
          var client = stage.openClient();
          assertThat(client.states().getLast().transport()).isEqualTo("ajax");
          client.echoes(1L);
        });
  }

  /** Both ends are kept within some distance, so that there is always something under way. */
  @TestFactory
  Stream<DynamicTest> v7_thousandsOfEventsThroughRandomFaultsArriveOnceInOrder() {
    return withFewPackers(
        setting -> !setting.classic(),
        options ->
            hasty(options)
                .outboxMessages(100_000)
                .outboxBytes(100_000_000)
                .detachedMessages(100_000)
                .detachedBytes(100_000_000),
        stage -> {
          var client = stage.openClient(hasty(stage.options()));
          long seed = stage.setting.toString().hashCode();
          var random = new java.util.Random(seed);
          var kinds =
              new Fault.Kind[] {Fault.Kind.CUT, Fault.Kind.RESET, Fault.Kind.CUT, Fault.Kind.RESET};
          stage.network.faults(Fault.random(seed, 6_000, kinds));
          stage.network.breakAll(Fault.Kind.CUT);
          var replies = new ArrayList<CompletableFuture<Reply>>();
          for (int i = 1; i <= EVENTS; i++) {
            assertThat(client.send(Stage.UP, (long) i)).isTrue();
            stage.push("ann", (long) i);
            if (i % WINDOW == 0) {
              replies.add(client.asks("scene/echo", (long) i));
              disturb(stage, client, random, i / WINDOW);
              stage.hears(i - WINDOW / 2);
              client.hears(i - WINDOW / 2);
            }
          }
          stage.network.faults(number -> Fault.NONE);
          stage.isWebSocketBlocked = false;
          stage.allCame(client, EVENTS, EVENTS);
          for (var reply : replies) {
            assertThat(client.outcome(reply)).isInstanceOf(Reply.Value.class);
          }
          client.lostNothing();
          assertThat(stage.network.accepted()).isGreaterThan(5);
          if (stage.setting.type() == TestedOptions.Type.AUTO) {
            assertThat(client.states().stream().filter(TestedState::open))
                .extracting(TestedState::transport)
                .contains("ws", "ajax");
          }
        });
  }

  /**
   * Breaks what is open, however few bytes a packer makes of the events. Where there are two
   * transports, it must move from one to the other and back.
   */
  private static void disturb(Stage stage, Actor client, RandomGenerator random, int round)
      throws InterruptedException {
    boolean breaks = round % 2 == 1;
    stage.isWebSocketBlocked = breaks && stage.setting.type() == TestedOptions.Type.AUTO;
    if (breaks) {
      stage.network.breakAll(random.nextBoolean() ? Fault.Kind.CUT : Fault.Kind.RESET);
    } else if (stage.setting.type() == TestedOptions.Type.AUTO) {
      client.client().networkChanged();
    }
  }
}
