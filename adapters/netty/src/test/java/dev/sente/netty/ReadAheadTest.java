package dev.sente.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.HttpResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent ahead of the answers. */
final class ReadAheadTest {

  private static final String HOLD = "GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String SHORT = "GET / HTTP/1.0\r\n\r\n";

  private final FakeEngine engine = new FakeEngine();

  /** Counts the requests that were decoded. Touched by the connection's event loop only. */
  private static final class Decoded extends ChannelInboundHandlerAdapter {
    private int requests;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof HttpRequest) {
        requests++;
      }
      ctx.fireChannelRead(message);
    }
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, US_ASCII);
  }

  @Test
  void isNotDecodedBeforeItsTurn() {
    var decoded = new Decoded();
    var channel = new EmbeddedChannel(new HttpServerCodec(), decoded);
    SenteHandlers.addTo(channel.pipeline(), engine);
    channel.writeInbound(ascii(HOLD + SHORT.repeat(3000)));
    assertThat(decoded.requests).isLessThan(100);
    channel.finishAndReleaseAll();
  }

  @Test
  void isNotDecodedBeforeItsTurnByAServer() throws Exception {
    try (var server = NettyServer.builder().engine(engine).eventLoopThreads(1).port(0).start();
        var peer = new RawPeer(server.port())) {
      peer.send("GET /chsk?first HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.answer().text()).isEqualTo("first");
      var channel = server.connections().iterator().next();
      var decoded = new Decoded();
      var codec = channel.pipeline().context(HttpServerCodec.class).name();
      channel.pipeline().addAfter(codec, null, decoded);
      peer.send(HOLD + SHORT.repeat(3000));
      Await.next(engine.held);
      assertThat(channel.eventLoop().submit(() -> decoded.requests).get()).isLessThan(100);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 1023, 1024, 1025, 40_000})
  void isAnsweredInOrderHoweverItComes(int length) {
    var channel = new EmbeddedChannel(new HttpServerCodec());
    SenteHandlers.addTo(channel.pipeline(), engine);
    int count = 400;
    var requests = new StringBuilder(HOLD);
    for (int i = 0; i < count; i++) {
      requests
          .append("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
          .append(1000 + i);
    }
    for (int at = 0; at < requests.length(); at += length) {
      channel.writeInbound(ascii(requests.substring(at, Math.min(at + length, requests.length()))));
    }
    assertThat(channel.config().isAutoRead()).as("who sends too much is read no further").isFalse();
    assertThat(text(channel)).isEmpty();
    Await.next(engine.held).respond(HttpResponse.text(200, "held"));
    channel.runPendingTasks();
    assertThat(channel.config().isAutoRead()).isTrue();
    assertThat(text(channel).replaceAll("(?s)HTTP/1.1 200 OK.*?\r\n\r\n", ""))
        .isEqualTo(
            "held"
                + IntStream.range(1000, 1000 + count)
                    .boxed()
                    .map(String::valueOf)
                    .reduce("", String::concat));
    channel.finishAndReleaseAll();
  }

  private static String text(EmbeddedChannel channel) {
    var text = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      text.append(out.toString(US_ASCII));
      out.release();
    }
    return text.toString();
  }

  @Test
  void isDroppedWhereTheAnswerIsTheLast() {
    var channel = new EmbeddedChannel(new HttpServerCodec());
    SenteHandlers.addTo(channel.pipeline(), engine);
    var first = ascii(HOLD.replace("Host: a", "Host: a\r\nConnection: close"));
    var rest = ascii(SHORT.repeat(3000));
    channel.writeInbound(first, rest);
    assertThat(channel.config().isAutoRead()).isFalse();
    Await.next(engine.held).respond(HttpResponse.text(200, "held"));
    channel.runPendingTasks();
    assertThat(rest.refCnt()).isZero();
    assertThat(channel.config().isAutoRead()).as("the peer's end is to be seen").isTrue();
    assertThat(text(channel)).containsOnlyOnce("HTTP/1.1").endsWith("held");
    channel.finishAndReleaseAll();
  }

  @Test
  void isReleasedWhereThePeerIsGone() {
    var channel = new EmbeddedChannel(new HttpServerCodec());
    SenteHandlers.addTo(channel.pipeline(), engine);
    var rest = ascii(SHORT.repeat(3000));
    channel.writeInbound(ascii(HOLD), rest);
    channel.finishAndReleaseAll();
    assertThat(rest.refCnt()).isZero();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold");
  }
}
