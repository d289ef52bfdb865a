package dev.sente.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection whose peer may still be sending, after the last answer has left: ends our
 * direction, reads over what comes until the peer ends its own, and closes after 2 s at most.
 *
 * <p>Closing at once would answer the peer's bytes with a reset, which takes our last answer out of
 * the peer's hands before it was read.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class LingeringClose extends ChannelInboundHandlerAdapter {

  static final long SECONDS = 2;

  private LingeringClose() {}

  /** Begins. Called on the event loop, when the last bytes have been given to the socket. */
  static void begin(Channel channel) {
    if (!channel.isActive()) {
      channel.close();
      return;
    }
    ChannelPipeline pipeline = channel.pipeline();
    SslHandler tls = pipeline.get(SslHandler.class);
    ChannelHandlerContext tlsContext = pipeline.context(SslHandler.class);
    if (tls == null || tlsContext == null) {
      pipeline.addFirst(new LingeringClose());
      if (channel instanceof DuplexChannel duplex) {
        duplex.shutdownOutput();
      }
    } else {
      pipeline.addAfter(tlsContext.name(), null, new LingeringClose());
      tls.closeOutbound();
    }
    channel.config().setAutoRead(true);
    endWithin2Seconds(channel);
  }

  /** Ends the TCP connection after 2 s, if it is open then. */
  static void endWithin2Seconds(Channel channel) {
    var end =
        channel
            .eventLoop()
            .schedule(() -> endNow(channel), LingeringClose.SECONDS, TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> end.cancel(false));
  }

  /** Ends the TCP connection without a word, not even TLS's. Called on the event loop. */
  static void endNow(Channel channel) {
    channel.unsafe().close(channel.voidPromise());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }
}
