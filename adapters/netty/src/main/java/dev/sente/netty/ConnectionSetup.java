package dev.sente.netty;

import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Builds the pipeline of each accepted connection. Called on the connections' event loops. */
final class ConnectionSetup extends ChannelInitializer<SocketChannel> {

  private static final int MAX_LINE_BYTES = 8 * 1024;
  private static final int MAX_HEADER_BYTES = 16 * 1024;

  /** How many requests may be decoded ahead: more than a piece of {@link ReadAhead}'s can hold. */
  private static final int MAX_PIPELINED = ReadAhead.PIECE_BYTES / 8;

  private final Doors doors;
  private final ServerLimits limits;
  private final Bounds bounds;
  private final @Nullable SslContext tls;
  private final ChannelGroup connections;
  private final ExecutorService pages;
  private final HttpDecoderConfig decoder =
      new HttpDecoderConfig()
          .setMaxInitialLineLength(MAX_LINE_BYTES)
          .setMaxHeaderSize(MAX_HEADER_BYTES)
          .setHeadersFactory(FewHeaders.like(DefaultHttpHeadersFactory.headersFactory()))
          .setTrailersFactory(FewHeaders.like(DefaultHttpHeadersFactory.trailersFactory()))
          .setStrictLineParsing(true)
          .setUseRfc9112TransferEncoding(true)
          .setAllowDuplicateContentLengths(false);

  private final OnceAMinute warning = new OnceAMinute();

  /** Whether the server stops. Written by the closing thread. */
  private volatile boolean stopping;

  ConnectionSetup(
      Doors doors,
      ServerLimits limits,
      ArrivingBytes arriving,
      @Nullable SslContext tls,
      ChannelGroup connections,
      ExecutorService pages) {
    this.doors = doors;
    this.limits = limits;
    this.bounds = new Bounds(limits.writeTimeout(), arriving);
    this.tls = tls;
    this.connections = connections;
    this.pages = pages;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    if (stopping || connections.size() >= limits.maxConnections()) {
      if (!stopping && warning.isDue()) {
        NettyServer.LOG.warn(
            "There are {} connections, no more are taken; nor told of for a minute",
            limits.maxConnections());
      }
      LingeringClose.endNow(channel);
      return;
    }
    connections.add(channel);
    ChannelPipeline pipeline = channel.pipeline();
    if (tls != null) {
      var handler = tls.newHandler(channel.alloc());
      handler.setHandshakeTimeout(limits.headTimeout().toMillis(), TimeUnit.MILLISECONDS);
      pipeline.addLast(handler);
    }
    var gate = new RequestGate(new RequestClock(limits));
    pipeline.addLast(gate.ahead());
    pipeline.addLast(new HttpServerCodec(decoder, MAX_PIPELINED));
    pipeline.addLast(gate);
    pipeline.addLast(new RequestHandler(doors, gate, bounds));
  }

  /** From now on new connections are closed at once. */
  void stop() {
    stopping = true;
  }

  /** Ends the threads of pages that are still at work. */
  void end() {
    pages.shutdownNow();
  }
}
