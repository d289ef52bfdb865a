package dev.sente.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LongPollTest {

  private static final String GET = "GET /chsk?%s HTTP/1.1\r\nHost: a\r\n\r\n";

  private final FakeEngine engine = new FakeEngine();
  private final NettyServer server = NettyServer.builder().engine(engine).port(0).start();
  private final RawPeer peer = new RawPeer(server.port());

  @AfterEach
  void stop() {
    peer.close();
    server.close();
  }

  @Test
  void c1_engineSeesTheWholeRequest() {
    peer.send(
        "POST /chsk?hold&x=%20y HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-TWO: 2\r\nx-two: 3\r\n"
            + "Content-Length: 5\r\n\r\nhel");
    peer.send("lo");
    var request = Await.next(engine.held).request();
    assertThat(request.method()).isEqualTo("POST");
    assertThat(request.path()).isEqualTo("/chsk");
    assertThat(request.rawQuery()).isEqualTo("hold&x=%20y");
    assertThat(request.headers())
        .containsEntry("x-one", List.of("1"))
        .containsEntry("x-two", List.of("2", "3"));
    assertThat(request.remoteAddress()).isEqualTo("127.0.0.1");
    assertThat(request.secure()).isFalse();
    assertThat(request.bodyText()).isEqualTo("hello");
  }

  @Test
  void c2_answerMayComeLaterAndFromAnyThread() {
    peer.send(GET.formatted("hold"));
    Await.next(engine.held)
        .respond(new HttpResponse(200, Map.of("X-A", "b"), "later".getBytes(UTF_8)));
    var answer = peer.answer();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("later");
    assertThat(answer.headers().keySet())
        .containsExactlyInAnyOrder("X-A", "content-length", "date");
  }

  @Test
  void c4_longBodyIsAnswered413AndTheConnectionClosed() {
    peer.send("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n");
    var answer = peer.answer();
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.headers()).containsEntry("connection", "close");
    assertThat(peer.isEnded()).isTrue();
  }

  @Test
  void c4_longChunkedBodyIsAnswered413ThoughThePeerGoesOnSending() {
    peer.send("POST /chsk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    byte[] chunk = ("2000\r\n" + "x".repeat(0x2000) + "\r\n").getBytes(UTF_8);
    for (int i = 0; i < 100; i++) {
      peer.trySend(chunk);
    }
    assertThat(peer.answer().status()).isEqualTo(413);
    assertThat(peer.isEnded()).isTrue();
  }

  @Test
  void bodyOfJustTheLimitIsTaken() {
    String body = "y".repeat(65536);
    peer.send("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" + body);
    assertThat(peer.answer().text()).isEqualTo(body);
    peer.send("POST /chsk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.send("8000\r\n" + body.substring(0x8000) + "\r\n8000\r\n");
    peer.send(body.substring(0x8000) + "\r\n0\r\nX-Trailer: t\r\n\r\n");
    assertThat(peer.answer().text()).isEqualTo(body);
  }

  @Test
  void c6_firstAnswerCounts() {
    peer.send(GET.formatted("hold"));
    var exchange = Await.next(engine.held);
    exchange.respond(HttpResponse.text(200, "first"));
    exchange.respond(HttpResponse.text(200, "second"));
    exchange.acceptWebSocket(null, new FakeListener(true));
    peer.send(GET.formatted("next"));
    assertThat(peer.answer().text()).isEqualTo("first");
    assertThat(peer.answer().text()).isEqualTo("next");
  }

  @Test
  void c7_connectionStaysOpenAsHttpSays() {
    peer.send(GET.formatted("one"));
    var kept = peer.answer();
    assertThat(kept.text()).isEqualTo("one");
    assertThat(kept.headers()).doesNotContainKey("connection");
    peer.send("GET /chsk?two HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assertThat(peer.answer().headers()).containsEntry("connection", "keep-alive");
    peer.send("GET /chsk?three HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    var last = peer.answer();
    assertThat(last.text()).isEqualTo("three");
    assertThat(last.headers()).containsEntry("connection", "close");
    assertThat(peer.isEnded()).isTrue();
  }

  @Test
  void c7_http10ClosesByDefault() {
    peer.send("GET /chsk?x HTTP/1.0\r\n\r\n");
    assertThat(peer.answer().text()).isEqualTo("x");
    assertThat(peer.isEnded()).isTrue();
  }

  @Test
  void c9_abortIsToldAtOnce() {
    peer.send(GET.formatted("hold"));
    var exchange = Await.next(engine.held);
    peer.close();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold");
    exchange.respond(HttpResponse.text(200, "nobody"));
  }

  @Test
  void c9_resetIsToldAtOnce() throws Exception {
    peer.send(GET.formatted("hold"));
    Await.next(engine.held);
    peer.socket.setSoLinger(true, 0);
    peer.close();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold");
  }

  @Test
  void c9_halfClosureIsAnAbort() throws Exception {
    peer.send(GET.formatted("hold"));
    Await.next(engine.held);
    peer.socket.shutdownOutput();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold");
  }

  @Test
  void c9_abortIsToldThoughRequestsArePipelined() {
    peer.send(GET.formatted("hold") + GET.formatted("next"));
    Await.next(engine.held);
    peer.close();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold");
  }

  @Test
  void c9_askedTooLateIsToldRightAway() {
    peer.send(GET.formatted("hold"));
    var exchange = Await.next(engine.held);
    peer.close();
    Await.next(engine.aborted);
    var told = new java.util.concurrent.atomic.AtomicBoolean();
    exchange.onAbort(() -> told.set(true));
    assertThat(told).isTrue();
  }

  @Test
  void c9_notToldAfterTheAnswer() {
    peer.send(GET.formatted("hold1"));
    Await.next(engine.held).respond(HttpResponse.text(200, "answer"));
    assertThat(peer.answer().text()).isEqualTo("answer");
    peer.send(GET.formatted("hold2"));
    Await.next(engine.held);
    peer.close();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold2");
    assertThat(engine.aborted).isEmpty();
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() {
    peer.send(
        GET.formatted("hold")
            + "POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
            + "HEAD /chsk?head HTTP/1.1\r\nHost: a\r\n\r\n"
            + GET.formatted("last"));
    var exchange = Await.next(engine.held);
    assertThat(engine.held).isEmpty();
    exchange.respond(HttpResponse.text(200, "held"));
    assertThat(peer.answer().text()).isEqualTo("held");
    assertThat(peer.answer().text()).isEqualTo("body");
    assertThat(peer.head().headers()).containsEntry("content-length", "4");
    assertThat(peer.answer().text()).isEqualTo("last");
  }

  @Test
  void manyPipelinedRequestsAreAnsweredInOrder() {
    int count = 3000;
    Thread.startVirtualThread(
        () -> {
          peer.send(GET.formatted("hold"));
          for (int i = 0; i < count; i++) {
            peer.send(GET.formatted(i));
          }
        });
    Await.next(engine.held).respond(HttpResponse.text(200, "held"));
    assertThat(peer.answer().text()).isEqualTo("held");
    for (int i = 0; i < count; i++) {
      assertThat(peer.answer().text()).isEqualTo("" + i);
    }
  }

  @Test
  void expectedContinueIsSent() {
    peer.send(
        "POST /chsk HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    assertThat(peer.head().status()).isEqualTo(100);
    peer.send("body");
    assertThat(peer.answer().text()).isEqualTo("body");
    peer.send(
        "POST /chsk HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999\r\n\r\n");
    assertThat(peer.answer().status()).isEqualTo(413);
  }

  /** RFC 9110, section 10.1.1: a server must ignore it there. */
  @Test
  void expectationIsIgnoredInHttp10() {
    peer.send("POST /chsk HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody");
    var answer = peer.answer();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("body");
  }

  @Test
  void wholeUrlAsTargetIsUnderstood() {
    peer.send("GET http://a.example/chsk?abs HTTP/1.1\r\nHost: a\r\n\r\n");
    assertThat(peer.answer().text()).isEqualTo("abs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/chsk/", "/chsk/x", "/Chsk", "/%63hsk", "*"})
  void otherPathsAreNotTheEngines(String target) {
    peer.send("OPTIONS " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    assertThat(peer.answer().status()).isEqualTo(404);
  }

  @Test
  void badHeaderFromTheEngineIsNotSent() {
    peer.send(GET.formatted("hold"));
    Await.next(engine.held)
        .respond(new HttpResponse(200, Map.of("X-A", "b\r\nX-Evil: 1"), new byte[0]));
    var answer = peer.answer();
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.headers()).doesNotContainKey("x-evil");
  }
}
