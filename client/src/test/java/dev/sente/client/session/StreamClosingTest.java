package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.CloseReason;
import dev.sente.client.LastClose;
import dev.sente.client.TransportChoice;
import dev.sente.client.net.HttpAnswer;
import dev.sente.wire.Reply;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How a connection of a client in v2 ends, and what the application is told of it. */
class StreamClosingTest extends StreamScene {

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
}
