package dev.sente.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules for HTTP: C1, C2 and C4 to C9. */
abstract class HttpRules {

  static final byte[] NOTHING = {};

  private TckEngine engine = new TckEngine();
  private RunningAdapter adapter = new Stopped();

  /**
   * Starts the adapter under test for this engine, with nothing else to serve.
   *
   * @param engine answers all requests to its path
   */
  protected abstract RunningAdapter start(ChannelEngine engine);

  @BeforeEach
  final void startAdapter() {
    engine = new TckEngine();
    adapter = start(engine);
    engine.settleBy(adapter);
  }

  @AfterEach
  final void stopAdapter() {
    adapter.close();
    adapter = new Stopped();
  }

  final TckEngine engine() {
    return engine;
  }

  final RawClient connect() {
    return adapter.connect();
  }

  /** Sends a request and gives the engine's side of it. */
  private HttpExchange get(RawClient client, String query) {
    client.send("GET", engine.path() + "?" + query, NOTHING);
    return engine.exchanges.next();
  }

  private static HttpResponse ok(String text) {
    return HttpResponse.text(200, text);
  }

  @Test
  void c1_engineIsHandedTheWholeRequest() {
    try (var client = connect()) {
      client.send(
          "POST", "/chsk?a=%20b&c", "ünï".getBytes(UTF_8), "X-Name", "one", "x-name", "Two");
      var request = engine.exchanges.next().request();
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.path()).isEqualTo("/chsk");
      assertThat(request.rawQuery()).isEqualTo("a=%20b&c");
      assertThat(request.headers().get("x-name")).containsExactly("one", "Two");
      assertThat(request.header("HOST")).isNotNull();
      assertThat(request.bodyText()).isEqualTo("ünï");
      assertThat(request.remoteAddress()).isNotBlank().doesNotContain("/");
      assertThat(request.secure()).isFalse();
      assertThat(request.isWebSocketUpgrade()).isFalse();
    }
  }

  @Test
  void c1_anyMethodIsHandedInAndNoQueryIsNull() {
    try (var client = connect()) {
      client.send("OPTIONS", "/chsk", NOTHING);
      var exchange = engine.exchanges.next();
      assertThat(exchange.request().method()).isEqualTo("OPTIONS");
      assertThat(exchange.request().rawQuery()).isNull();
      assertThat(exchange.request().body()).isEmpty();
    }
  }

  @Test
  void c1_otherPathsAreNotTheEngines() {
    try (var client = connect()) {
      client.send("GET", "/chskx?a=1", NOTHING);
      assertThat(client.answer().status()).isEqualTo(404);
      assertThat(engine.exchanges.rest()).isEmpty();
    }
  }

  @Test
  void c2_answerArrivesAsItWasGiven() {
    try (var client = connect()) {
      byte[] body = {0, -1, 13, 10};
      get(client, "a").respond(new HttpResponse(418, Map.of("X-Tea", "pot"), body));
      var answer = client.answer();
      assertThat(answer.status()).isEqualTo(418);
      assertThat(answer.headers()).containsEntry("x-tea", "pot");
      assertThat(answer.body()).isEqualTo(body);
    }
  }

  @Test
  void c2_answerMayComeLaterAndFromAnyThread() throws InterruptedException {
    try (var client = connect();
        var other = connect()) {
      var first = get(client, "first");
      get(other, "second").respond(ok("second"));
      assertThat(other.answer().text()).isEqualTo("second");
      Thread.ofVirtual().start(() -> first.respond(ok("first"))).join();
      assertThat(client.answer().text()).isEqualTo("first");
    }
  }

  @Test
  void c4_bodyThatIsTooLargeIsAnswered413AndTheConnectionEnded() {
    try (var client = connect()) {
      client.send("POST", "/chsk", new byte[TckEngine.MAX_BYTES + 1]);
      assertThat(client.answer().status()).isEqualTo(413);
      assertThat(client.isEnded()).isTrue();
      assertThat(engine.exchanges.rest()).isEmpty();
    }
  }

  @Test
  void c4_bodyOfJustTheLimitIsTaken() {
    try (var client = connect()) {
      client.send("POST", "/chsk", new byte[TckEngine.MAX_BYTES]);
      assertThat(engine.exchanges.next().request().body()).hasSize(TckEngine.MAX_BYTES);
    }
  }

  @Test
  void c5_answeringDoesNotWaitForTheClientToRead() {
    try (var client = connect()) {
      byte[] body = new byte[16 * 1024 * 1024];
      get(client, "a").respond(new HttpResponse(200, Map.of(), body));
      assertThat(client.answer().body()).hasSameSizeAs(body);
    }
  }

  @Test
  void c6_firstAnswerCounts() {
    try (var client = connect()) {
      var exchange = get(client, "a");
      exchange.respond(ok("first"));
      exchange.respond(ok("second"));
      exchange.acceptWebSocket(null, new TckListener(engine));
      assertThat(client.answer().text()).isEqualTo("first");
      get(client, "b").respond(ok("third"));
      assertThat(client.answer().text()).isEqualTo("third");
    }
  }

  @Test
  void c7_connectionStaysOpenAsHttpSays() {
    try (var client = connect()) {
      for (int i = 0; i < 3; i++) {
        get(client, "n=" + i).respond(ok("n=" + i));
        assertThat(client.answer().text()).isEqualTo("n=" + i);
      }
      client.send("GET", "/chsk", NOTHING, "Connection", "close");
      engine.exchanges.next().respond(ok("last"));
      assertThat(client.answer().text()).isEqualTo("last");
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void c9_abortIsToldAtOnce() {
    assertAbortIsTold(RawClient::leave);
  }

  @Test
  void c9_resetIsToldAtOnce() {
    assertAbortIsTold(RawClient::reset);
  }

  private void assertAbortIsTold(java.util.function.Consumer<RawClient> leave) {
    var aborted = new Told<String>(engine::settle);
    var client = connect();
    get(client, "a").onAbort(() -> aborted.add("aborted"));
    leave.accept(client);
    assertThat(aborted.next()).isEqualTo("aborted");
    stopAdapter();
    assertThat(aborted.rest()).isEmpty();
  }

  @Test
  void c9_whoAsksTooLateIsToldRightAway() {
    var aborted = new Told<String>(engine::settle);
    var client = connect();
    var exchange = get(client, "a");
    exchange.onAbort(() -> aborted.add("first"));
    client.leave();
    aborted.next();
    exchange.onAbort(() -> aborted.add("second"));
    assertThat(aborted.rest()).containsExactly("second");
  }

  @Test
  void c9_nobodyIsToldAfterTheAnswer() {
    var aborted = new Told<String>(engine::settle);
    try (var client = connect()) {
      var exchange = get(client, "a");
      exchange.onAbort(() -> aborted.add("aborted"));
      exchange.respond(ok("answer"));
      assertThat(client.answer().text()).isEqualTo("answer");
    }
    stopAdapter();
    assertThat(aborted.rest()).isEmpty();
  }

  /** No adapter yet, or none any more. */
  private static final class Stopped implements RunningAdapter {
    @Override
    public RawClient connect() {
      throw new AssertionError("the adapter is stopped");
    }

    @Override
    public void close() {}
  }
}
