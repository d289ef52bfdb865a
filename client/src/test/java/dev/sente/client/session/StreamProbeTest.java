package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.CloseReason;
import dev.sente.client.TransportChoice;
import dev.sente.client.TransportType;
import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.client.net.Network;
import dev.sente.client.net.Socket;
import dev.sente.client.net.SocketCall;
import dev.sente.client.net.SocketListener;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client in v2 that tries a WebSocket before and beside its polls (V26). */
class StreamProbeTest extends StreamScene {

  @Test
  void v26_theProbeTakesOver() {
    var client = openByPolling();
    var poll = network.request("GET");
    time.advance(Duration.ofSeconds(30));
    assertThat(network.sockets).hasSize(2);
    shake(handshake("T1", 0, true, "nil"));
    assertThat(client.state().type()).isEqualTo(TransportType.WS);
    assertThat(poll.aborted).isTrue();
    assertThat(network.isWaiting("GET")).isFalse();
  }

  @Test
  void v26_aProbeThatMeetsAServerWithoutV2HarmsNoSession() {
    var client = openByPolling();
    time.advance(Duration.ofSeconds(30));
    network.socket().listener.onOpen("");
    time.settle();
    assertThat(network.socket().closeCode).isEqualTo(4501);
    assertThat(errors).singleElement().asString().contains("CLASSIC");
    network.request("GET").answer("[[:chsk/timeout]]");
    time.settle();
    assertThat(client.state().open()).isTrue();
    assertThat(network.request("GET").call.headers()).containsEntry("X-Sente-Session", "T1");
  }

  @Test
  void v26_aSilentWebSocketIsGivenUpAfter5Seconds() {
    connect(options(TransportChoice.AUTO));
    time.advance(Duration.ofMillis(4999));
    assertThat(network.requests).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
    assertThat(network.socket().closeCode).isEqualTo(1000);
  }

  @Test
  void v26_anAttemptThatMeetsNoV2GoesOnByLongPolling() {
    var client = connect(options(TransportChoice.AUTO));
    network.socket().listener.onOpen("");
    time.settle();
    assertThat(errors).singleElement().asString().contains("CLASSIC");
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(client.state().open()).isTrue();
    // The server was restarted: neither gets through, then both.
    network.request("GET").answer(503, "", 0);
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(503, "", 0);
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.socket().listener.onOpen("");
    time.settle();
    assertThat(network.request("GET").call.headers()).containsEntry("X-Sente-Session", "T1");
  }

  /** As by a proxy that speaks first. */
  @ParameterizedTest
  @ValueSource(strings = {"welcome", "[[[:test/down 1]]]", "[[:chsk/nonsense]]"})
  void v26_aFirstFrameThatIsNoHandshakeIsFollowedByLongPolling(String first) {
    var client = connect(options(TransportChoice.AUTO));
    shake(first);
    assertThat(network.socket().closeCode).isEqualTo(4501);
    assertThat(errors).hasSize(1);
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(client.state().open()).isTrue();
    // Nor does it end the session where it meets a probe.
    time.advance(Duration.ofSeconds(30));
    shake(first);
    assertThat(client.state().open()).isTrue();
    // Where nothing else can be tried it is the server's.
    var other = connect(options(TransportChoice.WS));
    shake(first);
    assertThat(lastClose(other).reason()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void v26_aProbeThatCannotBeBegunLeavesThePollsAlone() {
    var isBroken = new AtomicBoolean();
    var broken =
        new Network() {
          @Override
          public Runnable send(HttpCall call, Consumer<HttpAnswer> done) {
            return network.send(call, done);
          }

          @Override
          public Socket open(SocketCall call, SocketListener listener) {
            if (isBroken.get()) {
              throw new IllegalStateException("no socket");
            }
            return network.open(call, listener);
          }
        };
    var client = connect(options(TransportChoice.AUTO).network(broken));
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    network.request("GET").answer(fresh("T1"));
    isBroken.set(true);
    time.advance(Duration.ofSeconds(30));
    assertThat(errors).containsExactly("connect: no socket");
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    assertThat(network.request("GET").param("received")).isEqualTo("1");
    assertThat(client.state().open()).isTrue();
  }
}
