package dev.sente.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.server.channel.HttpResponse;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NettyServerTest {

  private static final String GET = "GET %s HTTP/1.1\r\nHost: a\r\n\r\n";

  private final FakeEngine engine = new FakeEngine();

  private NettyServerBuilder builder() {
    return NettyServer.builder().engine(engine).host("127.0.0.1").port(0);
  }

  @Test
  void routesLeadToPagesAndTheRestToTheFallback() {
    var routes =
        Routes.none()
            .get("/hello", request -> HttpResponse.text(200, "hello"))
            .post("/hello", request -> HttpResponse.text(200, "got " + request.bodyText()))
            .get("/api/*", request -> HttpResponse.text(200, "api " + request.path()))
            .get("/api/v2/*", request -> HttpResponse.text(200, "v2"))
            .otherwise(request -> HttpResponse.text(404, "none"));
    try (var server = builder().fallback(routes).start();
        var peer = new RawPeer(server.port())) {
      peer.send(GET.formatted("/hello?x"));
      assertThat(peer.answer().text()).isEqualTo("hello");
      peer.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.head().headers()).containsEntry("content-length", "5");
      peer.send("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nit");
      assertThat(peer.answer().text()).isEqualTo("got it");
      peer.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n");
      var refused = peer.answer();
      assertThat(refused.status()).isEqualTo(405);
      assertThat(refused.headers()).containsEntry("allow", "GET, POST");
      peer.send(GET.formatted("/api/a/b"));
      assertThat(peer.answer().text()).isEqualTo("api /api/a/b");
      peer.send(GET.formatted("/api/v2/b"));
      assertThat(peer.answer().text()).isEqualTo("v2");
      peer.send(GET.formatted("/api"));
      assertThat(peer.answer().text()).isEqualTo("none");
      peer.send(GET.formatted("/chsk?engine"));
      assertThat(peer.answer().text()).isEqualTo("engine");
    }
  }

  @Test
  void pageMayBlockAndRunsOnAVirtualThread() {
    var release = new CountDownLatch(1);
    var routes =
        Routes.none()
            .get(
                "/slow",
                request -> {
                  Await.latch(release);
                  return HttpResponse.text(200, "" + Thread.currentThread().isVirtual());
                })
            .get("/fast", request -> HttpResponse.text(200, "fast"));
    try (var server = builder().eventLoopThreads(1).fallback(routes).start();
        var slow = new RawPeer(server.port());
        var fast = new RawPeer(server.port())) {
      slow.send(GET.formatted("/slow"));
      fast.send(GET.formatted("/fast"));
      assertThat(fast.answer().text()).isEqualTo("fast");
      release.countDown();
      assertThat(slow.answer().text()).isEqualTo("true");
    }
  }

  @SuppressWarnings("NullAway") // That is what is tested.
  static List<HttpHandler> failingPages() {
    var noValue = new HashMap<String, String>();
    noValue.put("X-A", null);
    return List.of(
        request -> {
          throw new IllegalStateException("internals");
        },
        request -> {
          throw new AssertionError("internals");
        },
        request -> {
          throw new NoClassDefFoundError("internals");
        },
        request -> {
          throw new InternalError("internals");
        },
        request -> null,
        request -> new HttpResponse(200, noValue, new byte[0]),
        request -> new HttpResponse(200, Map.of(), null),
        request -> HttpResponse.text(100, "internals"),
        request -> HttpResponse.text(1000, "internals"));
  }

  @ParameterizedTest
  @MethodSource("failingPages")
  void failedPageIsAnsweredAndTellsNothingOfItself(HttpHandler failing) {
    try (var server = builder().fallback(failing).start();
        var peer = new RawPeer(server.port())) {
      for (int i = 0; i < 2; i++) {
        peer.send(GET.formatted("/x"));
        var answer = peer.answer();
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text()).isEqualTo("Internal error");
      }
    }
  }

  @Test
  void closeEndsWebSocketsWith1001AndLetsAnswersLeave() throws Exception {
    var begun = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    HttpHandler slow =
        request -> {
          begun.countDown();
          Await.latch(release);
          return HttpResponse.text(200, "after all");
        };
    var server = builder().fallback(slow).start();
    try (var socket = RawPeer.upgraded(server.port(), "/chsk");
        var busy = new RawPeer(server.port());
        var idle = new RawPeer(server.port())) {
      idle.send(GET.formatted("/chsk?x"));
      assertThat(idle.answer().text()).isEqualTo("x");
      busy.send(GET.formatted("/slow"));
      Await.latch(begun);
      var closing = Thread.ofVirtual().start(() -> server.close(Duration.ofSeconds(Await.SECONDS)));
      assertThat(socket.frame().closeCode()).isEqualTo(1001);
      socket.sendClose(1001);
      assertThat(socket.isEnded()).isTrue();
      assertThat(idle.isEnded()).isTrue();
      release.countDown();
      var answer = busy.answer();
      assertThat(answer.text()).isEqualTo("after all");
      assertThat(answer.headers()).containsEntry("connection", "close");
      assertThat(busy.isEnded()).isTrue();
      busy.socket.close();
      closing.join();
      assertThat(engine.listener().next()).isEqualTo("open");
      assertThatThrownBy(() -> new RawPeer(server.port())).hasMessageContaining("refused");
    }
  }

  @Test
  void closeLetsAnAnswerLeaveThatThePeerTakesSlowly() throws Exception {
    var server = builder().start();
    try (var slow = new RawPeer(server.port());
        var idle = new RawPeer(server.port())) {
      slow.send(GET.formatted("/chsk?hold"));
      var body = new byte[32 * 1024 * 1024];
      Await.next(engine.held).respond(new HttpResponse(200, Map.of(), body));
      var head = slow.head();
      var closing = Thread.ofVirtual().start(() -> server.close(Duration.ofSeconds(Await.SECONDS)));
      assertThat(idle.isEnded()).isTrue();
      assertThat(slow.withBody(head).body()).hasSize(body.length);
      assertThat(slow.isEnded()).isTrue();
      slow.socket.close();
      closing.join();
    }
  }

  @Test
  void closeCutsNoneOfManyAnswersInTwo() throws Exception {
    var server = builder().eventLoopThreads(1).start();
    try (var slow = new RawPeer(server.port());
        var idle = new RawPeer(server.port())) {
      slow.send(GET.formatted("/chsk?big").repeat(500));
      for (int turn = 0; turn < 50; turn++) {
        idle.send(GET.formatted("/chsk?turn"));
        assertThat(idle.answer().text()).isEqualTo("turn");
      }
      var closing = Thread.ofVirtual().start(() -> server.close(Duration.ofSeconds(Await.SECONDS)));
      assertThat(idle.isEnded()).isTrue();
      String all = slow.rest();
      int one = all.indexOf("\r\n\r\n") + 4 + FakeEngine.BIG;
      assertThat(all.length() % one).as("bytes of the last answer").isEqualTo(0);
      slow.socket.close();
      closing.join();
    }
  }

  @Test
  void closeEndsAllWhenTheGraceIsOver() {
    var server = builder().start();
    try (var held = new RawPeer(server.port());
        var socket = RawPeer.upgraded(server.port(), "/chsk")) {
      held.send(GET.formatted("/chsk?hold"));
      Await.next(engine.held);
      server.close(Duration.ZERO);
      server.close();
      assertThat(Await.next(engine.aborted)).isEqualTo("hold");
      assertThat(held.isEnded()).isTrue();
      var listener = engine.listener();
      assertThat(listener.next()).isEqualTo("open");
      assertThat(listener.next()).isEqualTo("closed 1006 ");
      assertThat(socket.frame().closeCode()).isEqualTo(1001);
      listener.connection().send(FakeListener.text("after the end"));
      listener.connection().requestWrite();
      listener.connection().close(1000, "");
    }
  }

  @Test
  void closeOnAnInterruptedThreadSaysSoToWebSockets() throws InterruptedException {
    var server = builder().start();
    try (var socket = RawPeer.upgraded(server.port(), "/chsk")) {
      assertThat(engine.listener().next()).isEqualTo("open");
      var closing =
          Thread.ofPlatform()
              .start(
                  () -> {
                    Thread.currentThread().interrupt();
                    server.close();
                  });
      assertThat(socket.frame().closeCode()).isEqualTo(1001);
      closing.join();
    }
  }

  @Test
  void closeMayWaitAsLongAsItTakes() {
    var server = builder().start();
    int port = server.port();
    server.close(ChronoUnit.FOREVER.getDuration());
    assertThatThrownBy(() -> new RawPeer(port)).hasMessageContaining("refused");
    builder().port(port).start().close();
  }

  @Test
  void worksOnNioToo() {
    try (var server = builder().nativeTransport(false).start();
        var peer = RawPeer.upgraded(server.port(), "/chsk");
        var held = new RawPeer(server.port())) {
      peer.sendText("nio");
      assertThat(peer.frame().text()).isEqualTo("nio");
      held.send(GET.formatted("/chsk?hold"));
      Await.next(engine.held);
      held.socket.close();
      assertThat(Await.next(engine.aborted)).isEqualTo("hold");
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void mistakesAreToldAtOnce() {
    try (var server = builder().start()) {
      assertThatThrownBy(() -> NettyServer.builder().host("127.0.0.1").port(server.port()).start())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("cannot listen on");
    }
    assertThatThrownBy(() -> builder().engine(engine).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two engines have the path /chsk");
    assertThatThrownBy(() -> builder().port(70000)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ServerLimits.defaults().withIdleTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("idleTimeout");
    assertThatThrownBy(() -> Routes.none().get("x", request -> HttpResponse.text(200, "")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bodyOfAPageIsBounded() {
    var limits = ServerLimits.defaults().withMaxBodyBytes(10);
    try (var server =
            builder()
                .limits(limits)
                .fallback(request -> new HttpResponse(200, Map.of(), request.body()))
                .start();
        var peer = new RawPeer(server.port())) {
      peer.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789");
      assertThat(peer.answer().body()).isEqualTo("0123456789".getBytes(UTF_8));
      peer.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(413);
    }
  }
}
