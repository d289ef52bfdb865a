package dev.sente.benchmarks.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The one event loop on which all clients live, whatever they speak: one thread, so that nothing in
 * them is shared or locked.
 */
public final class Driver implements AutoCloseable {

  /** Clients to one address of the server's; ports for many more are free there. */
  private static final int CLIENTS_PER_ADDRESS = 5_000;

  private final EventLoopGroup loop;
  private final Class<? extends Channel> channel;

  /** Starts the thread. */
  public Driver() {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("load", true), handlers);
    channel = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** Runs a task on the loop. */
  public void run(Runnable task) {
    loop.execute(task);
  }

  /** Runs a task on the loop after this many microseconds. */
  public void after(long micros, Runnable task) {
    loop.schedule(task, micros, TimeUnit.MICROSECONDS);
  }

  /** How connections are made to this port; each takes its own handler and address. */
  Bootstrap bootstrap() {
    return new Bootstrap()
        .group(loop)
        .channel(channel)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_LINGER, 0) // Cut, so that no port stays in TIME_WAIT.
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 60_000)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(8 * 1024));
  }

  /** A loopback address for this client. */
  static String address(int client) {
    return "127.0.0." + (1 + client / CLIENTS_PER_ADDRESS);
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS);
  }
}
