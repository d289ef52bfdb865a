package dev.sente.client.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.TransportType;
import dev.sente.event.Event;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.testkit.FakeTime;
import dev.sente.testkit.InMemoryChannels;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What client and server must agree in: both on one clock, with a network that has no faults. */
class BothEndsTest {

  /** No chance: what is sent takes 39 ms and is never lost; a WebSocket not let through hangs. */
  private static final RandomGenerator STEADY = () -> 78L << 32;

  private final FakeTime time = new FakeTime();
  private final List<Runnable> held = new ArrayList<>();

  /** Whether the client's handlers stand still. */
  private boolean isBusy;

  private ChannelSocketServer server(Duration keepAlive, Duration pingTimeout) {
    return ChannelSocketServer.builder()
        .packers(EdnPacker.DEFAULT)
        .userId(request -> "ann")
        .webSocketKeepAlive(keepAlive)
        .webSocketPingTimeout(pingTimeout)
        .time(time)
        .executor(time)
        .build();
  }

  private SimulatedNetwork networkTo(ChannelSocketServer server) {
    var channels = new InMemoryChannels(server, time);
    return new SimulatedNetwork(time, STEADY, () -> channels, what -> {});
  }

  private ChannelSocketClient clientOf(SimulatedNetwork network) {
    return ChannelSocketClient.open(
        URI.create("https://example.test/chsk"),
        ClientOptions.builder()
            .packer(EdnPacker.DEFAULT)
            .time(time)
            .executor(
                task -> {
                  if (isBusy) {
                    held.add(task);
                  } else {
                    time.execute(task);
                  }
                })
            .network(network)
            .random(STEADY)
            .build());
  }

  /** Whatever the phase between the server's pings and the client's pongs. */
  @ParameterizedTest
  @CsvSource({"25000, 10000", "2500, 1000", "25000, 2000", "2000, 10000"})
  void v22_aClientWhoseHandlersAreBehindStaysPresent(long keepAlive, long pingTimeout) {
    long interval = keepAlive / 2;
    for (int phase = 0; phase < 25; phase++) {
      var server = server(Duration.ofMillis(keepAlive), Duration.ofMillis(pingTimeout));
      var client = clientOf(networkTo(server));
      var closings = new ArrayList<String>();
      var got = new ArrayList<Object>();
      server.on("chsk/uidport-close", event -> closings.add("absent"));
      client.on("test/down", event -> got.add(event.data(Integer.class)));
      client.connect();
      time.advance(Duration.ofSeconds(1));
      assertThat(client.state().type()).isEqualTo(TransportType.WS);
      isBusy = true;
      for (int i = 0; i < 100; i++) {
        server.push("ann", Event.of("test/down", i));
        time.advance(Duration.ofMillis(1));
      }
      time.advance(Duration.ofMillis(phase * interval / 25));
      server.push("ann", Event.of("test/down", 100));
      time.advance(Duration.ofMinutes(2));
      assertThat(closings).as("phase %d", phase).isEmpty();
      assertThat(client.state().open()).isTrue();
      isBusy = false;
      held.forEach(time::execute);
      held.clear();
      time.advance(Duration.ofSeconds(2));
      assertThat(got).hasSize(101);
      client.close();
      time.advance(Duration.ofMinutes(3));
      server.close();
    }
  }

  /** Any push answers the poll that the server holds, and the next waits for the probe's end. */
  @Test
  void v26_aProbeThatHangsMakesNobodyAbsent() {
    var server = server(Duration.ofSeconds(25), Duration.ofSeconds(10));
    var network = networkTo(server);
    network.letSocketsPass(false);
    var client = clientOf(network);
    var closings = new ArrayList<String>();
    server.on("chsk/uidport-close", event -> closings.add("absent"));
    client.connect();
    time.advance(Duration.ofSeconds(6));
    assertThat(client.state().type()).isEqualTo(TransportType.AJAX);
    for (int i = 0; i < 6_000; i++) {
      server.push("ann", Event.of("test/down", i));
      time.advance(Duration.ofMillis(20));
    }
    assertThat(closings).isEmpty();
    assertThat(client.state().type()).isEqualTo(TransportType.AJAX);
  }
}
