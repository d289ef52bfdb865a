package dev.sente.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import java.util.List;

/** The change of a pipeline from HTTP to WebSocket: all that knows HTTP leaves it. */
final class Upgrade {

  /** The codec is last: what it had read beyond the request goes to who follows it. */
  private static final List<Class<? extends ChannelHandler>> HTTP =
      List.of(
          RequestGate.class,
          RequestClock.class,
          HttpObjectAggregator.class,
          HttpContentCompressor.class,
          HttpContentDecompressor.class,
          HttpServerKeepAliveHandler.class,
          HttpServerExpectContinueHandler.class,
          HttpResponseEncoder.class,
          HttpRequestDecoder.class,
          HttpServerCodec.class);

  private Upgrade() {}

  /** Puts the connection in the handler's place. */
  static void toWebSocket(
      ChannelPipeline pipeline, RequestHandler handler, NettyWebSocket connection) {
    pipeline.replace(handler, null, connection);
    for (Class<? extends ChannelHandler> type : HTTP) {
      ChannelHandler found = pipeline.get(type);
      if (found != null) {
        pipeline.remove(found);
      }
    }
    pipeline.channel().config().setAutoRead(true);
  }
}
