package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.ClientOptionsBuilder;
import dev.sente.client.ClientState;
import dev.sente.client.LastClose;
import dev.sente.client.TransportChoice;
import dev.sente.client.TransportType;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.testkit.FakeTime;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client in v2 in virtual time, what it told the application, and the network that the test
 * plays.
 */
class StreamScene {

  final FakeTime time = new FakeTime();
  final FakeNetwork network = new FakeNetwork();
  final List<String> errors = new ArrayList<>();
  final List<ClientState> states = new ArrayList<>();
  final List<@Nullable Object> got = new ArrayList<>();

  /** The next number of the random generator: 0 tries again at once. */
  long chance;

  ClientOptionsBuilder options(TransportChoice type) {
    return ClientOptions.builder()
        .type(type)
        .packer(EdnPacker.DEFAULT)
        .clientId("c1")
        .time(time)
        .executor(time)
        .network(network)
        .random(() -> chance)
        .onError((error, where) -> errors.add(where + ": " + error.getMessage()));
  }

  ChannelSocketClient connect(ClientOptionsBuilder options) {
    var client =
        ChannelSocketClient.open(URI.create("https://example.test/chsk?a=1"), options.build());
    client.onState((state, previous) -> states.add(state));
    client.on("test/down", event -> got.add(event.data()));
    client.connect();
    time.settle();
    return client;
  }

  static String handshake(String session, long received, boolean resumed, String lost) {
    return ("[[:chsk/handshake [\"ann\" nil nil {:v 2, :session \"%s\", :received %d, :resumed %b,"
            + " :lost %s, :ping-ms 12500, :timeout-ms 10000, :max-message-bytes 1000}]]]")
        .formatted(session, received, resumed, lost);
  }

  static LastClose lastClose(ChannelSocketClient client) {
    var last = client.state().lastClose();
    assertThat(last).isNotNull();
    return Objects.requireNonNull(last);
  }

  static String fresh(String session) {
    return handshake(session, 0, false, "nil");
  }

  /** Connected by a WebSocket. */
  ChannelSocketClient open() {
    var client = connect(options(TransportChoice.WS));
    shake(fresh("T1"));
    return client;
  }

  void shake(String handshake) {
    network.socket().open();
    network.socket().say(handshake);
    time.settle();
  }

  void say(String frame) {
    network.socket().say(frame);
    time.settle();
  }

  void breakOff() {
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    time.advance(Duration.ofMillis(1));
  }

  static int messagesIn(FakeNetwork.FakeRequest post) {
    return post.body().split("test/up", -1).length - 1;
  }

  /** By long-polling, to a server that takes large messages. */
  ChannelSocketClient openForLarge() {
    var client = connect(options(TransportChoice.AJAX));
    network
        .request("GET")
        .answer(fresh("T1").replace(":max-message-bytes 1000", ":max-message-bytes 2000000"));
    time.settle();
    return client;
  }

  /** By long-polling, after the WebSocket did not open. */
  ChannelSocketClient openByPolling() {
    var client = connect(options(TransportChoice.AUTO));
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(client.state().type()).isEqualTo(TransportType.AJAX);
    return client;
  }

  /**
   * Connected by a WebSocket, with room for two events and five to be handled.
   *
   * @param held where tasks go for as long as there are some
   */
  ChannelSocketClient behind(List<Runnable> held) {
    var client =
        connect(
            options(TransportChoice.WS)
                .inboxEvents(2)
                .executor(
                    task -> {
                      if (held.isEmpty()) {
                        time.execute(task);
                      } else {
                        held.add(task);
                      }
                    }));
    shake(fresh("T1"));
    held.add(() -> {});
    for (int i = 1; i <= 5; i++) {
      say("[[[:test/down " + i + "]]]");
    }
    return client;
  }

  boolean settled(CompletableFuture<Boolean> future) {
    time.settle();
    return future.join();
  }
}
