package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.ClientOptionsBuilder;
import dev.sente.client.Protocol;
import dev.sente.client.TransportChoice;
import dev.sente.client.net.HttpAnswer;
import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.testkit.FakeTime;
import dev.sente.wire.Reply;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classic mode, where the recordings of {@code captures} show nothing of it. */
class ClassicSessionTest {

  private static final String HANDSHAKE = "[[:chsk/handshake [\"ann\" nil nil]] nil]";

  private final FakeTime time = new FakeTime();
  private final FakeNetwork network = new FakeNetwork();
  private final List<String> errors = new ArrayList<>();

  private ClientOptionsBuilder options(TransportChoice type) {
    return ClientOptions.builder()
        .protocol(Protocol.CLASSIC)
        .type(type)
        .packer(EdnPacker.DEFAULT)
        .clientId("c1")
        .time(time)
        .executor(time)
        .network(network)
        .random(() -> 0)
        .onError((error, where) -> errors.add(where + ": " + error.getMessage()));
  }

  private ChannelSocketClient connect(ClientOptionsBuilder options) {
    var client = ChannelSocketClient.connect(URI.create("ws://example.test/chsk"), options.build());
    time.settle();
    return client;
  }

  /** Connected by a WebSocket. */
  private ChannelSocketClient open(ClientOptionsBuilder options) {
    var client = connect(options);
    shake();
    return client;
  }

  private void shake() {
    network.socket().open();
    network.socket().say(HANDSHAKE);
    time.settle();
  }

  @Test
  void whatIsSaidRightAfterConnectingAnewIsSent() {
    var client = open(options(TransportChoice.WS));
    client.disconnect();
    client.connect();
    assertThat(client.send("test/up", 1)).isTrue();
    var asked = client.request("test/ask", 2);
    time.settle();
    assertThat(asked).isNotDone();
    shake();
    assertThat(network.socket().sent)
        .containsExactly("[[:test/up 1] nil]", "[[:test/ask 2] \"000001\"]");
  }

  @Test
  void aHandlerGetsItsAnswerThoughTheInboxWasFullBefore() {
    var client = open(options(TransportChoice.WS).inboxEvents(2));
    var reply = new CompletableFuture<@Nullable Reply>();
    client.on(
        "test/ask",
        event -> {
          if (!reply.isDone()) {
            var asked = client.request("test/question", null);
            time.settle();
            reply.complete(asked.getNow(null));
          }
        });
    network.socket().say("[[[:test/ask] [:test/ask] [:test/ask] [:test/ask] [:test/ask]] nil]");
    // The first handler has not begun yet, so nobody waits for an answer.
    network.socket().say("[:yes \"000001\"]");
    assertThat(network.socket().unread()).isEqualTo(1);
    time.settle();
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
  }

  @Test
  void anAnswerToAPollThatIsTooLongIsReportedAndIgnored() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(HANDSHAKE);
    time.settle();
    network.request("GET").end(HttpAnswer.tooLong(1000));
    time.settle();
    assertThat(errors).containsExactly("frame: an answer of more than 1000 bytes");
    assertThat(client.state().open()).isTrue();
    assertThat(network.isWaiting("GET")).isTrue();
  }

  @Test
  void anAnswerToAPollThatIsTooLongAgainIsNotFetchedWithoutAPause() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(HANDSHAKE);
    time.settle();
    for (var answer : List.of("", "[[[:test/down]] nil]", "", "")) {
      assertThat(client.state().open()).isTrue();
      if (answer.isEmpty()) {
        network.request("GET").end(HttpAnswer.tooLong(1000));
      } else {
        network.request("GET").answer(answer);
      }
      time.settle();
    }
    // As from a network that wants its users to log in.
    assertThat(client.state().open()).isFalse();
    assertThat(network.isWaiting("GET")).isFalse();
    time.advance(Duration.ofMillis(1));
    assertThat(network.request("GET").param("handshake?")).isEqualTo("1");
  }

  @Test
  void anAnswerToARequestThatIsTooLongEndsThatRequestOnly() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(HANDSHAKE);
    time.settle();
    var asked = client.request("test/ask", 1);
    network.request("POST").end(HttpAnswer.tooLong(1000));
    time.settle();
    assertThat(errors).containsExactly("frame: an answer of more than 1000 bytes");
    assertThat(asked).isCompletedWithValue(new Reply.RemoteError("unreadable", null));
    assertThat(client.state().open()).isTrue();
  }

  @Test
  void whatWaitsBehindARequestWaitsForTheNextConnection() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(HANDSHAKE);
    time.settle();
    var asked = client.request("test/ask", 1);
    client.send("test/up", 2);
    var waiting = client.request("test/ask", 3);
    client.send("test/up", 4);
    time.settle();
    network.request("GET").answer(503, "", 0);
    time.settle();
    assertThat(asked).isCompletedWithValue(new Reply.Closed());
    assertThat(waiting).isNotDone();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(HANDSHAKE);
    time.settle();
    assertThat(posted()).isEqualTo("[[:test/up 2] nil]");
    network.request("POST").answer("[:chsk/dummy-cb-200 nil]");
    time.settle();
    assertThat(posted()).isEqualTo("[[:test/ask 3] :ajax]");
    network.request("POST").answer("[5 nil]");
    time.settle();
    assertThat(waiting).isCompletedWithValueMatching(Reply.Value.class::isInstance);
    assertThat(posted()).isEqualTo("[[:test/up 4] nil]");
    assertThat(errors).isEmpty();
  }

  /** What the POST under way says. */
  private @Nullable String posted() {
    return FakeNetwork.paramIn(network.request("POST").body(), "ppstr");
  }

  @Test
  void whatMayHaveBeenHandledIsNotToldAsRefused() {
    var client = open(options(TransportChoice.WS));
    var sent = client.request("test/ask", 1);
    network.socket().takesAll = false;
    client.send("test/up", 2);
    var waiting = client.request("test/ask", 3);
    time.settle();
    network.socket().listener.onClosed(4500, "signed out");
    time.settle();
    assertThat(sent.join()).isEqualTo(new Reply.Closed());
    assertThat(waiting.join()).isInstanceOf(Reply.Refused.class);
  }

  @Test
  void aClientThatReadsNoFurtherIsHeardAllTheSame() {
    var held = new ArrayList<Runnable>();
    var holds = new AtomicBoolean();
    var client =
        connect(
            options(TransportChoice.WS)
                .inboxEvents(2)
                .executor(
                    task -> {
                      if (holds.get()) {
                        held.add(task);
                      } else {
                        time.execute(task);
                      }
                    }));
    shake();
    holds.set(true);
    network.socket().say("[[[:test/ask] [:test/ask] [:test/ask]] nil]");
    network.socket().say("[:chsk/ws-ping nil]");
    assertThat(network.socket().unread()).isEqualTo(1);
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/ws-pong] nil]");
    for (int i = 0; i < 5; i++) {
      time.advance(Duration.ofSeconds(10));
      assertThat(network.socket().takeSent()).containsExactly("[[:chsk/ws-pong] nil]");
    }
    assertThat(client.state().open()).isTrue();
    holds.set(false);
    held.forEach(Runnable::run);
    time.settle();
    assertThat(network.socket().unread()).isZero();
  }

  @Test
  void whatDisconnectingDroppedIsNotTakenForDelivered() {
    var client = connect(options(TransportChoice.WS));
    client.send("test/up", 1);
    client.disconnect();
    var dropped = client.delivered();
    time.settle();
    assertThat(dropped).isCompletedWithValue(false);
    client.connect();
    time.settle();
    var nothing = client.delivered();
    time.settle();
    assertThat(nothing).isCompletedWithValue(true);
  }

  @Test
  void aRequestTakenBackSettlesNothingBeforeIt() {
    var client = connect(options(TransportChoice.WS));
    client.send("test/up", 1);
    var first = client.delivered();
    var asked = client.request(Event.of("test/ask"), Duration.ofSeconds(1));
    var second = client.delivered();
    time.advance(Duration.ofSeconds(1));
    assertThat(asked).isCompletedWithValue(new Reply.TimedOut());
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    shake();
    assertThat(network.socket().sent).containsExactly("[[:test/up 1] nil]");
    assertThat(first).isCompletedWithValue(true);
    assertThat(second).isCompletedWithValue(true);
  }

  @Test
  void whatWaitsBehindARequestTakenBackIsWaitedForAllTheSame() {
    var client = open(options(TransportChoice.WS));
    network.socket().takesAll = false;
    client.send("test/up", 1);
    var asked = client.request(Event.of("test/ask"), Duration.ofSeconds(1));
    client.send("test/up", 2);
    var all = client.delivered();
    time.advance(Duration.ofSeconds(1));
    assertThat(asked).isCompletedWithValue(new Reply.TimedOut());
    assertThat(all).isNotDone();
    network.socket().take();
    time.settle();
    assertThat(network.socket().sent).containsExactly("[[:test/up 1] nil]", "[[:test/up 2] nil]");
    assertThat(all).isCompletedWithValue(true);
  }

  /** As where its data was changed meanwhile: a POST's callback is another than a WebSocket's. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestThatCannotBePackedForAPostIsRefused(boolean isError) {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.AJAX).packer(packer));
    var states = new ArrayList<Boolean>();
    client.onState((state, previous) -> states.add(state.open()));
    var asked = client.request(Event.of("test/ask", 1), ChronoUnit.FOREVER.getDuration());
    client.send("test/up", 2);
    var all = client.delivered();
    packer.meanwhile =
        () -> {
          packer.meanwhile = () -> {};
          if (isError) {
            throw new InternalError("no memory");
          }
          throw new PackException("changed");
        };
    network.request("GET").answer(HANDSHAKE);
    time.settle();
    assertThat(asked).isCompletedWithValueMatching(Reply.Refused.class::isInstance);
    assertThat(states).containsExactly(true);
    assertThat(network.request("POST").body()).contains("test%2Fup");
    network.request("POST").answer("[:chsk/dummy-cb-200 nil]");
    time.settle();
    assertThat(all).isCompletedWithValue(true);
  }

  @Test
  void whyNoConnectionOpensIsToldOnce() {
    connect(options(TransportChoice.WS));
    for (int i = 0; i < 3; i++) {
      network.socket().listener.onFailed(0, 0, new ConnectException("refused"));
      time.settle();
      time.advance(Duration.ofMillis(1));
    }
    assertThat(errors).containsExactly("connect: refused");
  }

  @Test
  void whyNoPollIsAnsweredIsToldOnce() {
    connect(options(TransportChoice.AJAX));
    for (int i = 0; i < 3; i++) {
      network.request("GET").end(HttpAnswer.none(new ConnectException("refused")));
      time.settle();
      time.advance(Duration.ofMillis(1));
    }
    assertThat(errors).containsExactly("poll: refused");
  }
}
