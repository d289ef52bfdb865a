package dev.sente.testkit;

import static dev.sente.testkit.TckListener.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.OutgoingMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The rules for what goes over an open WebSocket: C3, C8, C10, C11, C13 and C15. */
abstract class WebSocketRules extends HttpRules {

  static final String[] UPGRADE = {
    "Upgrade", "websocket",
    "Connection", "keep-alive, Upgrade",
    "Sec-WebSocket-Version", "13",
    "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol", "sente.v2, other"
  };

  /** Opens a WebSocket for this listener, and takes its first event. */
  final void open(RawClient client, TckListener listener, @Nullable String subprotocol) {
    client.send("GET", "/chsk?a=1", NOTHING, UPGRADE);
    var exchange = engine().exchanges.next();
    assertThat(exchange.request().isWebSocketUpgrade()).isTrue();
    exchange.acceptWebSocket(subprotocol, listener);
    assertThat(listener.events.next()).isEqualTo("open");
  }

  /** A listener whose WebSocket is open, and the client has seen it. */
  final TckListener opened(RawClient client) {
    var listener = new TckListener(engine());
    open(client, listener, null);
    assertThat(client.answer().status()).isEqualTo(101);
    return listener;
  }

  /** As many events by other connections happen as would show what must not happen on this one. */
  private void letOthersBeServed() {
    try (var other = connect()) {
      var listener = opened(other);
      for (int i = 0; i < 50; i++) {
        other.sendText("other " + i);
        assertThat(listener.events.next()).isEqualTo("text other " + i);
      }
    }
  }

  @Test
  void c3_tooLargeIsToldOnceAndNothingMoreIsRead() {
    try (var client = connect()) {
      var listener = opened(client);
      listener.whenOversized = connection -> connection.close(4503, "too large");
      client.sendFrame(RawClient.TEXT, new byte[TckEngine.MAX_BYTES + 1]);
      client.sendText("more");
      var close = client.frame();
      assertThat(close.closeCode()).isEqualTo(4503);
      assertThat(listener.events.next()).isEqualTo("oversized");
      client.leave();
      assertThat(listener.events.next()).startsWith("closed");
      stopAdapter();
      assertThat(listener.events.rest()).isEmpty();
    }
  }

  @Test
  void c3_fragmentsCountTogether() {
    try (var client = connect()) {
      var listener = opened(client);
      client.sendFrame(0x01, new byte[TckEngine.MAX_BYTES]);
      client.sendFrame(0x80, (byte) 'x');
      assertThat(listener.events.next()).isEqualTo("oversized");
    }
  }

  @Test
  void c3_messageOfJustTheLimitIsTaken() {
    try (var client = connect()) {
      var listener = opened(client);
      client.sendFrame(RawClient.BINARY, new byte[TckEngine.MAX_BYTES]);
      assertThat(listener.events.next()).isEqualTo("binary " + TckEngine.MAX_BYTES);
    }
  }

  @Test
  void c8_opensOnceBeforeAnythingElse() {
    try (var client = connect()) {
      var listener = new TckListener(engine());
      listener.whenOpen = connection -> connection.send(text("first"));
      open(client, listener, "sente.v2");
      var answer = client.answer();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.headers()).containsEntry("sec-websocket-protocol", "sente.v2");
      assertThat(client.frame().text()).isEqualTo("first");
      client.sendText("a");
      assertThat(listener.events.next()).isEqualTo("text a");
    }
  }

  @Test
  void c8_selectsNoSubprotocolUnasked() {
    try (var client = connect()) {
      open(client, new TckListener(engine()), null);
      assertThat(client.answer().headers()).doesNotContainKey("sec-websocket-protocol");
    }
  }

  @Test
  void c8_failedHandshakeIsAnsweredAndNeverCallsTheListener() {
    var listener = new TckListener(engine());
    try (var client = connect()) {
      var old = UPGRADE.clone();
      old[5] = "8";
      client.send("GET", "/chsk", NOTHING, old);
      engine().exchanges.next().acceptWebSocket(null, listener);
      assertThat(client.answer().status()).isEqualTo(426);
    }
    stopAdapter();
    assertThat(listener.events.rest()).isEmpty();
  }

  @Test
  void c6_answerAfterAnAbortDoesNothing() {
    var aborted = new Told<String>(engine()::settle);
    var listener = new TckListener(engine());
    var client = connect();
    client.send("GET", "/chsk", NOTHING, UPGRADE);
    var exchange = engine().exchanges.next();
    exchange.onAbort(() -> aborted.add("aborted"));
    client.leave();
    aborted.next();
    exchange.respond(dev.sente.server.channel.HttpResponse.text(200, "late"));
    exchange.acceptWebSocket(null, listener);
    stopAdapter();
    assertThat(listener.events.rest()).isEmpty();
    assertThat(aborted.rest()).isEmpty();
  }

  @Test
  void c8_refusedUpgradeIsAnswered() {
    try (var client = connect()) {
      client.send("GET", "/chsk", NOTHING, UPGRADE);
      engine().exchanges.next().respond(dev.sente.server.channel.HttpResponse.text(403, "no"));
      var answer = client.answer();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text()).isEqualTo("no");
    }
  }

  @Test
  void onMessage_wholeMessagesOfAllLengthsComeInOrder() {
    try (var client = connect()) {
      var listener = opened(client);
      for (int length : List.of(0, 1, 125, 126, 4096, 65535, 65536)) {
        client.sendFrame(RawClient.BINARY, new byte[length]);
        client.sendText("ünï " + length);
        assertThat(listener.events.next()).isEqualTo("binary " + length);
        assertThat(listener.events.next()).isEqualTo("text ünï " + length);
      }
    }
  }

  @Test
  void onMessage_fragmentsComeTogetherAndPingsAreAnsweredBetween() {
    try (var client = connect()) {
      var listener = opened(client);
      client.sendFrame(0x01, "one ".getBytes(UTF_8));
      client.sendFrame(RawClient.PING, (byte) 'p');
      client.sendFrame(0x80, "two".getBytes(UTF_8));
      assertThat(listener.events.next()).isEqualTo("text one two");
      var pong = client.frame();
      assertThat(pong.first()).isEqualTo(RawClient.PONG);
      assertThat(pong.text()).isEqualTo("p");
    }
  }

  @Test
  void onMessage_textThatIsNotUtf8ClosesWith1007() {
    try (var client = connect()) {
      var listener = opened(client);
      client.sendFrame(RawClient.TEXT, (byte) 'a', (byte) 0xC0);
      assertThat(client.frame().closeCode()).isEqualTo(1007);
      client.leave();
      assertThat(listener.events.next()).isEqualTo("closed 1006 ");
    }
  }

  @Test
  void c10_requestsMadeTogetherAreOneCall() {
    try (var client = connect()) {
      var listener = new TckListener(engine());
      listener.whenOpen =
          connection -> {
            connection.requestWrite();
            connection.requestWrite();
            connection.requestWrite();
          };
      open(client, listener, null);
      assertThat(client.answer().status()).isEqualTo(101);
      assertThat(listener.events.next()).isEqualTo("writable");
      client.sendText("a");
      assertThat(listener.events.next()).isEqualTo("text a");
      listener.connection().requestWrite();
      assertThat(listener.events.next()).isEqualTo("writable");
    }
  }

  @Test
  void c11_isNotWritableWhileMuchIsUnsentAndIsAgainWhenItHasDrained() {
    int messages = 512;
    var size = TckEngine.MAX_BYTES;
    var sent = new AtomicLong();
    try (var client = connect()) {
      var listener = opened(client);
      listener.whenWritable =
          connection -> {
            connection.send(new OutgoingMessage(new byte[size], true));
            if (sent.incrementAndGet() < messages) {
              connection.requestWrite();
            }
          };
      client.stall(true);
      listener.connection().requestWrite();
      // The client takes nothing. The calls must come to an end before all is sent, while the
      // connection goes on to be read.
      for (int quiet = 0; quiet < 50 && sent.get() < messages; ) {
        client.sendText("tick");
        var before = listener.events.next();
        quiet = before.equals("writable") ? 0 : quiet + 1;
        while (!before.equals("text tick")) {
          before = listener.events.next();
        }
      }
      assertThat(sent.get()).isLessThan(messages);
      client.stall(false);
      for (int i = 0; i < messages; i++) {
        assertThat(client.frame().payload()).hasSize(size);
      }
    }
  }

  @Test
  void c13_messagesLeaveInTheOrderOfTheCalls() {
    try (var client = connect()) {
      var listener = opened(client);
      var next = new AtomicLong();
      listener.whenWritable =
          connection -> {
            for (int i = 0; i < 50; i++) {
              connection.send(text("m" + next.getAndIncrement()));
            }
          };
      for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 50; i++) {
          listener.connection().send(text("m" + next.getAndIncrement()));
        }
        listener.connection().requestWrite();
        assertThat(listener.events.next()).isEqualTo("writable");
      }
      for (int i = 0; i < 1000; i++) {
        assertThat(client.frame().text()).isEqualTo("m" + i);
      }
    }
  }

  @Test
  void c15_stoppedReadingDeliversNothingAndGoesOnInOrder() {
    try (var client = connect()) {
      var listener = opened(client);
      listener.whenMessage = connection -> connection.setReading(false);
      var expected = new ArrayList<String>();
      for (int i = 0; i < 20; i++) {
        client.sendText("n" + i);
        expected.add("text n" + i);
      }
      assertThat(listener.events.next()).isEqualTo(expected.removeFirst());
      letOthersBeServed();
      assertThat(listener.events.rest()).isEmpty();
      listener.whenMessage = connection -> {};
      listener.connection().setReading(true);
      for (var event : expected) {
        assertThat(listener.events.next()).isEqualTo(event);
      }
    }
  }
}
