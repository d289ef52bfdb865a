package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.CloseReason;
import dev.sente.client.Lost;
import dev.sente.client.TransportChoice;
import dev.sente.client.TransportType;
import dev.sente.packer.PackException;
import dev.sente.wire.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How a client in v2 connects, and which session it has; each test named by the rule of PROTOCOL.md
 * that it proves.
 */
class StreamSessionTest extends StreamScene {

  @Test
  void v1_noSecretStandsInTheUrl() {
    connect(
        options(TransportChoice.WS)
            .csrfToken(() -> "tök")
            .authorization(() -> "Bearer x")
            .params(Map.of("b", "2 3")));
    var call = network.socket().call;
    assertThat(call.uri())
        .hasToString("wss://example.test/chsk?a=1&b=2%203&client-id=c1&packer=edn&received=0");
    assertThat(call.subprotocols())
        .containsExactly("sente.v2", "sente.csrf.dMO2aw", "sente.auth.QmVhcmVyIHg");
    shake(fresh("T1"));
    breakOff();
    assertThat(network.socket().call.subprotocols()).last().isEqualTo("sente.session.T1");
  }

  @Test
  void v2_longPollingCarriesTheSameInHeaders() {
    var client =
        connect(options(TransportChoice.AJAX).csrfToken(() -> "t").authorization(() -> "Basic y"));
    var poll = network.request("GET");
    assertThat(poll.call.headers())
        .containsEntry("X-Sente", "2")
        .containsEntry("X-CSRF-Token", "t")
        .containsEntry("Authorization", "Basic y")
        .doesNotContainKey("X-Sente-Session");
    assertThat(poll.param("handshake?")).isEqualTo("1");
    poll.answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    time.settle();
    var post = network.request("POST");
    assertThat(post.call.headers())
        .containsEntry("X-Sente-Session", "T1")
        .containsEntry("Content-Type", "text/plain;charset=UTF-8");
    assertThat(post.param("first")).isEqualTo("1");
    assertThat(post.body()).isEqualTo("[[[:test/up 1]]]");
  }

  @Test
  void v4_theHandshakeTellsTheState() {
    var client = open();
    assertThat(client.state().open()).isTrue();
    assertThat(client.state().uid()).isEqualTo("ann");
    assertThat(client.state().lost()).isNull();
  }

  @Test
  void v4_aServerWithoutV2IsTold() {
    var client = connect(options(TransportChoice.WS));
    network.socket().listener.onOpen("");
    time.settle();
    assertThat(errors).singleElement().asString().contains("CLASSIC");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void v14_aResumedSessionSendsAgainWhatTheServerDoesNotHave() {
    var client = open();
    client.send("test/up", 1);
    client.send("test/up", 2);
    breakOff();
    client.send("test/up", 3);
    shake(handshake("T1", 1, true, "nil"));
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 2] [:test/up 3]]]");
    assertThat(client.state().resumed()).isTrue();
  }

  @Test
  void v14_whatMayBeLostIsToldAndWhatNeverLeftIsSent() {
    var client = open();
    client.send("test/sent", 1);
    var asked = client.request("test/asked", 2);
    breakOff();
    client.send("test/waiting", 3);
    var waiting = client.request("test/ask", 4);
    shake(handshake("T2", 0, false, "\"unknown-session\""));
    assertThat(client.state().lost())
        .isEqualTo(new Lost("unknown-session", List.of("test/sent", "test/asked")));
    assertThat(asked.join()).isEqualTo(new Reply.Closed());
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:test/waiting 3] [:chsk/request [2 [:test/ask 4]]]]]");
    say("[[[:chsk/reply [2 5]]]]");
    assertThat(waiting.join()).isInstanceOf(Reply.Value.class);
  }

  @Test
  void v14_anAnswerOfAnOldSessionStaysOutOfTheNewOne() {
    var client = open();
    var later = new CompletableFuture<String>();
    client.answer("test/later", request -> later);
    say("[[[:chsk/request [1 [:test/later]]]]]");
    breakOff();
    shake(handshake("T2", 0, false, "\"unknown-session\""));
    later.complete("late");
    time.settle();
    assertThat(network.socket().takeSent()).isEmpty();
  }

  @Test
  void v20_aServerThatForgotTheSessionIsAskedForAHandshake() {
    var client = openByPolling();
    time.advance(Duration.ofSeconds(1));
    client.send("test/up", 1);
    network.request("POST").answer(410, "", 0);
    time.settle();
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
    network.request("GET").answer(handshake("T2", 0, false, "\"unknown-session\""));
    time.settle();
    assertThat(client.state().lost()).isEqualTo(new Lost("unknown-session", List.of("test/up")));
  }

  @Test
  void v25_aClientThatDisconnectsSaysSo() {
    var client = open();
    client.disconnect();
    assertThat(network.socket().takeSent()).singleElement().asString().contains(":chsk/close");
    assertThat(network.socket().closeCode).isEqualTo(1000);
    assertThat(time.alarms()).isZero();
    client.connect();
    time.settle();
    assertThat(network.socket().call.subprotocols()).containsExactly("sente.v2");
  }

  @Test
  void v25_aClientThatDisconnectsSaysSoByLongPollingToo() {
    var client = connect(options(TransportChoice.AJAX));
    client.disconnect();
    // There is no session yet.
    assertThat(network.isWaiting("POST")).isFalse();
    client.connect();
    time.settle();
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    var under = network.request("POST");
    client.close();
    assertThat(under.aborted).isTrue();
    assertThat(network.isWaiting("GET")).isFalse();
    var post = network.request("POST");
    assertThat(post.body()).startsWith("[[:chsk/close {");
    assertThat(post.call.headers()).containsEntry("X-Sente-Session", "T1");
    // Nobody waits for it, or waits longer than for any.
    time.advance(Duration.ofSeconds(20));
    assertThat(post.aborted).isTrue();
    assertThat(time.alarms()).isZero();
    assertThat(network.isWaiting("POST")).isFalse();
    assertThat(errors).isEmpty();
  }

  @Test
  void whatIsSaidRightAfterConnectingAnewIsSent() {
    var client = open();
    client.disconnect();
    client.connect();
    assertThat(client.send("test/up", 1)).isTrue();
    var asked = client.request("test/ask", 2);
    time.settle();
    assertThat(asked).isNotDone();
    shake(fresh("T2"));
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:test/up 1] [:chsk/request [1 [:test/ask 2]]]]]");
  }

  @Test
  void theCallersMistakesAreThrown() {
    var client = open();
    assertThatThrownBy(() -> client.send("no-slash")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.send("chsk/ping")).isInstanceOf(IllegalArgumentException.class);
    var ring = new ArrayList<Object>();
    ring.add(ring);
    assertThatThrownBy(() -> client.send("test/up", ring)).isInstanceOf(PackException.class);
    client.answer("test/a", request -> 1);
    assertThatThrownBy(() -> client.answer("test/a", request -> 2))
        .isInstanceOf(IllegalStateException.class);
    client.close();
    assertThatThrownBy(client::connect).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ChannelSocketClient.connect(URI.create("ftp://x/y")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> options(TransportChoice.WS).clientId(" ").build())
        .hasMessageContaining("clientId");
    for (var bad : List.of("a\n", "a\u2028")) {
      assertThatThrownBy(() -> options(TransportChoice.WS).clientId(bad).build())
          .hasMessageContaining("control characters");
    }
    assertThatThrownBy(() -> options(TransportChoice.WS).pollTimeout(Duration.ZERO).build())
        .hasMessage("pollTimeout must be above zero and at most PT24H, was PT0S");
  }

  @Test
  void suppliersAreAskedAnewAndTheirFailureIsReported() {
    var tokens = new ArrayList<String>(List.of("a"));
    connect(options(TransportChoice.WS).csrfToken(tokens::removeFirst));
    assertThat(network.socket().call.subprotocols()).contains("sente.csrf.YQ");
    tokens.add("b");
    breakOff();
    assertThat(network.socket().call.subprotocols()).contains("sente.csrf.Yg");
    chance = Long.MIN_VALUE;
    breakOff();
    assertThat(errors).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(errors).isNotEmpty().allMatch(error -> error.startsWith("connect: "));
    assertThat(states).last().matches(state -> !state.open());
  }

  @Test
  void v14_aHandshakeToldAgainGoesOnWithTheSessionThatThereIs() {
    var client = openByPolling();
    network.request("GET").answer("[[[:test/down 0]]]");
    time.advance(Duration.ofSeconds(6));
    // The poll is asked anew, and a WebSocket tried beside it: both with the old session.
    client.networkChanged();
    time.settle();
    var told = handshake("T2", 0, false, "\"unknown-session\"");
    network.request("GET").answer(told);
    time.settle();
    client.send("test/up", 1);
    assertThat(network.request("POST").param("first")).isEqualTo("1");
    shake(told);
    say("[[[:test/down 1]]]");
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
    assertThat(got).containsExactly(0L, 1L);
    assertThat(states.stream().filter(state -> state.lost() != null)).hasSize(1);
  }

  @Test
  void v24_aWebSocketBetweenTwoAnswersThatCannotBeReadSaysThatNeitherIsTheServers() {
    var client = openByPolling();
    var page = "<html>Log in to this network first</html>";
    network.request("GET").answer(page);
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    client.networkChanged();
    time.settle();
    shake(handshake("T1", 0, true, "nil"));
    assertThat(client.state().type()).isEqualTo(TransportType.WS);
    // Elsewhere, later.
    breakOff();
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    network.request("GET").answer(page);
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
  }

  @Test
  void v12_whoIsTakenForLateComesBack() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer("[[:chsk/timeout]]");
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
    time.advance(Duration.ofMillis(250));
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
  }

  @Test
  void v4_aServerWithoutV2IsToldByLongPolling() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer("[[:chsk/handshake [\"ann\" nil nil]] nil]");
    time.settle();
    assertThat(errors).singleElement().asString().contains("CLASSIC");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void v14_whatTheServerDoesNotTakeIsLeftOutOnceItsBoundIsKnown() {
    var client = connect(options(TransportChoice.WS));
    assertThat(client.send("test/big", "x".repeat(2000))).isTrue();
    var asked = client.request("test/big", "x".repeat(2000));
    client.send("test/up", 1);
    var all = client.delivered();
    shake(fresh("T1"));
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
    assertThat(errors).singleElement().asString().contains("test/big: ", "1000 bytes");
    assertThat(asked.join()).isInstanceOf(Reply.Refused.class);
    assertThat(settled(all)).isFalse();
    assertThat(client.state().open()).isTrue();
  }

  @Test
  void v27_sessionsThatDoNotLastAreNotBegunWithoutAPause() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    // As where another client has the same client-id.
    network.request("GET").answer(handshake("T2", 0, false, "\"unknown-session\""));
    time.settle();
    assertThat(network.isWaiting("GET")).isFalse();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
    time.advance(Duration.ofMillis(1));
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
    network.request("GET").answer(handshake("T3", 0, false, "\"unknown-session\""));
    time.advance(Duration.ofSeconds(1));
    network.request("GET").answer(handshake("T4", 0, false, "\"unknown-session\""));
    time.settle();
    assertThat(client.state().open()).isTrue();
    assertThat(network.request("GET").call.headers()).containsEntry("X-Sente-Session", "T4");
  }

  @Test
  void v27_sessionsThatEndByAPostAreNotBegunWithoutAPauseEither() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.advance(Duration.ofSeconds(1));
    client.send("test/up", 1);
    network.request("POST").answer(410, "", 0);
    time.settle();
    network.request("GET").answer(handshake("T2", 0, false, "\"unknown-session\""));
    time.settle();
    assertThat(client.state().open()).isTrue();
    // As where another client has the same client-id.
    client.send("test/up", 2);
    network.request("POST").answer(410, "", 0);
    time.settle();
    network.request("GET").answer(handshake("T3", 0, false, "\"unknown-session\""));
    time.settle();
    assertThat(network.isWaiting("GET")).isFalse();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
  }

  /** Of two nodes behind one address each may be asked by other requests. */
  @ParameterizedTest
  @CsvSource({"410, ''", "409, 7"})
  void v20_aSessionThatOnlyPollsFindIsNotAskedForWithoutEnd(int status, String body) {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    int posts = 0;
    while (client.state().open() && posts < 20) {
      network.request("POST").answer(status, body, 0);
      time.settle();
      posts++;
      if (network.isWaiting("GET") && network.request("GET").param("handshake?") != null) {
        network.request("GET").answer(handshake("T1", 0, true, "nil"));
      }
      time.settle();
      assertThat(network.isWaiting("POST")).isFalse();
      time.advance(Duration.ofSeconds(4));
    }
    assertThat(posts).isEqualTo(5);
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
  }

  /** By what stands before the server, which closes with 4503. */
  @Test
  void v24_aMessageThatClosesItsWebSocketAsTooLargeDoesNotGoAgain() {
    var client = open();
    client.send("test/up", 1);
    var asked = client.request("test/ask", 2);
    network.socket().listener.onClosed(1009, "too big");
    time.advance(Duration.ofHours(1));
    assertThat(network.sockets).hasSize(1);
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    assertThat(lastClose(client).code()).isEqualTo(1009);
    assertThat(errors).containsExactly("protocol: closed with 1009, for a message too large");
    assertThat(asked.join()).isEqualTo(new Reply.Closed());
    client.connect();
    time.settle();
    assertThat(network.socket().call.subprotocols()).containsExactly("sente.v2");
    shake(fresh("T2"));
    assertThat(client.state().lost())
        .isEqualTo(new Lost("protocol", List.of("test/up", "test/ask")));
    assertThat(network.socket().takeSent()).isEmpty();
  }

  @Test
  void aParameterThatIsNullIsTold() {
    var params = new HashMap<String, @Nullable String>();
    params.put("token", null);
    connect(options(TransportChoice.WS).params(() -> given(params)));
    assertThat(network.sockets).isEmpty();
    assertThat(errors).containsExactly("connect: params must not give null, gave it for token");
  }

  @SuppressWarnings("NullAway")
  private static Map<String, String> given(Map<String, @Nullable String> params) {
    return params;
  }

  /** What a thread had begun when another one closed comes after it, and is too late. */
  @Test
  void whatComesBesideClosingDoesNotConnectAgain() throws InterruptedException {
    for (int i = 0; i < 2000; i++) {
      var sockets = new FakeNetwork();
      var tasks = new ConcurrentLinkedQueue<Runnable>();
      var client =
          ChannelSocketClient.open(
              URI.create("https://example.test/chsk"),
              options(TransportChoice.WS).network(sockets).executor(tasks::add).build());
      client.connect();
      tasks.remove().run();
      var other =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      client.reconnect();
                      client.connect();
                    } catch (IllegalStateException e) {
                      // It was closed before.
                    }
                  });
      client.close();
      other.join();
      tasks.forEach(Runnable::run);
      assertThat(sockets.socket().closeCode).isEqualTo(1000);
      assertThat(client.send("test/up", 1)).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"10, 5000", "70000, 22000"})
  void aPostThatIsNotAnsweredSoonAfterAChangeOfNetworkGoesAgain(int size, int millis) {
    var client = openForLarge();
    client.send("test/up", "x".repeat(size));
    var post = network.request("POST");
    time.advance(Duration.ofSeconds(10));
    client.networkChanged();
    time.advance(Duration.ofMillis(millis / 2));
    // However often it is called, it is not waited for longer.
    client.networkChanged();
    time.advance(Duration.ofMillis(millis - millis / 2 - 1));
    assertThat(post.isWaiting()).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(post.aborted).isTrue();
    time.advance(Duration.ofMillis(200));
    assertThat(network.request("POST").body()).isEqualTo(post.body());
    assertThat(client.state().open()).isTrue();
    client.close();
    network.request("POST").answer("[[:chsk/ack 0]]");
    time.settle();
    assertThat(time.alarms()).isZero();
  }
}
