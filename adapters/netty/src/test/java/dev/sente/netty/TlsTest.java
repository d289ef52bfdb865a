package dev.sente.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.OutgoingMessage;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with a certificate made for the test, and Java's own clients. */
final class TlsTest {

  @TempDir private static Path temp;

  private final FakeEngine engine = new FakeEngine();
  private final X509Bundle bundle = certificate();
  private final SSLContext trusting = trusting(bundle);
  private NettyServer server = start();

  private static X509Bundle certificate() {
    try {
      return new CertificateBuilder()
          .subject("CN=localhost")
          .addSanDnsName("localhost")
          .setIsCertificateAuthority(true)
          .buildSelfSigned();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static SSLContext trusting(X509Bundle bundle) {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("test", bundle.getCertificate());
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private NettyServer start() {
    try {
      return NettyServer.builder()
          .engine(engine)
          .tls(bundle.toTempCertChainPem().toPath(), bundle.toTempPrivateKeyPem().toPath())
          .port(0)
          .start();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void isStarted() {
    assertThat(server.port()).isPositive();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpClient client() {
    return HttpClient.newBuilder()
        .sslContext(trusting)
        .version(HttpClient.Version.HTTP_1_1)
        .build();
  }

  private RawPeer raw() throws Exception {
    return new RawPeer(
        trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port()));
  }

  @Test
  void longAnswerLeavesAsThePeerTakesIt() throws Exception {
    var body = new byte[8 * 1024 * 1024];
    new Random(7).nextBytes(body);
    try (var peer = raw()) {
      for (int i = 0; i < 2; i++) {
        peer.send("GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n");
        Await.next(engine.held).respond(new HttpResponse(200, Map.of(), body));
        var head = peer.head();
        for (Channels.Pending pending : Channels.pending(server)) {
          assertThat(pending.bytes()).isLessThan(2 * 64 * 1024);
        }
        assertThat(peer.withBody(head).body()).isEqualTo(body);
      }
    }
  }

  @Test
  void answersRequests() throws Exception {
    try (var client = client()) {
      var request =
          HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + "/chsk"))
              .POST(HttpRequest.BodyPublishers.ofString("secret"))
              .build();
      assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("secret");
    }
  }

  @Test
  void opensAWebSocket() {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    var listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            heard.add(text.toString());
            return WebSocket.Listener.super.onText(socket, text, last);
          }

          @Override
          public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add("closed " + code);
            return WebSocket.Listener.super.onClose(socket, code, reason);
          }
        };
    try (var client = client()) {
      var socket =
          client
              .newWebSocketBuilder()
              .subprotocols("sente.v2")
              .buildAsync(URI.create("wss://localhost:" + server.port() + "/chsk"), listener)
              .join();
      assertThat(socket.getSubprotocol()).isEqualTo("sente.v2");
      socket.sendText("hello", true).join();
      assertThat(Await.next(heard)).isEqualTo("hello");
      var fake = engine.listener();
      assertThat(fake.next()).isEqualTo("open");
      assertThat(fake.next()).isEqualTo("text hello");
      fake.connection().close(4000, "later");
      assertThat(Await.next(heard)).isEqualTo("closed 4000");
      assertThat(fake.next()).isEqualTo("closed 4000 ");
    }
  }

  @Test
  void largeMessagesDrain() throws Exception {
    try (var peer = raw()) {
      peer.upgrade("/chsk");
      var fake = engine.listener();
      var big = new OutgoingMessage(new byte[4 * 1024 * 1024], true);
      assertThat(fake.next()).isEqualTo("open");
      fake.onWritable = () -> fake.connection().send(big);
      for (int i = 0; i < 3; i++) {
        fake.connection().requestWrite();
        assertThat(peer.frame().payload()).hasSize(4 * 1024 * 1024);
        assertThat(fake.next()).isEqualTo("writable");
      }
    }
  }

  @Test
  void c9_abortIsToldAtOnce() throws Exception {
    var peer = raw();
    peer.send("GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n");
    var exchange = Await.next(engine.held);
    assertThat(exchange.request().secure()).isTrue();
    peer.close();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold");
    exchange.respond(HttpResponse.text(200, "nobody"));
  }

  @Test
  void refusalReachesThePeer() throws Exception {
    try (var peer = raw()) {
      peer.send("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(413);
      assertThat(peer.isEnded()).isTrue();
    }
    try (var peer = raw()) {
      peer.upgrade("/chsk");
      peer.send(new byte[] {(byte) 0x81, 0x01, 'a'});
      assertThat(peer.frame().closeCode()).isEqualTo(1002);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  @Test
  void plainTextIsNotAnswered() {
    try (var peer = new RawPeer(server.port())) {
      peer.send("GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(UTF_8));
      peer.trySend(new byte[100]);
      assertThat(peer.rest()).doesNotContain("HTTP/");
      assertThat(engine.held).isEmpty();
    }
    assertThatThrownBy(() -> NettyServer.builder().tls(temp.resolve("none"), temp.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
