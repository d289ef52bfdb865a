package dev.sente.client;

import static dev.sente.client.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.testkit.Fault;
import dev.sente.testkit.FaultProxy;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** v2 through a network that breaks: everything arrives once and in order (V7, V12, V14, V19). */
@Timeout(300)
class DeliveryTest {

  /** Options that lose no time where a network is stalled; the chance is always to wait least. */
  private static ClientOptionsBuilder hasty() {
    return Loopback.as("ann")
        .clientId("c1")
        .handshakeTimeout(Duration.ofMillis(500))
        .pollTimeout(Duration.ofSeconds(2))
        .random(() -> 0)
        .maxQueuedMessages(100_000)
        .maxQueuedBytes(100_000_000);
  }

  private static Loopback start() {
    return Loopback.start(
        builder ->
            builder
                .longPollTimeout(Duration.ofMillis(500))
                .webSocketKeepAlive(Duration.ofSeconds(1))
                .webSocketPingTimeout(Duration.ofMillis(500))
                .outboxMessages(100_000)
                .outboxBytes(100_000_000)
                .detachedMessages(100_000)
                .detachedBytes(100_000_000));
  }

  @ParameterizedTest
  @CsvSource({
    "WS, 3000, 6000, 1",
    "WS, 3000, 6000, 2",
    "AJAX, 1000, 6000, 3",
    "AJAX, 1000, 6000, 4",
    "AUTO, 2000, 6000, 5",
    "AUTO, 2000, 6000, 6",
  })
  void v7_everyEventOnceInOrderBothWays(TransportChoice type, int events, int maxBytes, long seed)
      throws Exception {
    try (var server = start();
        var proxy = FaultProxy.to(server.port());
        var client = ChannelSocketClient.open(Loopback.by(proxy), hasty().type(type).build())) {
      var got = new LinkedBlockingQueue<Long>();
      client.on("n/down", Long.class, (number, event) -> got.add(number));
      var open = new LinkedBlockingQueue<ClientState>();
      client.onState((state, previous) -> open.add(state));
      client.connect();
      client.request("test/echo", 0).get(60, TimeUnit.SECONDS);

      proxy.faults(Fault.random(seed, maxBytes, Fault.Kind.CUT, Fault.Kind.RESET, Fault.Kind.CUT));
      proxy.breakAll(Fault.Kind.CUT);
      for (long i = 1; i <= events; i++) {
        assertThat(client.send("n/up", i)).isTrue();
        server.chsk.push("ann", Event.of("n/down", i));
        if (i % 100 == 0) {
          // Both sides are kept within some distance, so that there is always something under way.
          for (long n = i - 99; n <= i; n++) {
            assertThat(next(got)).isEqualTo(n);
            assertThat(next(server.heard).data()).isEqualTo(n);
          }
        }
      }
      assertThat(open).noneMatch(state -> state.lost() != null);
      assertThat(proxy.accepted()).isGreaterThan(5);
    }
  }

  @ParameterizedTest
  @EnumSource(Fault.Kind.class)
  void v12_everyKindOfFaultIsSurvivedOverBothTransports(Fault.Kind kind) throws Exception {
    for (var type : new TransportChoice[] {TransportChoice.WS, TransportChoice.AJAX}) {
      try (var server = start();
          var proxy = FaultProxy.to(server.port());
          var client =
              ChannelSocketClient.connect(Loopback.by(proxy), hasty().type(type).build())) {
        client.request("test/echo", 0).get(60, TimeUnit.SECONDS);
        for (long i = 0; i < 3; i++) {
          client.send("n/up", i);
          proxy.breakAll(kind);
          var reply = client.request(Event.of("test/echo", i), Loopback.PATIENCE);
          assertThat(((Reply.Value) reply.get(90, TimeUnit.SECONDS)).value().value()).isEqualTo(i);
          assertThat(next(server.heard).data()).isEqualTo(i);
        }
        assertThat(client.state().lost()).isNull();
        // A poll that is cut is asked again without a new handshake.
        assertThat(client.state().resumed()).isEqualTo(type == TransportChoice.WS);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TransportChoice.class)
  void v14_aRestartedServerForgetsAndTheClientIsTold(TransportChoice type) throws Exception {
    var first = start();
    try (var proxy = FaultProxy.to(first.port());
        var client = ChannelSocketClient.open(Loopback.by(proxy), hasty().type(type).build())) {
      var lost = new LinkedBlockingQueue<Lost>();
      client.onState(
          (state, previous) -> {
            if (state.lost() != null) {
              lost.add(state.lost());
            }
          });
      client.connect();
      client.request("test/echo", 0).get(60, TimeUnit.SECONDS);
      first.close();
      try (var second = start()) {
        proxy.target(second.port());
        proxy.breakAll(Fault.Kind.CUT);
        assertThat(next(lost).reason()).isEqualTo("unknown-session");
        var reply = client.request(Event.of("test/echo", 7), Loopback.PATIENCE);
        assertThat(((Reply.Value) reply.get(90, TimeUnit.SECONDS)).value().value()).isEqualTo(7L);
      }
    } finally {
      first.close();
    }
  }
}
