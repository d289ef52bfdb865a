package dev.sente.client.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
      assertThat(new String(accepted.getInputStream().readAllBytes(), US_ASCII))
          .startsWith("ET /chsk");
    }
  }

  @Test
  void aConnectionThatEndsWithoutAClosingHandshakeHasFailed() throws Exception {
    var told = new CompletableFuture<String>();
    var listener =
        new Deaf() {
          @Override
          public void onClosed(int code, String reason) {
            told.complete("closed " + code);
          }

          @Override
          public void onFailed(int status, long retryAfterMillis, @Nullable Throwable cause) {
            told.complete("failed " + status + ", " + (cause instanceof EOFException));
          }
        };
    var call = new SocketCall(uri("ws"), Map.of(), List.of(), MAX_BYTES);
    network.open(call, listener).request();
    try (var accepted = server.accept()) {
      upgrade(accepted);
    }
    assertThat(told).succeedsWithin(PATIENCE).isEqualTo("failed 0, true");
  }

  /** A client that reads no further hears of the connection's end by what it says only. */
  @Test
  void aWriteThatFailsIsToldThoughNothingIsRead() throws Exception {
    var opened = new CompletableFuture<String>();
    var failed = new CompletableFuture<Integer>();
    var listener =
        new Deaf() {
          @Override
          public void onOpen(String subprotocol) {
            opened.complete(subprotocol);
          }

          @Override
          public void onFailed(int status, long retryAfterMillis, @Nullable Throwable cause) {
            failed.complete(status);
          }
        };
    var call = new SocketCall(uri("ws"), Map.of(), List.of(), MAX_BYTES);
    var socket = network.open(call, listener);
    try (var accepted = server.accept()) {
      upgrade(accepted);
      assertThat(opened).succeedsWithin(PATIENCE);
      accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
    }
    // The first write may be before the network knows of the reset.
    sayUntilItFails(socket);
    try {
      assertThat(failed).succeedsWithin(PATIENCE).isEqualTo(0);
    } finally {
      socket.abort();
    }
  }

  private static void sayUntilItFails(Socket socket) {
    socket.send(
        "x".getBytes(US_ASCII),
        false,
        () -> Thread.ofVirtual().start(() -> sayUntilItFails(socket)));
  }

  @Test
  void anAnswerThatIsTooLongIsToldApart() throws Exception {
    assertThat(answerOf(MAX_BYTES).body()).hasSize(MAX_BYTES);
    var tooLong = answerOf(MAX_BYTES + 1);
    assertThat(tooLong.isTooLong()).isTrue();
    assertThat(tooLong.status()).isZero();
  }

  @Test
  void aRefusalThatIsTooLongIsARefusalAllTheSame() throws Exception {
    var refusal = answerOf("401 Unauthorized\r\nRetry-After: 3", MAX_BYTES + 1);
    assertThat(refusal.status()).isEqualTo(401);
    assertThat(refusal.retryAfterMillis()).isEqualTo(3_000);
    assertThat(refusal.isTooLong()).isFalse();
    assertThat(refusal.body().length).isLessThanOrEqualTo(MAX_BYTES);
  }

  private HttpAnswer answerOf(int bytes) throws Exception {
    return answerOf("200 OK", bytes);
  }

  /** What is told of an answer of so many bytes. */
  private HttpAnswer answerOf(String status, int bytes) throws Exception {
    var told = new CompletableFuture<HttpAnswer>();
    network.send(new HttpCall(uri("http"), Map.of(), null, MAX_BYTES), told::complete);
    try (var accepted = server.accept()) {
      var answer =
          "HTTP/1.1 "
              + status
              + "\r\nConnection: close\r\nContent-Length: "
              + bytes
              + "\r\n\r\n"
              + "x".repeat(bytes);
      accepted.getOutputStream().write(answer.getBytes(US_ASCII));
      return told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Answers a request for an upgrade. */
  private static void upgrade(java.net.Socket accepted) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(accepted.getInputStream(), US_ASCII));
    var key = "";
    for (var line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
      var header = line.split(": ", 2);
      key = header[0].equalsIgnoreCase("Sec-WebSocket-Key") ? header[1] : key;
    }
    var hash =
        MessageDigest.getInstance("SHA-1")
            .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(US_ASCII));
    var answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + Base64.getEncoder().encodeToString(hash)
            + "\r\n\r\n";
    accepted.getOutputStream().write(answer.getBytes(US_ASCII));
  }
}
