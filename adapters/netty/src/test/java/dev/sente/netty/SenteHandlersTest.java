package dev.sente.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.HttpResponse;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.netty.handler.stream.ChunkedStream;
import io.netty.handler.stream.ChunkedWriteHandler;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The handlers in somebody's own Netty server, with an aggregator before or behind them. */
final class SenteHandlersTest {

  private static final int CHUNKS = 8 * 1024 * 1024;

  private final FakeEngine engine = new FakeEngine();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private int start(boolean aggregatorFirst) {
    return start(
        pipeline -> {
          if (aggregatorFirst) {
            pipeline.addLast(new HttpObjectAggregator(100_000));
          }
          SenteHandlers.addTo(pipeline, engine);
          if (!aggregatorFirst) {
            pipeline.addLast(new HttpObjectAggregator(100_000));
          }
        });
  }

  private int start(Consumer<ChannelPipeline> handlers) {
    Channel listening =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    var pipeline = channel.pipeline();
                    pipeline.addLast(new HttpServerCodec());
                    handlers.accept(pipeline);
                    pipeline.addLast(new Own());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Answers with the path and the body's length; {@code /chunks} with many bytes in chunks. */
  private static final class Own extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      if (request.uri().equals("/chunks")) {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers().set(HttpHeaderNames.CONTENT_LENGTH, CHUNKS);
        ctx.write(head);
        var bytes = new ByteArrayInputStream(new byte[CHUNKS]);
        ctx.writeAndFlush(new HttpChunkedInput(new ChunkedStream(bytes)));
        return;
      }
      byte[] body = (request.uri() + " " + request.content().readableBytes()).getBytes(UTF_8);
      FullHttpResponse answer =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(body));
      answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
      ctx.writeAndFlush(answer);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void requestsGoToTheEngineOrOn(boolean aggregatorFirst) {
    try (var peer = new RawPeer(start(aggregatorFirst))) {
      peer.send("POST /own HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
      assertThat(peer.answer().text()).isEqualTo("/own 4");
      peer.send("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nengine");
      assertThat(peer.answer().text()).isEqualTo("engine");
      peer.send("GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
      Await.next(engine.held).respond(HttpResponse.text(200, "held"));
      assertThat(peer.answer().text()).isEqualTo("held");
      assertThat(peer.answer().text()).isEqualTo("/next 0");
      peer.upgrade("/chsk");
      peer.sendText("hello");
      assertThat(peer.frame().text()).isEqualTo("hello");
      peer.sendClose(1000);
      assertThat(peer.frame().closeCode()).isEqualTo(1000);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  /** Many write their answers as requests come, and flush once all that was read has come. */
  @Test
  void handlersThatFlushWhenAllHasComeAnswerWhatCameAhead() {
    int port =
        start(
            pipeline -> {
              SenteHandlers.addTo(pipeline, engine);
              pipeline.addLast(new HttpObjectAggregator(100_000));
              pipeline.addLast(new FlushLater());
            });
    try (var peer = new RawPeer(port)) {
      for (int length : new int[] {0, 2000}) {
        peer.send(
            "GET /chsk?hold HTTP/1.1\r\nHost: a\r\n\r\n"
                + ("GET /own HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(length) + "\r\n\r\n"));
        Await.next(engine.held).respond(HttpResponse.text(200, "held"));
        assertThat(peer.answer().text()).isEqualTo("held");
        assertThat(peer.answer().text()).isEqualTo("/own 0");
      }
    }
  }

  /** What behind it is written and flushed, it flushes when all has come. */
  private static final class FlushLater extends ChannelDuplexHandler {
    @Override
    public void flush(ChannelHandlerContext ctx) {
      // Later.
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }
  }

  /** The gate sees such an answer as one object, and never its last content. */
  @Test
  void chunkedInputIsAnAnswersEnd() {
    int port =
        start(
            pipeline -> {
              pipeline.addLast(new ChunkedWriteHandler());
              pipeline.addLast(new HttpObjectAggregator(100_000));
              SenteHandlers.addTo(pipeline, engine);
            });
    try (var peer = new RawPeer(port)) {
      peer.send(
          "GET /chunks HTTP/1.1\r\nHost: a\r\n\r\nGET /chsk?parked HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.answer().body()).hasSize(CHUNKS);
      assertThat(peer.answer().text()).isEqualTo("parked");
      peer.send("GET /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assertThat(peer.answer().body()).hasSize(CHUNKS);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  /** Once another handler has made a WebSocket of the connection, it is no business of ours. */
  @Test
  void othersWebSocketsAreFiredOnToo() {
    int port =
        start(
            pipeline -> {
              SenteHandlers.addTo(pipeline, engine);
              pipeline.addLast(new HttpObjectAggregator(100_000));
              pipeline.addLast(new WebSocketServerProtocolHandler("/other"));
              pipeline.addLast(new Echo());
            });
    try (var peer = new RawPeer(port)) {
      peer.send("POST /own HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
      assertThat(peer.answer().text()).isEqualTo("/own 4");
      peer.upgrade("/other");
      for (int i = 0; i < 200; i++) {
        peer.sendText("hello " + i);
        assertThat(peer.frame().text()).isEqualTo("hello " + i);
      }
      peer.sendText("x".repeat(50_000));
      assertThat(peer.frame().text()).isEqualTo("x".repeat(50_000));
      peer.sendClose(1000);
      assertThat(peer.frame().closeCode()).isEqualTo(1000);
      assertThat(peer.isEnded()).isTrue();
    }
  }

  /** Neither their handlers nor the extensions that these agree on are for the engine's. */
  @Test
  void othersWebSocketsMayBeBefore() {
    int port =
        start(
            pipeline -> {
              pipeline.addLast(new HttpObjectAggregator(100_000));
              pipeline.addLast(new WebSocketServerCompressionHandler(0));
              pipeline.addLast(new WebSocketServerProtocolHandler("/other", null, true));
              pipeline.addLast(new Echo());
              SenteHandlers.addTo(pipeline, engine);
            });
    String offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    try (var peer = new RawPeer(port)) {
      peer.send(RawPeer.upgradeRequest("/chsk").replaceFirst("\r\n\r\n$", "\r\n" + offer));
      var answer = peer.head();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.headers()).doesNotContainKey("sec-websocket-extensions");
      peer.sendText("hello");
      assertThat(peer.frame().text()).isEqualTo("hello");
      peer.sendClose(1000);
      assertThat(peer.frame().closeCode()).isEqualTo(1000);
      assertThat(peer.isEnded()).isTrue();
    }
    try (var peer = new RawPeer(port)) {
      peer.send(RawPeer.upgradeRequest("/other").replaceFirst("\r\n\r\n$", "\r\n" + offer));
      assertThat(peer.head().headers())
          .containsEntry("sec-websocket-extensions", "permessage-deflate");
    }
  }

  private static final class Echo extends SimpleChannelInboundHandler<TextWebSocketFrame> {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored")
    protected void channelRead0(ChannelHandlerContext ctx, TextWebSocketFrame frame) {
      ctx.writeAndFlush(frame.retain());
    }
  }
}
