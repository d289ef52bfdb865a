package dev.sente.testkit;

import static dev.sente.testkit.TckListener.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * What every adapter must do. The tests carry the numbers of the rules in {@link
 * dev.sente.server.channel}. An adapter's own test is a few lines:
 *
 * <pre>{@code
 * final class NettyTckTest extends AdapterTck {
 *   @Override
 *   protected RunningAdapter start(ChannelEngine engine) {
 *     var server = NettyServer.builder().engine(engine).port(0).start();
 *     return RunningAdapter.onPort(server.port(), () -> server.close(Duration.ZERO));
 *   }
 * }
 * }</pre>
 *
 * <p>The kit plays the engine and the client. It waits for what must happen, up to 20 s, and never
 * measures how long it took. What must not happen is looked for after the adapter was stopped, or
 * after much else happened.
 */
@Timeout(120)
public abstract class AdapterTck extends WebSocketRules {

  /** The kit for one adapter. */
  protected AdapterTck() {}

  @Test
  void c14_closeLeavesAfterWhatWasSentAndTheAnswerEndsTcp() {
    try (var client = connect()) {
      var listener = opened(client);
      for (int i = 0; i < 10; i++) {
        listener.connection().send(text("m" + i));
      }
      listener.connection().close(4001, "too slow");
      listener.connection().send(text("after the close"));
      for (int i = 0; i < 10; i++) {
        assertThat(client.frame().text()).isEqualTo("m" + i);
      }
      var close = client.frame();
      assertThat(close.first()).isEqualTo(RawClient.CLOSE);
      assertThat(close.closeCode()).isEqualTo(4001);
      assertThat(close.closeReason()).isEqualTo("too slow");
      client.sendFrame(RawClient.CLOSE, close.payload());
      assertThat(client.isEnded()).isTrue();
      assertThat(listener.events.next()).isEqualTo("closed 4001 too slow");
    }
  }

  @Test
  void c14_endsThoughTheClientDoesNotAnswer() {
    try (var client = connect()) {
      var listener = opened(client);
      listener.connection().close(4000, "");
      assertThat(client.frame().closeCode()).isEqualTo(4000);
      assertThat(client.isEnded()).isTrue();
      assertThat(listener.events.next()).startsWith("closed");
    }
  }

  @Test
  void c14_clientsCloseIsAnswered() {
    try (var client = connect()) {
      var listener = opened(client);
      client.sendClose(1000);
      assertThat(client.frame().closeCode()).isEqualTo(1000);
      assertThat(client.isEnded()).isTrue();
      assertThat(listener.events.next()).isEqualTo("closed 1000 ");
    }
  }

  @TestFactory
  Stream<DynamicTest> c16_closeIsReportedOnceWhateverTheCause() {
    return Stream.of(
        ending("the client closes", "closed 3000 ", (c, l) -> c.sendClose(3000)),
        ending("the client closes without a code", "closed 1005 ", (c, l) -> c.sendFrame(0x88)),
        ending("the client goes away", "closed 1006 ", (c, l) -> c.leave()),
        ending("the connection is reset", "closed 1006 ", (c, l) -> c.reset()),
        ending("the engine terminates it", "closed 1006 ", (c, l) -> l.connection().terminate()),
        ending(
            "the engine closes it",
            "closed 4000 ",
            (c, l) -> {
              l.connection().close(4000, "");
              c.sendFrame(RawClient.CLOSE, c.frame().payload());
            }),
        ending(
            "the client closes, and then the engine",
            "closed 3000 ",
            (c, l) -> {
              c.sendClose(3000);
              assertThat(c.frame().closeCode()).isEqualTo(3000);
              l.connection().close(4000, "");
              l.connection().terminate();
            }),
        ending(
            "the engine closes it twice and terminates it",
            "closed",
            (c, l) -> {
              l.connection().close(4000, "");
              l.connection().close(4001, "");
              l.connection().terminate();
            }));
  }

  private DynamicTest ending(String cause, String told, BiConsumer<RawClient, TckListener> end) {
    return dynamicTest(
        cause,
        () -> {
          stopAdapter();
          startAdapter();
          try (var client = connect()) {
            var listener = opened(client);
            end.accept(client, listener);
            assertThat(listener.events.next()).startsWith(told);
            assertNothingHappensAnyMore(listener);
          }
        });
  }

  /** C13, C16: after the end no call does anything or throws, and nothing is told. */
  private void assertNothingHappensAnyMore(TckListener listener) {
    var connection = listener.connection();
    connection.requestWrite();
    connection.send(text("late"));
    connection.setReading(false);
    connection.setReading(true);
    connection.close(1000, "");
    connection.terminate();
    stopAdapter();
    assertThat(listener.events.rest()).isEmpty();
  }

  @Test
  void c16_closeIsReportedWhenTheAdapterStops() {
    try (var client = connect()) {
      var listener = opened(client);
      stopAdapter();
      assertThat(listener.events.rest()).singleElement().asString().startsWith("closed");
    }
  }
}
