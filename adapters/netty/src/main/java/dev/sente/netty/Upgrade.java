package dev.sente.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.function.Predicate;

/** The change of a pipeline from HTTP to WebSocket: all that knows HTTP leaves it. */
final class Upgrade {

  /** Where Netty's handlers for HTTP are, and below it those for WebSockets of others. */
  private static final String HTTP = HttpServerCodec.class.getPackageName();

  private Upgrade() {}

  /** Writes the answer and puts the connection in the handler's place, whose context is given. */
  static void toWebSocket(
      ChannelHandlerContext handler, FullHttpResponse answer, NettyWebSocket connection) {
    ChannelPipeline pipeline = handler.pipeline();
    // First, so that none has a word in the answer: others' WebSockets may have extensions.
    removeAll(pipeline, found -> knowsHttp(found) && !isCodec(found));
    handler.write(answer, handler.voidPromise());
    pipeline.replace(handler.handler(), null, connection);
    // Last, one after the other: what they have read beyond the request goes to who follows them.
    removeAll(pipeline, Upgrade::isCodec);
    removeAll(pipeline, found -> found instanceof ReadAhead);
    pipeline.channel().config().setAutoRead(true);
  }

  private static void removeAll(ChannelPipeline pipeline, Predicate<ChannelHandler> which) {
    pipeline.toMap().values().stream().filter(which).forEach(pipeline::remove);
  }

  private static boolean isCodec(ChannelHandler handler) {
    return handler instanceof HttpServerCodec
        || handler instanceof HttpRequestDecoder
        || handler instanceof HttpResponseEncoder;
  }

  /** By its package: what others' WebSockets put into the pipeline has no names that are public. */
  private static boolean knowsHttp(ChannelHandler handler) {
    if (handler instanceof RequestGate) {
      return true;
    }
    Class<?> type = handler.getClass();
    while (type != null && !(type.getPackageName() + ".").startsWith(HTTP + ".")) {
      type = type.getSuperclass();
    }
    return type != null;
  }
}
