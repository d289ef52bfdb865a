package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Event;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.WebSocketConnection;
import dev.sente.server.channel.WebSocketListener;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The time in which events gather, where there is no end of them or no alarm to be had. */
class BatchWindowTest {

  private static final Duration WINDOW = Duration.ofMillis(10);

  /** A WebSocket that is pushed to whenever it is asked to write: as fast as others push. */
  private static final class Busy implements HttpExchange, WebSocketConnection {
    private final Runnable push;
    private int asked;

    Busy(Runnable push) {
      this.push = push;
    }

    @Override
    public HttpRequest request() {
      var headers = Map.of("upgrade", List.of("websocket"), "host", List.of("server.test"));
      return new HttpRequest(
          "GET", "/chsk", "uid=alice&client-id=a", headers, "192.0.2.1", false, new byte[0]);
    }

    @Override
    public void respond(HttpResponse response) {
      throw new AssertionError("refused: " + response.status());
    }

    @Override
    public void acceptWebSocket(@Nullable String subprotocol, WebSocketListener listener) {
      listener.onOpen(this);
    }

    @Override
    public void onAbort(Runnable aborted) {}

    @Override
    public void requestWrite() {
      // Else a fault would have no end.
      if (++asked < 1000) {
        push.run();
      }
    }

    @Override
    public void send(OutgoingMessage message) {}

    @Override
    public void close(int code, String reason) {}

    @Override
    public void terminate() {}

    @Override
    public void setReading(boolean reading) {}
  }

  /** Its thread is that of all alarms. */
  @Test
  void aWindowEndsThoughThereIsMoreToSendAllTheWhile() {
    var scene = new Scene(o -> o.webSocketBatchWindow(WINDOW));
    var busy = new Busy(() -> scene.server.push("alice", Event.of("test/x")));
    scene.server.accept(busy);
    scene.time.settle();
    scene.server.push("alice", Event.of("test/x"));
    scene.time.advance(WINDOW);
    assertThat(busy.asked).isEqualTo(1);
    scene.time.advance(WINDOW);
    assertThat(busy.asked).isEqualTo(2);
  }

  @Test
  void aWindowThatGetsNoAlarmIsNotTheLast() {
    var fails = new AtomicBoolean();
    var time = new FakeTime();
    var server =
        ChannelSocketServer.builder()
            .userId(request -> request.param("uid").orElse(null))
            .webSocketBatchWindow(WINDOW)
            .executor(time)
            .time(
                new Time() {
                  @Override
                  public long millis() {
                    return time.millis();
                  }

                  @Override
                  public Alarm after(Duration delay, Runnable task) {
                    if (fails.get()) {
                      throw new InternalError("on purpose");
                    }
                    return time.after(delay, task);
                  }
                })
            .build();
    var channels = new InMemoryChannels(server, time);
    var alice = channels.webSocket("uid=alice&client-id=a");
    var bob = channels.webSocket("uid=bob&client-id=b");
    time.settle();
    fails.set(true);
    assertThatThrownBy(() -> server.push("alice", Event.of("test/x")))
        .isInstanceOf(InternalError.class);
    fails.set(false);
    server.push("bob", Event.of("test/x"));
    time.advance(WINDOW);
    assertThat(alice.socket().texts()).contains("[[[:test/x]] nil]");
    assertThat(bob.socket().texts()).contains("[[[:test/x]] nil]");
  }
}
