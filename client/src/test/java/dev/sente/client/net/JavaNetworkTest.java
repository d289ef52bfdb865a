package dev.sente.client.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The network against a server that is nothing but a TCP socket. */
class JavaNetworkTest {

  /** How long anything may take on a machine that is busy. Nothing is measured by it. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int MAX_BYTES = 1000;

  @AutoClose private final HttpClient http = HttpClient.newHttpClient();
  @AutoClose private final ServerSocket server;
  private final JavaNetwork network = JavaNetwork.of(http);

  JavaNetworkTest() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    server.setSoTimeout((int) PATIENCE.toMillis());
  }

  private URI uri(String scheme) {
    return URI.create(scheme + "://127.0.0.1:" + server.getLocalPort() + "/chsk");
  }

  /** Takes nothing that is told. */
  private static class Deaf implements SocketListener {

    @Override
    public void onOpen(String subprotocol) {}

    @Override
    public void onMessage(byte[] message, boolean isBinary) {}

    @Override
    public void onOversized() {}

    @Override
    public void onClosed(int code, String reason) {}

    @Override
    public void onFailed(int status, long retryAfterMillis, @Nullable Throwable cause) {}
  }

  @Test
  void anUpgradeThatIsNotAnsweredEndsWithItsSocket() throws IOException {
    upgradeEndsBy(socket -> socket.close(1000, "CLOSE_NORMAL"));
    upgradeEndsBy(Socket::abort);
  }

  private void upgradeEndsBy(Consumer<Socket> end) throws IOException {
    var call = new SocketCall(uri("ws"), Map.of(), List.of(), MAX_BYTES);
    var socket = network.open(call, new Deaf());
    try (var accepted = server.accept()) {
      accepted.setSoTimeout((int) PATIENCE.toMillis());
      assertThat(accepted.getInputStream().read()).isEqualTo('G');
      end.accept(socket);
      // Would time out if the connection stayed.
      assertThat(new String(accepted.getInputStream().readAllBytes(), UTF_8))
          .startsWith("ET /chsk");
    }
  }
}
