package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.ClientOptionsBuilder;
import dev.sente.client.ClientState;
import dev.sente.client.CloseReason;
import dev.sente.client.LastClose;
import dev.sente.client.Lost;
import dev.sente.client.TransportChoice;
import dev.sente.client.TransportType;
import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.client.net.Network;
import dev.sente.client.net.Socket;
import dev.sente.client.net.SocketCall;
import dev.sente.client.net.SocketListener;
import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.testkit.FakeTime;
import dev.sente.wire.Reply;
import java.io.IOError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** v2, each test named by the rule of PROTOCOL.md that it proves. */
class StreamSessionTest {

  /** How long other threads may take on a machine that is busy. Nothing is measured by it. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final FakeTime time = new FakeTime();
  private final FakeNetwork network = new FakeNetwork();
  private final List<String> errors = new ArrayList<>();
  private final List<ClientState> states = new ArrayList<>();
  private final List<@Nullable Object> got = new ArrayList<>();

  /** The next number of the random generator: 0 tries again at once. */
  private long chance;

  private ClientOptionsBuilder options(TransportChoice type) {
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

  private ChannelSocketClient connect(ClientOptionsBuilder options) {
    var client =
        ChannelSocketClient.open(URI.create("https://example.test/chsk?a=1"), options.build());
    client.onState((state, previous) -> states.add(state));
    client.on("test/down", event -> got.add(event.data()));
    client.connect();
    time.settle();
    return client;
  }

  private static String handshake(String session, long received, boolean resumed, String lost) {
    return ("[[:chsk/handshake [\"ann\" nil nil {:v 2, :session \"%s\", :received %d, :resumed %b,"
            + " :lost %s, :ping-ms 12500, :timeout-ms 10000, :max-message-bytes 1000}]]]")
        .formatted(session, received, resumed, lost);
  }

  private static LastClose lastClose(ChannelSocketClient client) {
    var last = client.state().lastClose();
    assertThat(last).isNotNull();
    return Objects.requireNonNull(last);
  }

  private static String fresh(String session) {
    return handshake(session, 0, false, "nil");
  }

  /** Connected by a WebSocket. */
  private ChannelSocketClient open() {
    var client = connect(options(TransportChoice.WS));
    shake(fresh("T1"));
    return client;
  }

  private void shake(String handshake) {
    network.socket().open();
    network.socket().say(handshake);
    time.settle();
  }

  private void say(String frame) {
    network.socket().say(frame);
    time.settle();
  }

  private void breakOff() {
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    time.advance(Duration.ofMillis(1));
  }

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
  void v5_messagesThatWaitLeaveInOneFrame() {
    var client = connect(options(TransportChoice.WS));
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/none");
    assertThat(network.socket().sent).isEmpty();
    shake(fresh("T1"));
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:test/up 1] [:test/up 2] [:test/none]]]");
  }

  @Test
  void v5_requestsAreAnsweredBothWays() {
    var client = open();
    var reply = client.request("test/ask", 7);
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/request [1 [:test/ask 7]]]]]");
    var failed = client.request("test/ask", 8);
    say("[[[:chsk/reply [1 [:a]]] [:chsk/error [2 {:code \"no\" :message \"why\"}]]]]");
    assertThat(((Reply.Value) reply.join()).value().isVector()).isTrue();
    assertThat(failed.join()).isEqualTo(new Reply.RemoteError("no", "why"));

    client.answer("test/asked", Long.class, (number, request) -> number * 2);
    var later = new CompletableFuture<String>();
    client.answer("test/later", request -> later);
    client.answer(
        "test/broken",
        request -> {
          throw new IllegalStateException("secret");
        });
    network.socket().takeSent();
    say(
        "[[[:chsk/request [1 [:test/later]]] [:chsk/request [2 [:test/asked 21]]]"
            + " [:chsk/request [3 [:test/broken]]] [:chsk/request [4 [:test/unknown]]]"
            + " [:chsk/request [5 [:test/asked \"x\"]]]]]");
    later.complete("done");
    time.settle();
    var sent = String.join(" ", network.socket().takeSent());
    assertThat(sent)
        .contains("[:chsk/reply [2 42]]", "[:chsk/error [3 {:code \"handler-error\"}]]")
        .contains(
            "[4 {:code \"no-handler\"", "[5 {:code \"bad-data\"", "[:chsk/reply [1 \"done\"]]")
        .doesNotContain("secret");
  }

  @Test
  void v7_whatCameBeforeIsDropped() {
    open();
    say("[[[:test/down 1] [:test/down 2]]]");
    breakOff();
    assertThat(network.socket().call.uri().getQuery()).contains("received=2");
    shake(handshake("T1", 0, true, "nil"));
    say("[[[:test/down 3]]]");
    assertThat(got).containsExactly(1L, 2L, 3L);
  }

  @Test
  void v9_acknowledgesAfter128MessagesOrASecondOrWhenPinged() {
    open();
    say("[[[:test/down 1]]]");
    assertThat(network.socket().takeSent()).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/ack 1]]");
    say("[[" + "[:test/down 2]".repeat(127) + "]]");
    assertThat(network.socket().takeSent()).isEmpty();
    say("[[[:test/down 3]]]");
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/ack 129]]");
    say("[[[:test/down 4]]]");
    assertThat(network.socket().takeSent()).isEmpty();
    say("[[:chsk/ping]]");
    assertThat(network.socket().takeSent())
        .containsExactlyInAnyOrder("[[:chsk/ack 130]]", "[[:chsk/pong]]");
    say("[[:chsk/ping]]");
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/pong]]");
  }

  @Test
  void v10_anImpossibleAcknowledgementIsAProtocolError() {
    var client = open();
    say("[[:chsk/ack 1]]");
    assertThat(network.socket().closeCode).isEqualTo(4501);
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    time.advance(Duration.ofHours(1));
    assertThat(network.sockets).hasSize(1);
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
  void v16_theQueueIsBounded() {
    var client = connect(options(TransportChoice.WS).maxQueuedMessages(2).maxQueuedBytes(100));
    assertThat(client.send("test/up", 1)).isTrue();
    assertThat(client.send("test/up", "x".repeat(200))).isFalse();
    assertThat(client.send("test/up", 2)).isTrue();
    assertThat(client.send("test/up", 3)).isFalse();
    var refused = client.request("test/up", 3);
    time.settle();
    assertThat(refused.join()).isInstanceOf(Reply.Refused.class);
    shake(fresh("T1"));
    assertThat(client.send("test/up", 3)).isFalse();
    say("[[:chsk/ack 2]]");
    assertThat(client.send("test/up", 3)).isTrue();
    // The server takes no message of more than 1000 bytes.
    say("[[:chsk/ack 3]]");
    assertThat(client.send("test/up", "x".repeat(1000))).isFalse();
  }

  @Test
  void v18_aPollThatIsCutIsAskedAgain() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(network.request("GET").param("handshake?")).isNull();
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    network.request("GET").fail();
    time.settle();
    assertThat(network.request("GET").param("received")).isEqualTo("1");
    network.request("GET").answer("[[:chsk/timeout]]");
    time.settle();
    assertThat(client.state().open()).isTrue();
    assertThat(got).containsExactly(1L);
  }

  @Test
  void v19_onePostAtATimeAndWhatWaitsGoesAsOneBatch() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/up", 3);
    var first = network.request("POST");
    assertThat(first.body()).isEqualTo("[[[:test/up 1]]]");
    first.answer("[[:chsk/ack 1]]");
    time.settle();
    var second = network.request("POST");
    assertThat(second.body()).isEqualTo("[[[:test/up 2] [:test/up 3]]]");
    assertThat(second.param("first")).isEqualTo("2");
    // Lost: the same again, the server drops what it has.
    second.fail();
    time.settle();
    assertThat(network.isWaiting("POST")).isFalse();
    time.advance(Duration.ofMillis(200));
    assertThat(network.request("POST").param("first")).isEqualTo("2");
    // A full inbox: the rest again.
    network.request("POST").answer("[[:chsk/ack 2]]");
    time.advance(Duration.ofMillis(200));
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 3]]]");
    network.request("POST").answer(409, "2", 0);
    time.advance(Duration.ofMillis(400));
    assertThat(network.request("POST").param("first")).isEqualTo("3");
  }

  @Test
  void v19_whatAServerHasNoRoomForGoesAgainAfterAPause() {
    var client = openByPolling();
    client.send("test/up", 1);
    network.request("POST").answer(503, "", 1000);
    time.advance(Duration.ofMillis(999));
    assertThat(client.state().open()).isFalse();
    assertThat(network.isWaiting("GET")).isFalse();
    time.advance(Duration.ofMillis(2));
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 1]]]");
  }

  /** A message goes again as a whole: over a slow line it would never be there. */
  @ParameterizedTest
  @CsvSource({"10, 20", "70000, 77", "1000000, 304"})
  void v19_aPostIsTriedAgainAfterAWhileAndALargeOneLater(int size, int seconds) {
    var client = openForLarge();
    assertThat(client.send("test/up", "x".repeat(size))).isTrue();
    var post = network.request("POST");
    for (int i = 1; i < seconds; i++) {
      time.advance(Duration.ofSeconds(1));
      network.request("GET").answer("[[:chsk/timeout]]");
    }
    time.advance(Duration.ofMillis(999));
    assertThat(post.isWaiting()).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(post.aborted).isTrue();
    time.advance(Duration.ofMillis(200));
    assertThat(network.request("POST").param("first")).isEqualTo("1");
  }

  @Test
  void v19_whatWasNotAnsweredInTimeGoesInSmallerPartsSinceTheWayUpMayBeSlow() {
    var client = openForLarge();
    client.send("test/up", 0);
    for (int i = 1; i <= 60; i++) {
      client.send("test/up", "x".repeat(1000));
    }
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    assertThat(messagesIn(network.request("POST"))).isEqualTo(60);
    time.advance(Duration.ofMillis(20_200));
    assertThat(network.request("POST").param("first")).isEqualTo("2");
    assertThat(messagesIn(network.request("POST"))).isEqualTo(32);
    time.advance(Duration.ofMillis(20_400));
    assertThat(messagesIn(network.request("POST"))).isEqualTo(16);
    // The server may have got the whole of the first all the same.
    network.request("POST").answer("[[:chsk/ack 61]]");
    client.send("test/up", 1);
    time.advance(Duration.ofMillis(100));
    assertThat(network.request("POST").param("first")).isEqualTo("62");
  }

  @Test
  void v19_aPostThatIsNeverAnsweredIsToldOf() {
    var client = openForLarge();
    client.send("test/up", "x".repeat(1_000_000));
    for (int i = 0; i < 5 * 305; i++) {
      time.advance(Duration.ofSeconds(1));
      if (client.state().open()) {
        network.request("GET").answer("[[:chsk/timeout]]");
      }
    }
    assertThat(errors).containsExactly("post: no answer within PT5M4S");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
  }

  private static int messagesIn(FakeNetwork.FakeRequest post) {
    return post.body().split("test/up", -1).length - 1;
  }

  /** By long-polling, to a server that takes large messages. */
  private ChannelSocketClient openForLarge() {
    var client = connect(options(TransportChoice.AJAX));
    network
        .request("GET")
        .answer(fresh("T1").replace(":max-message-bytes 1000", ":max-message-bytes 2000000"));
    time.settle();
    return client;
  }

  @Test
  void v19_nothingIsForgottenWhileAHandshakeIsAwaited() {
    var client = openByPolling();
    client.networkChanged();
    time.settle();
    assertThat(network.sockets).hasSize(2);
    client.send("test/up", 1);
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    // The handshake was on its way before the POST arrived.
    shake(handshake("T1", 0, true, "nil"));
    assertThat(client.state().type()).isEqualTo(TransportType.WS);
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
  }

  @Test
  void v19_aPageInAnswerToAPostIsNotTheServers() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    network.request("POST").answer("<html>Log in to this network first</html>");
    time.settle();
    assertThat(errors).singleElement().asString().startsWith("post: ");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
    time.advance(Duration.ofMillis(1));
    var poll = network.request("GET");
    assertThat(poll.param("handshake?")).isEqualTo("1");
    assertThat(poll.call.headers()).containsEntry("X-Sente-Session", "T1");
    poll.answer(handshake("T1", 0, true, "nil"));
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 1]]]");
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

  /** By long-polling, after the WebSocket did not open. */
  private ChannelSocketClient openByPolling() {
    var client = connect(options(TransportChoice.AUTO));
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(client.state().type()).isEqualTo(TransportType.AJAX);
    return client;
  }

  @Test
  void v22_pingsAreAnsweredAndSilenceEndsTheConnection() {
    var client = open();
    say("[[:chsk/ping]]");
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/pong]]");
    time.advance(Duration.ofMillis(22_499));
    assertThat(client.state().open()).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(client.state().open()).isFalse();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.WS_PING_TIMEOUT);
  }

  @Test
  void v23_aServerThatGoesAwayIsLeftAloneForAsLongAsItWants() {
    var client = open();
    say("[[:chsk/close {:code 4000 :reason \"going away\" :retry-ms 7000}]]");
    assertThat(lastClose(client).code()).isEqualTo(4000);
    time.advance(Duration.ofMillis(6999));
    assertThat(network.sockets).hasSize(1);
    time.advance(Duration.ofMillis(1));
    assertThat(network.sockets).hasSize(2);
  }

  @Test
  void v23_anExpiredTokenIsAskedForAnew() {
    var asked = new AtomicInteger();
    var client =
        connect(
            options(TransportChoice.AJAX)
                .headers(() -> Map.of("Authorization", "T" + asked.incrementAndGet())));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    time.advance(Duration.ofSeconds(2));
    network.request("GET").answer(401, "", 0);
    time.settle();
    assertThat(client.state().open()).isFalse();
    time.advance(Duration.ofSeconds(1));
    var again = network.request("GET");
    assertThat(again.call.headers()).containsEntry("Authorization", "T2");
    again.answer(401, "", 0);
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.REFUSED);
  }

  @Test
  void v19_aServerWhoseInboxIsFullIsNoLostOne() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    for (int i = 0; i < 12; i++) {
      network.request("POST").answer("[[:chsk/ack 0]]");
      time.settle();
      assertThat(client.state().open()).isTrue();
      time.advance(Duration.ofSeconds(4));
    }
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    assertThat(client.state().open()).isTrue();
  }

  @Test
  void v23_aRefusedUpgradeIsToldByItsStatus() {
    var client = connect(options(TransportChoice.AUTO));
    var waiting = client.request("test/ask", 1);
    network.socket().listener.onFailed(403, 0, null);
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.REFUSED);
    assertThat(lastClose(client).status()).isEqualTo(403);
    assertThat(waiting.join()).isInstanceOf(Reply.Refused.class);
    assertThat(client.send("test/up")).isFalse();
    client.reconnect();
    time.settle();
    assertThat(network.sockets).hasSize(2);
  }

  @Test
  void v24_whatNoRuleAllowsIsAProtocolError() {
    open();
    say("[[:chsk/nonsense]]");
    assertThat(network.socket().closeCode).isEqualTo(4501);
    assertThat(errors).singleElement().asString().startsWith("protocol: ");
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
  void v26_theProbeTakesOver() {
    var client = openByPolling();
    var poll = network.request("GET");
    time.advance(Duration.ofSeconds(30));
    assertThat(network.sockets).hasSize(2);
    shake(handshake("T1", 0, true, "nil"));
    assertThat(client.state().type()).isEqualTo(TransportType.WS);
    assertThat(poll.aborted).isTrue();
    assertThat(network.isWaiting("GET")).isFalse();
  }

  @Test
  void v26_aProbeThatMeetsAServerWithoutV2HarmsNoSession() {
    var client = openByPolling();
    time.advance(Duration.ofSeconds(30));
    network.socket().listener.onOpen("");
    time.settle();
    assertThat(network.socket().closeCode).isEqualTo(4501);
    assertThat(errors).singleElement().asString().contains("CLASSIC");
    network.request("GET").answer("[[:chsk/timeout]]");
    time.settle();
    assertThat(client.state().open()).isTrue();
    assertThat(network.request("GET").call.headers()).containsEntry("X-Sente-Session", "T1");
  }

  @Test
  void v26_aSilentWebSocketIsGivenUpAfter5Seconds() {
    connect(options(TransportChoice.AUTO));
    time.advance(Duration.ofMillis(4999));
    assertThat(network.requests).isEmpty();
    time.advance(Duration.ofMillis(1));
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
    assertThat(network.socket().closeCode).isEqualTo(1000);
  }

  @Test
  void handlersThatAreBehindStopTheReading() {
    var held = new ArrayList<Runnable>();
    behind(held);
    assertThat(network.socket().unread()).isEqualTo(3);
    var tasks = List.copyOf(held);
    held.clear();
    tasks.forEach(Runnable::run);
    time.settle();
    assertThat(got).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  /**
   * Connected by a WebSocket, with room for two events and five to be handled.
   *
   * @param held where tasks go for as long as there are some
   */
  private ChannelSocketClient behind(List<Runnable> held) {
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

  @Test
  void aHandlerGetsItsAnswerThoughTheInboxWasFullBefore() {
    var client = connect(options(TransportChoice.WS).inboxEvents(2));
    var reply = askedByTheFirstHandler(client, () -> {});
    shake(fresh("T1"));
    network.socket().say(FIVE_EVENTS);
    // The first handler has not begun yet, so nobody waits for an answer.
    network.socket().say("[[[:chsk/reply [1 :yes]]]]");
    assertThat(network.socket().unread()).isEqualTo(1);
    time.settle();
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
  }

  @Test
  void aHandlerGetsItsAnswerByLongPollingThoughTheInboxWasFullBefore() {
    var client = connect(options(TransportChoice.AJAX).inboxEvents(2));
    var reply =
        askedByTheFirstHandler(
            client, () -> network.request("GET").answer("[[[:chsk/reply [1 :yes]]]]"));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    network.request("GET").answer(FIVE_EVENTS);
    assertThat(network.isWaiting("GET")).isFalse();
    time.settle();
    assertThat(errors).isEmpty();
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
  }

  @Test
  void anErrorOfAHandlersKeepsNoOtherFromRunning() {
    var client = open();
    client.on(
        "test/bad",
        event -> {
          throw new IOError(new IOException("disk"));
        });
    client.answer(
        "test/asked",
        request -> {
          throw new OutOfMemoryError("heap");
        });
    say("[[[:test/bad] [:chsk/request [1 [:test/asked]]] [:test/down 1]]]");
    say("[[[:test/down 2]]]");
    assertThat(got).containsExactly(1L, 2L);
    assertThat(errors).containsExactly("test/bad: java.io.IOException: disk", "test/asked: heap");
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/error [1 {:code \"handler-error\"}]]]]");
  }

  @Test
  void anErrorOfOnErrorKeepsNoHandlerFromRunning() {
    var client =
        connect(
            options(TransportChoice.WS)
                .onError(
                    (error, where) -> {
                      throw new AssertionError("told");
                    }));
    client.on(
        "test/bad",
        event -> {
          throw new IllegalStateException();
        });
    shake(fresh("T1"));
    say("[[[:test/bad] [:test/down 1]]]");
    say("[[[:test/down 2]]]");
    assertThat(got).containsExactly(1L, 2L);
  }

  @Test
  void anInterruptIsOneHandlersOwn() {
    var client = open();
    var interrupted = new ArrayList<Boolean>();
    client.on(
        "test/wait",
        event -> {
          throw new InterruptedException("given up");
        });
    client.on("test/wait", event -> interrupted.add(Thread.currentThread().isInterrupted()));
    client.on("test/stop", event -> Thread.currentThread().interrupt());
    client.on("test/next", event -> interrupted.add(Thread.currentThread().isInterrupted()));
    say("[[[:test/wait] [:test/stop] [:test/next]]]");
    assertThat(Thread.interrupted()).isFalse();
    assertThat(interrupted).containsExactly(false, false);
  }

  @Test
  void whatTheExecutorRejectsRunsAllTheSame() {
    var isFull = new AtomicBoolean();
    var client =
        connect(
            options(TransportChoice.WS)
                .executor(
                    task -> {
                      if (isFull.get()) {
                        throw new RejectedExecutionException("full");
                      }
                      time.execute(task);
                    }));
    var ran = new CompletableFuture<@Nullable Object>();
    client.on("test/down", event -> ran.complete(event.data()));
    shake(fresh("T1"));
    var asked = client.request("test/ask", 1);
    isFull.set(true);
    say("[[[:test/down 1] [:chsk/reply [1 2]]]]");
    assertThat(ran).succeedsWithin(PATIENCE).isEqualTo(1L);
    assertThat(asked).succeedsWithin(PATIENCE).isInstanceOf(Reply.Value.class);
  }

  /** As by a pool that gets no thread for a task, though it has taken it in. */
  @Test
  void whatTheExecutorFailsAtRunsOnceAndHoldsUpNothing() throws InterruptedException {
    var kept = new ConcurrentLinkedQueue<Runnable>();
    var fails = new AtomicBoolean();
    var client =
        connect(
            options(TransportChoice.WS)
                .executor(
                    task -> {
                      if (fails.get()) {
                        kept.add(task);
                        throw new InternalError("unable to create a thread");
                      }
                      time.execute(task);
                    }));
    var ran = new LinkedBlockingQueue<Long>();
    client.on("test/down", Long.class, (number, event) -> ran.add(number));
    shake(fresh("T1"));
    fails.set(true);
    say("[[[:test/down 1]]]");
    assertThat(ran.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
    fails.set(false);
    say("[[[:test/down 2]]]");
    assertThat(ran.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(2);
    // Now it has a thread for what it had taken in.
    Thread.ofVirtual().start(kept.remove()).join();
    assertThat(ran).isEmpty();
    assertThat(kept).isEmpty();
    assertThat(errors).containsExactly("executor: unable to create a thread");
  }

  /** As by a full pool that has its callers run what it has no thread for. */
  @Test
  void whatTheExecutorRunsOnItsCallersThreadHoldsUpNoFrame() {
    var isFull = new AtomicBoolean();
    var client =
        connect(
            options(TransportChoice.WS)
                .executor(
                    task -> {
                      if (isFull.get()) {
                        task.run();
                      } else {
                        time.execute(task);
                      }
                    }));
    var ran = new CompletableFuture<Thread>();
    client.on("test/down", event -> ran.complete(Thread.currentThread()));
    shake(fresh("T1"));
    var answered = client.request("test/ask", 1).thenApply(reply -> Thread.currentThread());
    isFull.set(true);
    say("[[[:test/down 1] [:chsk/reply [1 2]]]]");
    // This one brings the frames: a handler on it that waits for its answer would wait for ever.
    assertThat(ran).succeedsWithin(PATIENCE).isNotEqualTo(Thread.currentThread());
    assertThat(answered).succeedsWithin(PATIENCE).isNotEqualTo(Thread.currentThread());
  }

  private static final String FIVE_EVENTS =
      "[[[:test/ask] [:test/ask] [:test/ask] [:test/ask] [:test/ask]]]";

  /**
   * What the first event's handler is answered while it waits and holds up the others.
   *
   * @param server answers
   */
  private CompletableFuture<@Nullable Reply> askedByTheFirstHandler(
      ChannelSocketClient client, Runnable server) {
    var reply = new CompletableFuture<@Nullable Reply>();
    client.on(
        "test/ask",
        event -> {
          if (!reply.isDone()) {
            var asked = client.request("test/question", null);
            server.run();
            time.settle();
            reply.complete(asked.getNow(null));
          }
        });
    return reply;
  }

  @Test
  void whatTheNetworkDoesNotTakeWaits() {
    var client = open();
    network.socket().takesAll = false;
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/up", 3);
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
    network.socket().take();
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 2] [:test/up 3]]]");
  }

  @Test
  void aRequestThatNeverLeftIsTakenBack() {
    var client = connect(options(TransportChoice.WS));
    var late = client.request(Event.of("test/ask"), Duration.ofMillis(100));
    var cancelled = client.request(Event.of("test/ask"), Duration.ofSeconds(100));
    client.send("test/up", 1);
    cancelled.cancel(false);
    time.advance(Duration.ofMillis(100));
    assertThat(late.join()).isEqualTo(new Reply.TimedOut());
    shake(fresh("T1"));
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
  }

  @Test
  void aRequestMayWaitForEver() {
    var client = open();
    var ever = client.request(Event.of("test/ask"), ChronoUnit.FOREVER.getDuration());
    assertThat(network.socket().takeSent()).hasSize(1);
    time.advance(Duration.ofSeconds(20));
    assertThat(ever).isNotDone();
    say("[[[:chsk/reply [1 2]]]]");
    assertThat(ever).isCompletedWithValueMatching(Reply.Value.class::isInstance);
  }

  @Test
  void deliveredTellsWhenTheServerHasAll() {
    var client = open();
    assertThat(settled(client.delivered())).isTrue();
    client.send("test/up", 1);
    client.send("test/up", 2);
    var all = client.delivered();
    say("[[:chsk/ack 1]]");
    assertThat(all).isNotDone();
    say("[[:chsk/ack 2]]");
    assertThat(settled(all)).isTrue();
    client.send("test/up", 3);
    var lost = client.delivered();
    breakOff();
    shake(handshake("T2", 0, false, "\"overflow\""));
    assertThat(settled(lost)).isFalse();
  }

  private boolean settled(CompletableFuture<Boolean> future) {
    time.settle();
    return future.join();
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
  void whyNoConnectionOpensIsToldOnceForEachReason() {
    connect(options(TransportChoice.AUTO));
    for (int i = 0; i < 3; i++) {
      network.socket().listener.onFailed(0, 0, new SSLHandshakeException("unknown certificate"));
      time.settle();
      network.request("GET").end(HttpAnswer.none(new ConnectException("no route")));
      time.settle();
      time.advance(Duration.ofMillis(1));
    }
    assertThat(errors).containsExactly("connect: unknown certificate", "poll: no route");
    network.socket().listener.onFailed(0, 0, new SSLHandshakeException("expired"));
    time.settle();
    assertThat(errors).last().isEqualTo("connect: expired");
    // A status says enough.
    network.request("GET").answer(503, "", 0);
    time.settle();
    assertThat(errors).hasSize(3);
  }

  @Test
  void whyAConnectionEndedIsToldAnewOnceItWasOpen() {
    open();
    network.socket().listener.onFailed(0, 0, new IOException("reset"));
    time.settle();
    time.advance(Duration.ofMillis(1));
    shake(handshake("T1", 0, true, "nil"));
    network.socket().listener.onFailed(0, 0, new IOException("reset"));
    time.settle();
    assertThat(errors).containsExactly("connect: reset", "connect: reset");
  }

  @Test
  void v24_anAnswerToAPollThatIsTooLongIsNotFetchedForEver() {
    var client = connect(options(TransportChoice.AJAX).maxMessageBytes(1000));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    // Once it may be a network's own page.
    network.request("GET").end(HttpAnswer.tooLong(1000));
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
    time.advance(Duration.ofMillis(1));
    assertThat(network.request("GET").call.headers()).containsEntry("X-Sente-Session", "T1");
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    network.request("GET").end(HttpAnswer.tooLong(1000));
    time.advance(Duration.ofHours(1));
    assertThat(network.isWaiting("GET")).isFalse();
    assertThat(errors).last().asString().contains("protocol: ", "1000 bytes");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
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
  void v5_anAnswerThatTheServerWouldNotTakeIsAnError() {
    var client = open();
    client.answer("test/big", request -> "x".repeat(2000));
    say("[[[:chsk/request [1 [:test/big]]]]]");
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/error [1 {:code \"handler-error\"}]]]]");
    assertThat(errors).singleElement().asString().contains("test/big: ", "1000 bytes");
  }

  @Test
  void v23_whatMayHaveBeenHandledIsNotToldAsRefused() {
    var client = open();
    var handled = client.request("test/ask", 1);
    var sent = client.request("test/ask", 2);
    say("[[:chsk/ack 1]]");
    network.socket().takesAll = false;
    client.send("test/up", 3);
    var waiting = client.request("test/ask", 4);
    say("[[:chsk/close {:code 4500 :reason \"signed out\"}]]");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.REFUSED);
    assertThat(handled.join()).isEqualTo(new Reply.Closed());
    assertThat(sent.join()).isEqualTo(new Reply.Closed());
    assertThat(waiting.join()).isInstanceOf(Reply.Refused.class);
  }

  @Test
  void v22_aClientThatReadsNoFurtherIsHeardAllTheSame() {
    var held = new ArrayList<Runnable>();
    behind(held);
    // Nothing was said yet; then half of the server's time-out, which begins with any of its pings.
    time.advance(Duration.ofMillis(1));
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/pong]]");
    time.advance(Duration.ofMillis(4_999));
    assertThat(network.socket().takeSent()).doesNotContain("[[:chsk/pong]]");
    for (int i = 0; i < 5; i++) {
      time.advance(Duration.ofMillis(1));
      assertThat(network.socket().takeSent()).containsExactly("[[:chsk/pong]]");
      time.advance(Duration.ofMillis(4_999));
    }
    var tasks = List.copyOf(held);
    held.clear();
    tasks.forEach(Runnable::run);
    time.settle();
    assertThat(got).containsExactly(1L, 2L, 3L, 4L, 5L);
    // From now on the server's silence counts again.
    time.advance(Duration.ofMillis(22_499));
    assertThat(network.sockets).hasSize(1);
    time.advance(Duration.ofMillis(1));
    assertThat(network.sockets).hasSize(2);
  }

  @Test
  void aHandlerLearnsWhatIsDeliveredThoughTheInboxWasFullBefore() {
    var client = connect(options(TransportChoice.WS).inboxEvents(2));
    var delivered = new CompletableFuture<@Nullable Boolean>();
    client.on(
        "test/ask",
        event -> {
          if (!delivered.isDone()) {
            client.send("test/up", 1);
            var all = client.delivered();
            time.settle();
            delivered.complete(all.getNow(null));
          }
        });
    shake(fresh("T1"));
    network.socket().say(FIVE_EVENTS);
    network.socket().say("[[:chsk/ack 1]]");
    assertThat(network.socket().unread()).isEqualTo(1);
    time.settle();
    assertThat(delivered).isCompletedWithValue(true);
  }

  @Test
  void v24_anAnswerToAPollThatCannotBeReadIsNotFetchedForEver() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    var page = "<html>Log in to this network first</html>";
    // Once may be a network's own, and so may be the first after something that was read.
    for (var answer : List.of(page, "[[:chsk/timeout]]", page)) {
      network.request("GET").answer(answer);
      time.settle();
      time.advance(Duration.ofMillis(1));
      if (!client.state().open()) {
        network.request("GET").answer(handshake("T1", 0, true, "nil"));
        time.settle();
      }
      assertThat(client.state().open()).isTrue();
    }
    network.request("GET").answer(page);
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    time.advance(Duration.ofHours(1));
    assertThat(network.isWaiting("GET")).isFalse();
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
  void v4_aServerWithoutV2IsToldByLongPolling() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer("[[:chsk/handshake [\"ann\" nil nil]] nil]");
    time.settle();
    assertThat(errors).singleElement().asString().contains("CLASSIC");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void v26_anAttemptThatMeetsNoV2GoesOnByLongPolling() {
    var client = connect(options(TransportChoice.AUTO));
    network.socket().listener.onOpen("");
    time.settle();
    assertThat(errors).singleElement().asString().contains("CLASSIC");
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(client.state().open()).isTrue();
    // The server was restarted: neither gets through, then both.
    network.request("GET").answer(503, "", 0);
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(503, "", 0);
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.socket().listener.onOpen("");
    time.settle();
    assertThat(network.request("GET").call.headers()).containsEntry("X-Sente-Session", "T1");
  }

  /** As by a proxy that speaks first. */
  @ParameterizedTest
  @ValueSource(strings = {"welcome", "[[[:test/down 1]]]", "[[:chsk/nonsense]]"})
  void v26_aFirstFrameThatIsNoHandshakeIsFollowedByLongPolling(String first) {
    var client = connect(options(TransportChoice.AUTO));
    shake(first);
    assertThat(network.socket().closeCode).isEqualTo(4501);
    assertThat(errors).hasSize(1);
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(client.state().open()).isTrue();
    // Nor does it end the session where it meets a probe.
    time.advance(Duration.ofSeconds(30));
    shake(first);
    assertThat(client.state().open()).isTrue();
    // Where nothing else can be tried it is the server's.
    var other = connect(options(TransportChoice.WS));
    shake(first);
    assertThat(lastClose(other).reason()).isEqualTo(CloseReason.PROTOCOL);
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
  void v19_aPostOfAnEarlierSessionIsNotSettledAgainstTheNext() {
    var client = openByPolling();
    time.advance(Duration.ofSeconds(6));
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/up", 3);
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    client.networkChanged();
    time.settle();
    // The server's inbox is full.
    network.request("POST").answer("[[:chsk/ack 2]]");
    time.settle();
    network.request("GET").answer(handshake("T2", 0, false, "\"unknown-session\""));
    time.settle();
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    assertThat(errors).isEmpty();
    assertThat(client.state().open()).isTrue();
    client.send("test/up", 4);
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 4]]]");
    assertThat(network.request("POST").param("first")).isEqualTo("1");
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

  @Test
  void v24_whatCannotBePackedAgainEndsTheSession() {
    var client = connect(options(TransportChoice.WS).packer(new Forgetful()));
    var data = new ArrayList<Object>(List.of(1));
    client.send("test/up", data);
    client.send("test/up", 2);
    // Documented as forbidden: what is packed with others is packed when it leaves.
    data.add(data);
    shake(fresh("T1"));
    assertThat(errors).singleElement().asString().startsWith("protocol: ");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    data.clear();
    client.connect();
    time.settle();
    assertThat(network.socket().call.subprotocols()).containsExactly("sente.v2");
    shake(fresh("T2"));
    assertThat(network.socket().takeSent()).isEmpty();
  }

  @Test
  void v6_whatCouldNotBePackedForWantOfMemoryGoesBeforeWhatFollows() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.WS).packer(packer));
    client.send("test/up", 1);
    client.send("test/up", 2);
    packer.meanwhile =
        () -> {
          packer.meanwhile = () -> {};
          throw new InternalError("no memory");
        };
    try {
      shake(fresh("T1"));
    } catch (InternalError e) {
      // The mailbox throws to whoever ran it what no task takes.
    }
    client.send("test/up", 3);
    time.settle();
    // Else the server would take the third for the first, and be sent the others and it again.
    assertThat(network.socket().takeSent()).isEmpty();
    time.advance(Duration.ofMillis(1));
    shake(handshake("T1", 0, true, "nil"));
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:test/up 1] [:test/up 2] [:test/up 3]]]");
    assertThat(errors).containsExactly("connect: no memory");
  }

  @Test
  void v18_whatCouldNotBeReadForWantOfMemoryIsAskedForAgain() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.AJAX).packer(packer));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    packer.whileReading =
        () -> {
          packer.whileReading = () -> {};
          throw new InternalError("no memory");
        };
    try {
      network.request("GET").answer("[[[:test/down 1]]]");
    } catch (InternalError e) {
      // The mailbox throws to whoever ran it what no task takes.
    }
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    assertThat(got).containsExactly(1L);
    assertThat(client.state().open()).isTrue();
    assertThat(errors).containsExactly("poll: no memory");
  }

  @Test
  void v19_whatCouldNotBePackedForAPostForWantOfMemoryGoesAllTheSame() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.AJAX).packer(packer));
    client.send("test/up", 1);
    client.send("test/up", 2);
    packer.meanwhile =
        () -> {
          packer.meanwhile = () -> {};
          throw new InternalError("no memory");
        };
    try {
      network.request("GET").answer(fresh("T1"));
    } catch (InternalError e) {
      // The mailbox throws to whoever ran it what no task takes.
    }
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 1] [:test/up 2]]]");
    assertThat(network.request("POST").param("first")).isEqualTo("1");
    assertThat(errors).containsExactly("post: no memory");
  }

  /** As where several threads ask at once, and the data of one is changed too early. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void v5_aRequestThatCannotBePackedWithItsNumberIsRefused(boolean isError) {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.WS).packer(packer).maxQueuedMessages(2));
    shake(fresh("T1"));
    packer.meanwhile =
        () -> {
          packer.meanwhile = () -> {};
          var ignored = client.request("test/other", 1);
          packer.meanwhile =
              () -> {
                packer.meanwhile = () -> {};
                if (isError) {
                  throw new InternalError("no memory");
                }
                throw new PackException("changed");
              };
        };
    var asked = client.request(Event.of("test/ask", 2), ChronoUnit.FOREVER.getDuration());
    time.settle();
    assertThat(asked).isCompletedWithValueMatching(Reply.Refused.class::isInstance);
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/request [1 [:test/other 1]]]]]", "[[:chsk/ping]]");
    say("[[:chsk/ack 1]]");
    assertThat(client.send("test/up", 3)).isTrue();
    assertThat(client.send("test/up", 4)).isTrue();
    assertThat(client.send("test/up", 5)).isFalse();
  }

  /** Packs whole frames, as packers do that cannot join what was packed. */
  private static final class Forgetful implements Packer {

    /** What happens meanwhile. */
    private Runnable meanwhile = () -> {};

    private Runnable whileReading = () -> {};

    @Override
    public String name() {
      return "edn";
    }

    @Override
    public boolean hasKeywords() {
      return true;
    }

    @Override
    public byte[] pack(@Nullable Object value) {
      meanwhile.run();
      return EdnPacker.DEFAULT.pack(value);
    }

    @Override
    public @Nullable Object unpack(byte[] packed) {
      whileReading.run();
      return EdnPacker.DEFAULT.unpack(packed);
    }
  }

  @Test
  void whatDisconnectingDroppedIsNotTakenForDelivered() {
    var client = open();
    client.send("test/up", 1);
    client.disconnect();
    assertThat(settled(client.delivered())).isFalse();
    client.disconnect();
    assertThat(settled(client.delivered())).isFalse();
    client.connect();
    time.settle();
    shake(fresh("T2"));
    assertThat(settled(client.delivered())).isTrue();
    client.disconnect();
    assertThat(settled(client.delivered())).isTrue();
  }

  @Test
  void whatWasTakenBesideDisconnectingIsNotTakenForDelivered() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.WS).packer(packer));
    shake(fresh("T1"));
    packer.meanwhile = client::disconnect;
    assertThat(client.send("test/up", 1)).isTrue();
    assertThat(settled(client.delivered())).isFalse();
  }

  @Test
  void v5_dataThatDoesNotFitIsToldSoByALaterAnswerToo() {
    var client = open();
    client.answer(
        "test/later",
        request -> CompletableFuture.supplyAsync(() -> request.data(Long.class), time));
    say("[[[:chsk/request [1 [:test/later \"x\"]]]]]");
    assertThat(network.socket().takeSent())
        .singleElement()
        .asString()
        .startsWith("[[[:chsk/error [1 {:code \"bad-data\"");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 406, 413})
  void v24_aPostThatIsRefusedDoesNotGoAgain(int status) {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    time.settle();
    // By what stands before the server: that has the session still.
    network.request("POST").answer(status, "<html>", 0);
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    assertThat(lastClose(client).status()).isEqualTo(status);
    assertThat(errors).containsExactly("protocol: the server answered " + status);
    client.connect();
    time.settle();
    assertThat(network.request("GET").call.headers()).doesNotContainKey("X-Sente-Session");
    network.request("GET").answer(fresh("T2"));
    time.settle();
    assertThat(client.state().lost()).isEqualTo(new Lost("protocol", List.of("test/up")));
    assertThat(network.isWaiting("POST")).isFalse();
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
  void v26_aProbeThatCannotBeBegunLeavesThePollsAlone() {
    var isBroken = new AtomicBoolean();
    var broken =
        new Network() {
          @Override
          public Runnable send(HttpCall call, Consumer<HttpAnswer> done) {
            return network.send(call, done);
          }

          @Override
          public Socket open(SocketCall call, SocketListener listener) {
            if (isBroken.get()) {
              throw new IllegalStateException("no socket");
            }
            return network.open(call, listener);
          }
        };
    var client = connect(options(TransportChoice.AUTO).network(broken));
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    network.request("GET").answer(fresh("T1"));
    isBroken.set(true);
    time.advance(Duration.ofSeconds(30));
    assertThat(errors).containsExactly("connect: no socket");
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    assertThat(network.request("GET").param("received")).isEqualTo("1");
    assertThat(client.state().open()).isTrue();
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

  @Test
  void v10_aServerThatAsksAndNeverAcknowledgesIsNotAnsweredForEver() {
    var client = open();
    long number = 0;
    while (client.state().open() && number < 40_000) {
      var frame = new StringBuilder("[[");
      for (int i = 0; i < 1000; i++) {
        frame.append("[:chsk/request [").append(++number).append(" [:test/none]]]");
      }
      say(frame.append("]]").toString());
    }
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    assertThat(number).isBetween(16_385L, 20_000L);
    assertThat(errors).containsExactly("protocol: the server asks and does not acknowledge");
  }

  @Test
  void whatWaitsForHandlersIsBoundedInBytesToo() {
    var client = connect(options(TransportChoice.WS).maxMessageBytes(1000));
    shake(fresh("T1"));
    var large = "[[[:test/down \"" + "x".repeat(900) + "\"]]]";
    for (int i = 0; i < 20; i++) {
      network.socket().say(large);
    }
    // 16 times the largest message.
    assertThat(network.socket().unread()).isEqualTo(2);
    time.settle();
    assertThat(got).hasSize(20);
    for (int i = 0; i < 100; i++) {
      var ignored = client.request("test/ask", i);
      network.socket().say(large);
    }
    // And 64 times while a handler may wait for what stands behind.
    assertThat(network.socket().unread()).isEqualTo(100 - 70);
    time.settle();
    assertThat(got).hasSize(120);
  }

  /** As who means to bound nothing. */
  @Test
  void boundsMayBeAsLargeAsOneLikes() {
    var client =
        connect(
            options(TransportChoice.WS)
                .inboxEvents(Integer.MAX_VALUE)
                .maxQueuedMessages(Integer.MAX_VALUE)
                .maxQueuedBytes(Integer.MAX_VALUE)
                .maxMessageBytes(Integer.MAX_VALUE));
    client.answer("test/asked", request -> 1);
    shake(fresh("T1"));
    var reply = client.request("test/ask", 1);
    say("[[[:test/down 1] [:chsk/request [1 [:test/asked]]]]]");
    say("[[[:chsk/reply [1 2]]]]");
    assertThat(got).containsExactly(1L);
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
    assertThat(network.socket().takeSent()).contains("[[[:chsk/reply [1 1]]]]");
    assertThat(errors).isEmpty();
  }

  @Test
  void v22_howeverOftenItIsCheckedADeadConnectionIsNoticed() {
    var client = open();
    for (int i = 0; i < 6; i++) {
      client.connect();
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(states).anyMatch(state -> isPingTimeout(state.lastClose()));
    assertThat(network.sockets).hasSize(2);
  }

  @Test
  void v22_aClientThatReadsNoFurtherIsHeardThoughItIsChecked() {
    var client = behind(new ArrayList<>());
    time.advance(Duration.ofSeconds(1));
    for (int i = 0; i < 10; i++) {
      client.connect();
      time.advance(Duration.ofSeconds(3));
    }
    assertThat(network.socket().takeSent()).filteredOn("[[:chsk/pong]]"::equals).hasSize(7);
    assertThat(network.sockets).hasSize(1);
  }

  private static boolean isPingTimeout(@Nullable LastClose close) {
    return close != null && close.reason() == CloseReason.WS_PING_TIMEOUT;
  }

  @Test
  void aPollIsAskedAnewAfterAChangeOfNetworkHoweverYoungItWas() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    var poll = network.request("GET");
    time.advance(Duration.ofSeconds(2));
    client.networkChanged();
    client.networkChanged();
    time.advance(Duration.ofMillis(2_999));
    assertThat(poll.isWaiting()).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(poll.aborted).isTrue();
    // One that was answered meanwhile has shown that it is well, and so is the next.
    client.networkChanged();
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    var next = network.request("GET");
    time.advance(Duration.ofSeconds(6));
    assertThat(next.isWaiting()).isTrue();
    assertThat(got).containsExactly(1L);
    client.networkChanged();
    assertThat(next.aborted).isTrue();
    client.networkChanged();
    client.close();
    network.request("POST").answer("[[:chsk/ack 0]]");
    time.settle();
    assertThat(time.alarms()).isZero();
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

  @Test
  void handlersCanBeTakenOutAndDoNotDisturbEachOther() {
    var client = open();
    client.on(
        "test/down",
        event -> {
          throw new IllegalStateException("first");
        });
    var any = new ArrayList<String>();
    var second = client.on("test/down", event -> any.add("second"));
    client.onAny((event, isHandled) -> any.add(event.id() + " " + isHandled));
    say("[[[:test/down 1] [:test/other]]]");
    assertThat(any).containsExactly("second", "test/down true", "test/other false");
    assertThat(errors).containsExactly("test/down: first");
    second.remove();
    any.clear();
    say("[[[:test/down 2]]]");
    assertThat(any).containsExactly("test/down true");
  }
}
