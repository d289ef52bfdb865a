package dev.sente.netty;

import dev.sente.server.channel.ChannelEngine;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A web server for engines and the application's own pages.
 *
 * <pre>{@code
 * try (var server = NettyServer.builder()
 *     .engine(chsk)
 *     .fallback(StaticFiles.fromClassPath("/www"))
 *     .port(8080)
 *     .start()) {
 *   …
 * }
 * }</pre>
 *
 * <p>It is running from {@link NettyServerBuilder#start} until {@link #close}, on threads that keep
 * the process alive. All methods may be called by any thread, but see {@link #close(Duration)}.
 */
public final class NettyServer implements AutoCloseable {

  /** The logger of the whole adapter. Nothing of a request or its peer is logged at info. */
  static final Logger LOG = LoggerFactory.getLogger(NettyServer.class);

  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);
  private static final Duration LONGEST_GRACE = Duration.ofDays(1);

  private final Channel listening;
  private final InetSocketAddress address;
  private final ChannelGroup connections;
  private final EventLoopGroup loops;
  private final ConnectionSetup setup;

  /** Whether closing has begun. Any thread, atomically. */
  private final AtomicBoolean closing = new AtomicBoolean();

  NettyServer(
      Channel listening, ChannelGroup connections, EventLoopGroup loops, ConnectionSetup setup) {
    this.listening = listening;
    this.address = (InetSocketAddress) listening.localAddress();
    this.connections = connections;
    this.loops = loops;
    this.setup = setup;
  }

  /**
   * Starts a server for one engine on port 8080 of all addresses.
   *
   * @throws IllegalStateException where the port cannot be had
   */
  public static NettyServer start(ChannelEngine engine) {
    return builder().engine(engine).start();
  }

  /** A server's options, with their defaults at first. */
  public static NettyServerBuilder builder() {
    return new NettyServerBuilder();
  }

  /** The port that it listens on; where 0 was asked for, the one that the system has chosen. */
  public int port() {
    return address.getPort();
  }

  /** The address that it listens on. */
  public InetSocketAddress address() {
    return address;
  }

  /** The open connections. */
  ChannelGroup connections() {
    return connections;
  }

  /** Closes with 5 s of grace. */
  @Override
  public void close() {
    close(DEFAULT_GRACE);
  }

  /**
   * Accepts no more connections, closes WebSockets with code 1001 and idle connections at once,
   * lets answers in progress leave, then ends what is left when the grace is over. Held polls are
   * for their engine to answer: close it first. Blocks until all is done; a second call does
   * nothing. An interrupt ends the grace. Not to be called on one of the server's own event loops,
   * whose connections could not end while it waits.
   *
   * @param grace how long to wait for connections to end by themselves; zero for not at all, a day
   *     at most
   */
  public void close(Duration grace) {
    long graceMillis = (grace.compareTo(LONGEST_GRACE) < 0 ? grace : LONGEST_GRACE).toMillis();
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    listening.close().awaitUninterruptibly();
    setup.stop();
    for (Channel connection : connections) {
      connection.pipeline().fireUserEventTriggered(ServerStopping.INSTANCE);
    }
    boolean interrupted = false;
    try {
      if (!connections.newCloseFuture().await(graceMillis)) {
        LOG.info("{} connections are ended, the grace of {} is over", connections.size(), grace);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    for (Channel connection : connections) {
      LoopWriter.execute(connection.eventLoop(), () -> LingeringClose.endNow(connection));
    }
    // A loop that shuts down ends its connections before it runs what was submitted to it.
    connections.newCloseFuture().awaitUninterruptibly(1, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    setup.end();
    LOG.info("Stopped listening on port {}", port());
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
