package dev.sente.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.ChannelSocketServer;
import dev.sente.server.router.IncomingEvent;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole server on real sockets, and clients that mean no good: each is refused clearly, and a
 * neighbour's echo goes on all the time.
 */
final class HostileClientTest {

  private static final String UPGRADE = "/chsk?client-id=bad&uid=bad";
  private static final String BAD_EVENT =
      "[{:code \"bad-event\", :message \"expected [:namespace/name data]\"} \"cb\"]";

  /** What the application was told but for echoes. */
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  private final CountDownLatch slowMayEnd = new CountDownLatch(1);
  private final ChannelSocketServer engine =
      ChannelSocketServer.builder()
          .userId(request -> request.param("uid").orElse(null))
          .longPollTimeout(Duration.ofSeconds(30))
          .build()
          .on("test/echo", event -> event.reply(event.data()))
          .on("test/slow", event -> slowMayEnd.await());
  private final NettyServer server =
      NettyServer.builder()
          .engine(engine)
          .limits(
              ServerLimits.defaults()
                  .withHeadTimeout(Duration.ofMillis(200))
                  .withBodyTimeout(Duration.ofMillis(200)))
          .port(0)
          .start();
  private final Neighbour neighbour = new Neighbour(server.port());

  HostileClientTest() {
    engine.otherwise(this::note);
  }

  private void note(IncomingEvent event) {
    if ("bad".equals(event.uid())) {
      told.add(event.id() + " " + event.data());
    }
  }

  @AfterEach
  void othersWereServedThroughout() throws InterruptedException {
    slowMayEnd.countDown();
    try (neighbour) {
      neighbour.assertIsServed();
      assertThat(engine.connectedUsers().any()).contains("neighbour");
    } finally {
      engine.close();
      server.close(Duration.ZERO);
    }
  }

  private RawPeer connect() {
    var peer = RawPeer.upgraded(server.port(), UPGRADE);
    assertThat(peer.frame().text()).startsWith("[[:chsk/handshake");
    assertThat(Await.next(told)).startsWith("chsk/uidport-open");
    return peer;
  }

  private static void assertIsServed(RawPeer peer) {
    peer.sendText("[[:test/echo :alive] \"alive\"]");
    assertThat(peer.frame().text()).isEqualTo("[:alive \"alive\"]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "[[:test/echo",
        "][",
        "42",
        "nil",
        "{:a 1}",
        "[]",
        "[[:test/echo 1] \"a\" \"b\"]",
        "\"\\u{110000}\"",
        "#",
        "#_",
        "\u0000"
      })
  void unreadableMessageIsToldAndTheConnectionGoesOn(String message) {
    try (var peer = connect()) {
      peer.sendText(message);
      assertIsServed(peer);
      assertThat(Await.next(told)).isEqualTo("chsk/bad-event null");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nil",
        "42",
        "\"test/echo\"",
        ":test/echo",
        "{:test/echo 1}",
        "[]",
        "[:echo 1]",
        "[\"test/echo\" 1]",
        "[:test/echo 1 2]",
        "[[:test/echo] 1]",
        "[:chsk/uidport-open \"neighbour\"]",
        "[:chsk/uidport-close \"neighbour\"]",
        "[:chsk/close]",
        "[:chsk/handshake [\"admin\" nil nil]]",
        "[:chsk/ws-ping nil]",
        "[:chsk/bad-event 1]"
      })
  void noEventIsAnsweredAndNeverSeenUnderItsName(String event) {
    try (var peer = connect()) {
      peer.sendText("[" + event + " \"cb\"]");
      assertThat(peer.frame().text()).isEqualTo(BAD_EVENT);
      assertThat(Await.next(told)).startsWith("chsk/bad-event");
      assertIsServed(peer);
    }
  }

  @Test
  void tooManyUnreadableMessagesCloseWith4501() {
    try (var peer = connect()) {
      for (int i = 0; i <= 100; i++) {
        peer.sendText("][");
      }
      assertThat(peer.frame().closeCode()).isEqualTo(4501);
    }
  }

  @Test
  void binaryMessageToATextPackerIsUnreadable() {
    try (var peer = connect()) {
      peer.send(RawPeer.frame(0x82, "[[:test/echo 1] \"cb\"]".getBytes(UTF_8)));
      assertIsServed(peer);
      assertThat(Await.next(told)).startsWith("chsk/bad-event");
    }
  }

  @Test
  void tooLargeMessageClosesWith4503() {
    try (var peer = connect()) {
      peer.send(RawPeer.frame(0x81, new byte[1024 * 1024 + 1]));
      assertThat(peer.frame().closeCode()).isEqualTo(4503);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"100000, [", "100000, {:a ", "100000, #{", "100000, #a/b ", "100000, #_", "101, ("})
  void deepNestingIsUnreadable(int depth, String opening) {
    try (var peer = connect()) {
      peer.sendText("[[:test/echo " + opening.repeat(depth));
      assertIsServed(peer);
      assertThat(Await.next(told)).startsWith("chsk/bad-event");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /chsk, 400",
    "GET, /chsk?client-id=, 400",
    "GET, /chsk?client-id=%20, 400",
    "GET, /chsk?client-id=%, 400",
    "GET, /chsk?client-id=%zz, 400",
    "GET, /chsk?client-id=a&packer=none, 400",
    "PUT, /chsk?client-id=a, 405",
    "DELETE, /chsk?client-id=a, 405",
    "POST, /chsk, 400",
    "POST, /chsk?client-id=a, 400",
    "POST, /chsk?client-id=a&ppstr=%5B%5B, 400",
    "POST, /chsk?client-id=a&ppstr=42, 400",
    "POST, /chsk?client-id=a&binary?=true, 400"
  })
  void badRequestIsRefused(String method, String target, int status) {
    try (var peer = new RawPeer(server.port())) {
      peer.send(method + " " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(status);
    }
  }

  @Test
  void boundsOfParametersAreHeld() {
    for (var query : List.of("client-id=" + "x".repeat(257), "client-id=a" + manyParameters())) {
      try (var peer = new RawPeer(server.port())) {
        peer.send("GET /chsk?" + query + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(peer.answer().status()).isEqualTo(400);
      }
    }
  }

  private static String manyParameters() {
    var query = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      query.append("&p").append(i).append("=1");
    }
    return query.toString();
  }

  @Test
  void webSocketWithoutClientIdIsRefused() {
    try (var peer = new RawPeer(server.port())) {
      peer.send(RawPeer.upgradeRequest("/chsk?uid=bad"));
      assertThat(peer.answer().status()).isEqualTo(400);
    }
  }

  @Test
  void foreignPageIsRefused() {
    try (var peer = new RawPeer(server.port())) {
      peer.send(
          RawPeer.upgradeRequest(UPGRADE)
              .replace("Host: a\r\n", "Host: a\r\nOrigin: https://evil.example\r\n"));
      var answer = peer.answer();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text()).isEqualTo("Unauthorized origin");
    }
  }

  private RawPeer.Answer post(String packed) {
    try (var peer = new RawPeer(server.port())) {
      peer.send(postRequest(packed));
      return peer.answer();
    }
  }

  private static String postRequest(String packed) {
    var form = "client-id=poster&uid=bad&ppstr=" + URLEncoder.encode(packed, UTF_8);
    return "POST /chsk HTTP/1.1\r\nHost: a\r\n"
        + "Content-Type: application/x-www-form-urlencoded\r\n"
        + ("Content-Length: " + form.length() + "\r\n\r\n" + form);
  }

  @Test
  void badPostIsRefused() {
    assertThat(post("[[:test/echo 1] :ajax]").text()).isEqualTo("[1 nil]");
    assertThat(post("][").status()).isEqualTo(400);
    assertThat(post("[".repeat(100_000)).status()).isEqualTo(400);
    assertThat(post("[[:test/echo \"" + "x".repeat(1024 * 1024) + "\"] :ajax]").status())
        .isEqualTo(413);
    assertThat(post("\"" + "%".repeat(1024 * 1024 + 4096) + "\"").status()).isEqualTo(413);
    assertThat(post("[[:chsk/uidport-close \"neighbour\"] :ajax]").text())
        .contains(":code \"bad-event\"");
  }

  @Test
  void slowRequestIsAnswered408() {
    try (var slowHead = new RawPeer(server.port());
        var slowBody = new RawPeer(server.port())) {
      slowHead.send("GET /chsk?client-id=a HTTP/1.1\r\nHost:");
      slowBody.send("POST /chsk?client-id=a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n[");
      assertThat(slowHead.answer().status()).isEqualTo(408);
      assertThat(slowBody.answer().status()).isEqualTo(408);
      assertThat(slowHead.isEnded()).isTrue();
      assertThat(slowBody.isEnded()).isTrue();
    }
  }

  @Test
  void whatIsNoHttpIsRefused() {
    try (var peer = new RawPeer(server.port())) {
      peer.send("\u0016\u0003\u0001 this is no HTTP\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(400);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  @Test
  void moreEventsThanMayWaitAreRefusedWith429() {
    for (int i = 0; i < 64; i++) {
      assertThat(post("[[:test/slow " + i + "] nil]").status()).isEqualTo(200);
    }
    assertThat(post("[[:test/slow 64] nil]").status()).isEqualTo(429);
    slowMayEnd.countDown();
  }

  @Test
  @Timeout(Await.SECONDS)
  void floodOverAWebSocketIsReadNoFurtherThanItIsHandled() {
    int events = 10_000;
    try (var peer = connect()) {
      var flood = Thread.ofVirtual().start(() -> send(peer, events));
      neighbour.assertIsServed();
      while (!Channels.isOneNotRead(server)) {
        assertThat(Thread.interrupted()).as("time is over").isFalse();
      }
      slowMayEnd.countDown();
      assertThat(peer.frame().text()).isEqualTo("[:last \"cb\"]");
      flood.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void send(RawPeer peer, int events) {
    for (int i = 0; i < events; i++) {
      peer.sendText("[[:test/slow \"" + "x".repeat(500) + "\"] nil]");
    }
    peer.sendText("[[:test/echo :last] \"cb\"]");
  }

  @Test
  void anotherUsersClientCannotBeTakenOver() {
    try (var peer = RawPeer.upgraded(server.port(), "/chsk?client-id=neighbour&uid=bad")) {
      assertThat(peer.frame().text()).startsWith("[[:chsk/handshake [\"bad\"");
      peer.sendText("[[:test/echo 1] \"cb\"]");
      assertThat(peer.frame().text()).isEqualTo("[1 \"cb\"]");
    }
  }
}
