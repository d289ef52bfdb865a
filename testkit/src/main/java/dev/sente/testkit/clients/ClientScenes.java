package dev.sente.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.Dropped;
import dev.sente.testkit.Fault;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What every client does, whatever it is written in: scenes with a real server and a network that
 * breaks, each played over WebSocket, long-polling and both, with every packer, and where it holds
 * there in classic mode too. Names begin with the rules of PROTOCOL.md that a scene proves. A
 * client's own test is small:
 *
 * <pre>{@code
 * final class MyClientScenesTest extends ClientScenes {
 *   @Override
 *   protected TestedClients clients() {
 *     return MyTestedClient::connect;
 *   }
 *
 *   @Override
 *   protected ServerOnPort serve(ChannelSocketServer engine) {
 *     var server = NettyServer.builder().engine(engine).port(0).start();
 *     return new ServerOnPort(server.port(), () -> server.close(Duration.ZERO));
 *   }
 * }
 * }</pre>
 *
 * <p>Scenes wait for what must happen, up to a minute, and measure no time. They can be played side
 * by side: {@code junit.jupiter.execution.parallel.enabled=true}.
 */
@Execution(ExecutionMode.CONCURRENT)
public abstract class ClientScenes extends BreakScenes {

  /** The scenes for one client. */
  protected ClientScenes() {}

  @TestFactory
  Stream<DynamicTest> v13_aServerThatForgotItIsFoundAndTheLossTold() {
    return everywhere(
        stage -> {
          var client = stage.openClient();
          client.echoes(1L);
          var pending = client.asks("scene/never", null);
          stage.until("the request has come", () -> stage.unanswered.get() == 1);
          // It does not come through, and the client cannot know.
          stage.network.breakAll(Fault.Kind.STALL);
          assertThat(client.send(Stage.UP, 1L)).isTrue();
          stage.restartServer();
          if (stage.setting.classic()) {
            client.echoesAtLast(2L);
          } else {
            var state = client.next("a loss", next -> next.lost() != null);
            assertThat(state.open()).isTrue();
            assertThat(state.lost()).isEqualTo("unknown-session");
            assertThat(state.resumed()).isFalse();
            client.echoes(2L);
            // What had gone out is told; what still waited for another POST goes into the new
            // session.
            assertThat(stage.heard()).hasSize(state.sent().contains(Stage.UP) ? 0 : 1);
          }
          assertThat(client.outcome(pending)).isEqualTo(new Reply.Closed());
        });
  }

  @TestFactory
  Stream<DynamicTest> v16_whoIsAwayForTooLongIsToldOnItsReturn() {
    // A new session has the grace time for its first poll, on a machine that is busy.
    return withOnePacker(
        setting -> !setting.classic(),
        options ->
            options
                .resumeWindow(Duration.ofMillis(10))
                .webSocketReconnectGrace(Duration.ofMillis(10))
                .ajaxReconnectGrace(Duration.ofSeconds(3)),
        stage -> {
          var client = stage.openClient();
          stage.cutOff();
          stage.push("ann", 1L);
          stage.until("the end of the session", () -> !stage.dropped.isEmpty());
          assertThat(stage.dropped).extracting(Dropped::reason).containsOnly(Dropped.Reason.GONE);
          stage.network.refuse(false);
          var state = client.next("a loss", next -> next.lost() != null);
          assertThat(state.lost()).isEqualTo("unknown-session");
          client.echoes(1L);
        });
  }

  @TestFactory
  Stream<DynamicTest> v16_whereTooMuchWaitsTheOverflowIsTold() {
    return inV2(
        options -> options.detachedMessages(5),
        stage -> {
          var client = stage.openClient();
          stage.cutOff();
          stage.until(
              "an overflow",
              () -> {
                stage.push("ann", 1L);
                return !stage.dropped.isEmpty();
              });
          assertThat(stage.dropped.getFirst().reason()).isEqualTo(Dropped.Reason.OVERFLOW);
          stage.network.refuse(false);
          assertThat(client.next("a loss", next -> next.lost() != null).lost())
              .isEqualTo("overflow");
          client.echoes(1L);
        });
  }

  @TestFactory
  Stream<DynamicTest> v13_k25_whoLogsInIsAnotherUser() {
    return everywhere(
        stage -> {
          var client = stage.openClient();
          client.client().credentials(Credentials.of("bob"));
          client.client().reconnect();
          var state = client.next("bob's", next -> next.open() && "bob".equals(next.uid()));
          assertThat(state.lost()).isEqualTo(stage.setting.classic() ? null : "uid-changed");
          stage.isPresent("bob");
          stage.push("bob", 1L);
          client.send(Stage.UP, 1L);
          stage.allCame(client, 1, 1);
          assertThat(stage.heard().getFirst().uid()).isEqualTo("bob");
        });
  }

  @TestFactory
  Stream<DynamicTest> v12_reconnectKeepsTheSession() {
    return everywhere(
        stage -> {
          var client = stage.openClient();
          client.client().reconnect();
          var ended = client.nextClosed();
          assertThat(ended.closed()).isEqualTo("requested-reconnect");
          var state = client.nextOpen();
          assertThat(state.resumed()).isEqualTo(!stage.setting.classic());
          assertThat(state.firstOpen()).isFalse();
          client.echoes(1L);
          client.lostNothing();
        });
  }

  /** In v2 the client says farewell; in classic mode its user goes after the grace time (K22). */
  @TestFactory
  Stream<DynamicTest> v25_disconnectEndsEverything() {
    return Stream.concat(
        inV2(ClientScenes::disconnects),
        inClassic(
            options ->
                options
                    .webSocketReconnectGrace(Duration.ofMillis(20))
                    .ajaxReconnectGrace(Duration.ofMillis(20)),
            ClientScenes::disconnects));
  }

  private static void disconnects(Stage stage) throws Exception {
    var client = stage.openClient();
    var pending = client.asks("scene/never", null);
    client.client().disconnect();
    assertThat(client.outcome(pending)).isEqualTo(new Reply.Closed());
    assertThat(client.nextClosed().closed()).isEqualTo("requested-disconnect");
    assertThat(client.send(Stage.UP, 1L)).isFalse();
    assertThat(client.ask("scene/echo", 1L)).isEqualTo(new Reply.Closed());
    stage.until("nobody", () -> stage.server().connectedUsers().any().isEmpty());

    client.client().connect();
    var state = client.nextOpen();
    assertThat(state.resumed()).isFalse();
    assertThat(state.lost()).isNull();
    client.echoes(1L);
    assertThat(stage.heard()).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> k27_k28_v23_aRefusedClientStaysAwayUntilToldOtherwise() {
    return everywhere(
        stage -> {
          stage.csrfToken = "a token";
          var wrong = new Credentials("ann", "wrong", null);
          var client = stage.client(stage.options().with(wrong));
          var state = client.next("refused", next -> "refused".equals(next.closed()));
          assertThat(state.status()).isEqualTo(403);
          assertThat(state.open()).isFalse();
          assertThat(client.send(Stage.UP, 1L)).isFalse();
          assertThat(client.ask("scene/echo", 1L)).isInstanceOf(Reply.Refused.class);
          client.client().credentials(new Credentials("ann", "a token", null));
          client.client().connect();
          client.nextOpen();
          client.echoes(1L);
          assertThat(stage.heard()).isEmpty();
        });
  }

  @TestFactory
  Stream<DynamicTest> v1_v2_authorizationIsAskedAnew() {
    return everywhere(
        stage -> {
          stage.authorization = "Bearer ö";
          var client = stage.client();
          var state = client.next("refused", next -> "refused".equals(next.closed()));
          assertThat(state.status()).isEqualTo(401);
          stage.authorization = "Bearer 1";
          client.client().credentials(new Credentials("ann", null, "Bearer 1"));
          client.client().connect();
          client.nextOpen();
          client.echoes(1L);
        });
  }

  @TestFactory
  Stream<DynamicTest> v25_whoIsSignedOutStaysAwayUntilItLogsIn() {
    return inV2(
        stage -> {
          var client = stage.openClient();
          stage.server().signOut("ann");
          var state = client.next("refused", next -> "refused".equals(next.closed()));
          assertThat(state.code()).isEqualTo(4500);
          assertThat(client.send(Stage.UP, 1L)).isFalse();
          client.client().connect();
          client.nextOpen();
          client.echoes(1L);
        });
  }

  @TestFactory
  Stream<DynamicTest> k20_whoIsClosedHasWhatWasPushedBeforeAndComesBack() {
    return everywhere(
        stage -> {
          var client = stage.openClient();
          stage.push("ann", 1L);
          stage.server().close("ann");
          client.hears(1);
          if (stage.setting.classic()) {
            client.echoesAtLast(1L);
          } else {
            client.echoes(1L);
          }
          client.lostNothing();
          assertThat(client.data()).containsExactly(1L);
        });
  }

  @TestFactory
  Stream<DynamicTest> v23_aServerThatDrainsIsComeBackTo() {
    return everywhere(
        stage -> {
          var client = stage.openClient();
          stage.server().drain(Duration.ofMillis(1));
          client.nextClosed();
          stage.push("ann", 1L);
          stage.server().undrain();
          assertThat(client.nextOpen().resumed()).isEqualTo(!stage.setting.classic());
          client.hears(1);
          client.echoes(1L);
          client.lostNothing();
        });
  }

  @TestFactory
  Stream<DynamicTest> aFullQueueTakesNoMore() {
    return everywhere(
        stage -> {
          stage.network.refuse(true);
          var client = stage.client(stage.options().withMaxQueuedMessages(3));
          for (long i = 1; i <= 3; i++) {
            assertThat(client.send(Stage.UP, i)).isTrue();
          }
          assertThat(client.send(Stage.UP, 4L)).isFalse();
          assertThat(client.ask("scene/echo", 1L)).isInstanceOf(Reply.Refused.class);
          stage.network.refuse(false);
          stage.allCame(client, 3, 0);
          // In v2 what is not acknowledged takes room, too.
          client.echoesAtLast(1L);
        });
  }

  @TestFactory
  Stream<DynamicTest> v4_aMessageTooLargeForTheServerIsNotTaken() {
    return inV2(
        options -> options.maxMessageBytes(5_000),
        stage -> {
          var client = stage.openClient();
          var large = new StringBuilder();
          new Random(1).ints(20_000, 'a', 'z').forEach(letter -> large.append((char) letter));
          assertThat(client.send(Stage.UP, large.toString())).isFalse();
          assertThat(client.ask("scene/echo", large.toString())).isInstanceOf(Reply.Refused.class);
          client.echoes(1L);
          client.lostNothing();
          client.stayedOpen();
        });
  }
}
