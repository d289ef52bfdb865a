package dev.sente.client;

import static dev.sente.client.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every transport, protocol and packer against a real server. */
@Timeout(120)
class LoopbackTest {

  record Case(TransportChoice type, Protocol protocol, Packer packer) {
    @Override
    public String toString() {
      return type + " " + protocol + " " + packer.name();
    }

    ClientOptionsBuilder options() {
      return Loopback.as("ann").type(type).protocol(protocol).packer(packer);
    }
  }

  record Said(String text, int number) {}

  record Failed(String code, String message) {}

  static Stream<Case> cases() {
    var packers =
        List.of(JsonPacker.DEFAULT, EdnPacker.DEFAULT, MsgpackPacker.DEFAULT, Loopback.GZIPPED);
    return Stream.of(TransportChoice.values())
        .flatMap(
            type ->
                Stream.of(Protocol.values())
                    .flatMap(
                        protocol ->
                            packers.stream().map(packer -> new Case(type, protocol, packer))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void requestsEventsAndPushes(Case given) throws Exception {
    try (var server = Loopback.start();
        var client = ChannelSocketClient.connect(server.uri(), given.options().build())) {
      var pushed = new LinkedBlockingQueue<Said>();
      client.on("test/pushed", Said.class, (said, event) -> pushed.add(said));

      var reply =
          client.request("test/echo", new Said("grüß Gott 😀", 1)).get(60, TimeUnit.SECONDS);
      assertThat(reply).isInstanceOf(Reply.Value.class);
      assertThat(((Reply.Value) reply).value().as(Said.class))
          .isEqualTo(new Said("grüß Gott 😀", 1));
      assertThat(client.state().open()).isTrue();
      assertThat(client.state().uid()).isEqualTo("ann");

      assertThat(client.send("test/push-back", new Said("a", 2))).isTrue();
      assertThat(next(pushed)).isEqualTo(new Said("a", 2));
      server.chsk.push("ann", Event.of("test/pushed", new Said("b", 3)));
      assertThat(next(pushed)).isEqualTo(new Said("b", 3));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyOutcomeOfARequest(Case given) throws Exception {
    try (var server = Loopback.start()) {
      var client = ChannelSocketClient.connect(server.uri(), given.options().build());
      var failed = client.request("test/fail", null).get(60, TimeUnit.SECONDS);
      if (given.protocol() == Protocol.V2) {
        assertThat(failed).isEqualTo(new Reply.RemoteError("nope", "not today"));
      } else {
        // Classic mode has no errors but the server's own: an application's is a value like others.
        assertThat(((Reply.Value) failed).value().as(Failed.class))
            .isEqualTo(new Failed("nope", "not today"));
      }
      var late = client.request(Event.of("test/silent"), Duration.ofMillis(50));
      assertThat(late.get(60, TimeUnit.SECONDS)).isEqualTo(new Reply.TimedOut());
      var closed = client.request(Event.of("test/silent"), Duration.ofMinutes(5));
      client.close();
      assertThat(closed.get(60, TimeUnit.SECONDS)).isEqualTo(new Reply.Closed());
      assertThat(client.send("test/late")).isFalse();
      assertThat(client.request("test/late", Map.of()).get(60, TimeUnit.SECONDS))
          .isEqualTo(new Reply.Closed());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theServerAsksAndIsAnswered(Case given) throws Exception {
    if (given.protocol() == Protocol.CLASSIC) {
      return;
    }
    try (var server = Loopback.start();
        var client =
            ChannelSocketClient.open(server.uri(), given.options().clientId("c1").build())) {
      client.answer("test/ask", Said.class, (said, request) -> said.number() + 1);
      var opened = new LinkedBlockingQueue<ClientState>();
      client.onState(
          (state, previous) -> {
            if (state.open()) {
              opened.add(state);
            }
          });
      client.connect();
      assertThat(next(opened).firstOpen()).isTrue();
      // Over long-polling the user is there with its first poll.
      client.request("test/echo", 1).get(60, TimeUnit.SECONDS);
      Reply reply = new Reply.Refused("not yet");
      while (reply instanceof Reply.Refused) {
        reply =
            server
                .chsk
                .request("ann", "c1", Event.of("test/ask", new Said("x", 41)), Loopback.PATIENCE)
                .get(60, TimeUnit.SECONDS);
      }
      assertThat(((Reply.Value) reply).value().value()).isEqualTo(42L);
      var unfit =
          server
              .chsk
              .request("ann", "c1", Event.of("test/ask", List.of()), Loopback.PATIENCE)
              .get(60, TimeUnit.SECONDS);
      assertThat(((Reply.RemoteError) unfit).code()).isEqualTo("bad-data");
      var unknown =
          server
              .chsk
              .request("ann", "c1", Event.of("test/other"), Loopback.PATIENCE)
              .get(60, TimeUnit.SECONDS);
      assertThat(((Reply.RemoteError) unknown).code()).isEqualTo("no-handler");
    }
  }
}
