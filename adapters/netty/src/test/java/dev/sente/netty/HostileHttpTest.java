package dev.sente.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.OutgoingMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostileHttpTest {

  private final FakeEngine engine = new FakeEngine();
  private NettyServer server = NettyServer.builder().engine(engine).port(0).start();

  @AfterEach
  void stop() {
    server.close();
  }

  private RawPeer limited(ServerLimits limits) {
    server.close();
    server = NettyServer.builder().engine(engine).limits(limits).port(0).start();
    return new RawPeer(server.port());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no Host                 | 400 | GET /chsk HTTP/1.1^^",
        "two Hosts               | 400 | GET /chsk HTTP/1.1^Host: a^Host: b^^",
        "no HTTP                 | 400 | nonsense^^",
        "no version              | 400 | GET /chsk^^",
        "another version         | 505 | GET /chsk HTTP/2.0^Host: a^^",
        "both lengths            | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length:"
            + " 3^Transfer-Encoding: chunked^^0^^",
        "two lengths             | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length:"
            + " 3^Content-Length: 4^^abcd",
        "two equal lengths       | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length:"
            + " 3^Content-Length: 3^^abc",
        "length list             | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length: 3, 4^^abcd",
        "negative length         | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length: -1^^",
        "signed length           | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length: +3^^abc",
        "hex length              | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length: 0x3^^abc",
        "huge length             | 400 | POST /chsk HTTP/1.1^Host: a^Content-Length:"
            + " 99999999999999999999^^",
        "chunked not last        | 400 | POST /chsk HTTP/1.1^Host: a^Transfer-Encoding: chunked,"
            + " gzip^^0^^",
        "unknown coding          | 400 | POST /chsk HTTP/1.1^Host: a^Transfer-Encoding:"
            + " xchunked^^0^^",
        "chunked in HTTP 1.0     | 400 | POST /chsk HTTP/1.0^Host: a^Transfer-Encoding:"
            + " chunked^^0^^",
        "bad chunk size          | 400 | POST /chsk HTTP/1.1^Host: a^Transfer-Encoding:"
            + " chunked^^zz^abc^0^^",
        "negative chunk size     | 400 | POST /chsk HTTP/1.1^Host: a^Transfer-Encoding:"
            + " chunked^^-1^abc^0^^",
        "space before colon      | 400 | GET /chsk HTTP/1.1^Host: a^X-A : b^^",
        "header without a name   | 400 | GET /chsk HTTP/1.1^Host: a^: b^^",
        "unknown expectation     | 417 | POST /chsk HTTP/1.1^Host: a^Expect:"
            + " wonders^Content-Length: 3^^",
      })
  void badRequestIsRefusedAndTheConnectionClosed(String what, int status, String request) {
    try (var peer = new RawPeer(server.port())) {
      peer.send(request.replace("^", "\r\n"));
      peer.trySend("GET /chsk?smuggled HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(US_ASCII));
      var answer = peer.answer();
      assertThat(answer.status()).as(what).isEqualTo(status);
      assertThat(answer.headers()).containsEntry("connection", "close");
      assertThat(peer.isEnded()).as("nothing follows").isTrue();
    }
  }

  /** Else the answer's body would be taken for the next answer, by a proxy for another's. */
  @Test
  void interimAnswerIsNotTakenForTheAnswerToHead() {
    try (var peer = new RawPeer(server.port())) {
      peer.send(
          "HEAD /chsk?head HTTP/1.1\r\n"
              + "Host: a\r\n"
              + "Expect: 100-continue\r\n"
              + "Content-Length: 1\r\n\r\n");
      assertThat(peer.head().status()).isEqualTo(100);
      peer.send("x" + "GET /chsk?next HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.head().headers()).containsEntry("content-length", "4");
      assertThat(peer.answer().text()).isEqualTo("next");
    }
  }

  @Test
  void interimAnswerIsNotTakenForTheAnswerBeforeOneToHead() {
    try (var peer = new RawPeer(server.port())) {
      peer.send(
          "POST /chsk HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody"
              + "HEAD /chsk?head HTTP/1.1\r\nHost: a\r\n\r\n"
              + "GET /chsk?next HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.head().status()).isEqualTo(100);
      assertThat(peer.answer().text()).isEqualTo("body");
      assertThat(peer.head().headers()).containsEntry("content-length", "4");
      assertThat(peer.answer().text()).isEqualTo("next");
    }
  }

  /** Netty takes 8 bytes for the body of such a request, which others take for the next request. */
  @Test
  void draftOfWebSocketsWhoseRequestsHaveABodyThatIsNotToldIsRefused() {
    try (var peer = new RawPeer(server.port())) {
      peer.send(
          "GET /chsk?old HTTP/1.1\r\n"
              + "Host: a\r\n"
              + "Sec-WebSocket-Key1: 1\r\n"
              + "Sec-WebSocket-Key2: 2\r\n\r\n"
              + "GET /chsk?next HTTP/1.1\r\n"
              + "Host: a\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(400);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  /** Pages may put what they were asked for into a header, or into the log. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 9, 27, 31, 127})
  void targetWithAControlCharacterIsRefused(int character) {
    try (var peer = new RawPeer(server.port())) {
      peer.send("GET /page?a" + (char) character + "b HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(400);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  @Test
  void headIsBounded() {
    try (var peer = new RawPeer(server.port())) {
      peer.send("GET /chsk?" + "x".repeat(9000) + " HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(414);
      assertThat(peer.isEnded()).isTrue();
    }
    try (var peer = new RawPeer(server.port())) {
      peer.send("GET /chsk HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(17000) + "\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(431);
      assertThat(peer.isEnded()).isTrue();
    }
    try (var peer = new RawPeer(server.port())) {
      peer.send("GET /chsk HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(100) + "\r\n");
      assertThat(peer.answer().status()).isEqualTo(431);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  /** Each takes a hundred bytes of memory for two of its head's, which may never be complete. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /chsk HTTP/1.1\r\nHost: a\r\n",
        "POST /chsk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
      })
  void headersAreCountedAsTheyCome(String begun) {
    try (var peer = new RawPeer(server.port())) {
      peer.send(begun + "a:\r\n".repeat(102));
      assertThat(peer.answer().status()).isEqualTo(431);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  @Test
  void slowHeadIsAnswered408() {
    var limits = ServerLimits.defaults().withHeadTimeout(Duration.ofMillis(50));
    try (var peer = limited(limits)) {
      peer.send("GET /chsk HTTP/1.1\r\nHos");
      assertThat(peer.answer().status()).isEqualTo(408);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  @Test
  void headSentDropByDropIsAnswered408() {
    var limits = ServerLimits.defaults().withHeadTimeout(Duration.ofMillis(50));
    try (var peer = limited(limits)) {
      Thread.ofVirtual()
          .start(
              () -> {
                peer.trySend("GET /chsk HTTP/1.1\r\nX: ".getBytes(US_ASCII));
                while (peer.trySend(new byte[] {'x'})) {
                  Thread.onSpinWait();
                }
              });
      int status = peer.answer().status();
      assertThat(status).isIn(408, 431);
    }
  }

  @Test
  void slowBodyIsAnswered408() {
    var limits = ServerLimits.defaults().withBodyTimeout(Duration.ofMillis(50));
    try (var peer = limited(limits)) {
      peer.send("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel");
      assertThat(peer.answer().status()).isEqualTo(408);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  @Test
  void idleConnectionIsClosed() {
    var limits = ServerLimits.defaults().withIdleTimeout(Duration.ofMillis(50));
    try (var peer = limited(limits)) {
      assertThat(peer.isEnded()).as("before its first request").isTrue();
    }
    try (var peer = limited(limits)) {
      peer.send("GET /chsk?x HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.answer().text()).isEqualTo("x");
      assertThat(peer.isEnded()).as("after it").isTrue();
    }
  }

  @Test
  void heldPollAndOpenWebSocketHaveNoTimeLimit() {
    var shortest = Duration.ofMillis(20);
    var limits =
        ServerLimits.defaults()
            .withHeadTimeout(shortest)
            .withBodyTimeout(shortest)
            .withIdleTimeout(shortest);
    try (var held = limited(limits);
        var socket = RawPeer.upgraded(server.port(), "/chsk")) {
      held.send("GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n");
      var exchange = Await.next(engine.held);
      for (int i = 0; i < 5; i++) {
        // Each of these lives just as long as one of the limits.
        try (var idle = new RawPeer(server.port())) {
          assertThat(idle.isEnded()).isTrue();
        }
      }
      exchange.respond(HttpResponse.text(200, "held"));
      assertThat(held.answer().text()).isEqualTo("held");
      socket.sendText("open");
      assertThat(socket.frame().text()).isEqualTo("open");
    }
  }

  @Test
  void oneConnectionTooManyIsClosed() {
    var first = limited(ServerLimits.defaults().withMaxConnections(1));
    first.send("GET /chsk?1 HTTP/1.1\r\nHost: a\r\n\r\n");
    assertThat(first.answer().text()).isEqualTo("1");
    try (var second = new RawPeer(server.port())) {
      assertThat(second.isEnded()).isTrue();
    }
    first.send("GET /chsk?2 HTTP/1.1\r\nHost: a\r\n\r\n");
    assertThat(first.answer().text()).isEqualTo("2");
    first.close();
  }

  @Test
  void answersAreNotHoardedForWhoDoesNotRead() {
    int count = 500;
    server.close();
    server = NettyServer.builder().engine(engine).eventLoopThreads(1).port(0).start();
    try (var peer = new RawPeer(server.port());
        var other = new RawPeer(server.port())) {
      peer.send("GET /chsk?big HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
      for (int turn = 0; turn < 50; turn++) {
        other.send("GET /chsk?turn HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(other.answer().text()).isEqualTo("turn");
        for (Channels.Pending pending : Channels.pending(server)) {
          assertThat(pending.bytes()).isLessThan(2 * FakeEngine.BIG);
        }
      }
      for (int i = 0; i < count; i++) {
        assertThat(peer.answer().body()).hasSize(FakeEngine.BIG);
      }
    }
  }

  @Test
  void longAnswerTakesNoMoreMemoryThanThePeerTakesOfIt() {
    var body = new byte[32 * 1024 * 1024];
    new Random(7).nextBytes(body);
    try (var peer = new RawPeer(server.port())) {
      for (String method : List.of("GET", "HEAD", "GET")) {
        peer.send(method + " /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n");
        Await.next(engine.held).respond(new HttpResponse(200, Map.of(), body));
        var head = peer.head();
        assertThat(head.headers()).containsEntry("content-length", "" + body.length);
        for (Channels.Pending pending : Channels.pending(server)) {
          assertThat(pending.bytes()).isLessThan(2 * 64 * 1024);
        }
        if (method.equals("GET")) {
          assertThat(peer.withBody(head).body()).isEqualTo(body);
        }
      }
    }
  }

  @Test
  void connectionIsNotIdleWhileAnswersLeave() {
    int count = 500;
    var limits = ServerLimits.defaults().withIdleTimeout(Duration.ofMillis(50));
    try (var peer = limited(limits)) {
      peer.send("GET /chsk?big HTTP/1.1\r\nHost: a\r\n\r\n".repeat(count));
      var head = peer.head();
      for (int i = 0; i < 3; i++) {
        // Each of these lives just as long as the limit.
        try (var idle = new RawPeer(server.port())) {
          assertThat(idle.isEnded()).isTrue();
        }
      }
      assertThat(peer.withBody(head).body()).hasSize(FakeEngine.BIG);
      for (int i = 1; i < count; i++) {
        assertThat(peer.answer().body()).hasSize(FakeEngine.BIG);
      }
      assertThat(peer.isEnded()).as("idle from then on").isTrue();
    }
  }

  @Test
  void peerThatTakesNothingMoreOfWhatCameLaterIsEnded() {
    try (var peer = limited(ServerLimits.defaults().withWriteTimeout(Duration.ofMillis(200)))) {
      peer.upgrade("/chsk?quiet");
      var listener = engine.listener();
      assertThat(listener.next()).isEqualTo("open");
      var big = new OutgoingMessage(new byte[8 * 1024 * 1024], true);
      listener.connection().send(big);
      // What the peer begins to take is watched; what is sent from then on comes behind it.
      assertThat(peer.bytes(2)).isEqualTo(new byte[] {(byte) 0x82, 127});
      listener.connection().send(big);
      assertThat(peer.bytes(8 * 1024 * 1024 + 8)).hasSize(8 * 1024 * 1024 + 8);
      assertThat(listener.next()).isEqualTo("closed 1006 ");
    }
  }

  @Test
  void peerThatTakesNothingIsEnded() throws Exception {
    var limits = ServerLimits.defaults().withWriteTimeout(Duration.ofMillis(200));
    try (var peer = limited(limits)) {
      peer.upgrade("/chsk?quiet");
      var listener = engine.listener();
      assertThat(listener.next()).isEqualTo("open");
      var big = new OutgoingMessage(new byte[32 * 1024 * 1024], true);
      listener.onWritable = () -> listener.connection().send(big);
      listener.connection().requestWrite();
      assertThat(listener.next()).isEqualTo("writable");
      assertThat(listener.next()).isEqualTo("closed 1006 ");
    }
    try (var peer = limited(limits)) {
      peer.send("GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n");
      var exchange = Await.next(engine.held);
      exchange.respond(new HttpResponse(200, Map.of(), new byte[32 * 1024 * 1024]));
      assertThat(peer.head().status()).isEqualTo(200);
      assertThat(server.connections().newCloseFuture().await(Await.SECONDS, TimeUnit.SECONDS))
          .isTrue();
    }
  }
}
