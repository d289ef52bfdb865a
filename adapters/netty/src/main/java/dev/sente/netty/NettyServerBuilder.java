package dev.sente.netty;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.server.channel.HttpResponse;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The options of a {@link NettyServer}. Not for several threads at once. */
public final class NettyServerBuilder {

  private static final int BACKLOG = 1024;

  /** C11's modest amount: above the second a connection is not writable, below the first again. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 * 1024, 64 * 1024);

  private final List<ChannelEngine> engines = new ArrayList<>();
  private @Nullable String host;
  private int port = 8080;
  private @Nullable SslContext tls;
  private HttpHandler fallback = request -> HttpResponse.text(404, "Not found");
  private ServerLimits limits = ServerLimits.defaults();
  private ArrivingBytes arriving = ArrivingBytes.OF_THE_PROCESS;
  private int threads = Runtime.getRuntime().availableProcessors();
  private boolean nativeTransport = true;

  NettyServerBuilder() {}

  /** Serves an engine on its path. One or more, each with a path of its own. */
  public NettyServerBuilder engine(ChannelEngine engine) {
    engines.add(engine);
    return this;
  }

  /** The address to listen on, as a name or in digits. All addresses without it. */
  public NettyServerBuilder host(String host) {
    this.host = host;
    return this;
  }

  /** The port to listen on; 0 for any that is free. Default 8080. */
  public NettyServerBuilder port(int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port must be from 0 to 65535, was " + port);
    }
    this.port = port;
    return this;
  }

  /**
   * Encrypts all connections.
   *
   * @param certificates a PEM file with the server's certificate, then those up to the authority
   * @param key a PEM file with the private key (PKCS #8), not encrypted
   * @throws IllegalArgumentException where the files do not hold that
   */
  public NettyServerBuilder tls(Path certificates, Path key) {
    try {
      return tls(SslContextBuilder.forServer(certificates.toFile(), key.toFile()).build());
    } catch (SSLException e) {
      throw new IllegalArgumentException("no certificate and key: " + e.getMessage(), e);
    }
  }

  /** Encrypts all connections, as this server-side context says. */
  public NettyServerBuilder tls(SslContext context) {
    if (!context.isServer()) {
      throw new IllegalArgumentException("the context must be a server's, was a client's");
    }
    this.tls = context;
    return this;
  }

  /** Answers all requests that are not an engine's. Without it they are answered 404. */
  public NettyServerBuilder fallback(HttpHandler handler) {
    this.fallback = handler;
    return this;
  }

  /** Time limits and bounds. */
  public NettyServerBuilder limits(ServerLimits limits) {
    this.limits = limits;
    return this;
  }

  /** For tests: one of their own. */
  NettyServerBuilder arriving(ArrivingBytes arriving) {
    this.arriving = arriving;
    return this;
  }

  /** How many threads serve connections. Default: one per processor. */
  public NettyServerBuilder eventLoopThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("eventLoopThreads must be positive, was " + threads);
    }
    this.threads = threads;
    return this;
  }

  /** Whether to use Linux's epoll where it is available; otherwise Java's NIO. Default true. */
  public NettyServerBuilder nativeTransport(boolean wanted) {
    this.nativeTransport = wanted;
    return this;
  }

  /**
   * Starts the server.
   *
   * @throws IllegalArgumentException where two engines have the same path
   * @throws IllegalStateException where the port cannot be had
   */
  public NettyServer start() {
    var pages =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("sente-page-", 0).factory());
    var doors = Doors.of(engines, new ApplicationDoor(fallback, limits.maxBodyBytes(), pages));
    Transport transport = Transport.best(nativeTransport);
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("sente-netty"), transport.handlers());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    var setup = new ConnectionSetup(doors, limits, arriving, tls, connections, pages);
    var bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(512, 2048, 64 * 1024))
            .childHandler(setup);
    var address = host == null ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
      pages.shutdownNow();
      throw new IllegalStateException("cannot listen on " + address, bound.cause());
    }
    Channel listening = bound.channel();
    var server = new NettyServer(listening, connections, loops, setup);
    NettyServer.LOG.info(
        "Listening on {}://{}:{} ({}, {} threads)",
        tls == null ? "http" : "https",
        server.address().getHostString(),
        server.port(),
        transport.name(),
        threads);
    return server;
  }
}
