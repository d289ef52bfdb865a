package dev.sente.benchmarks.subject;

import dev.sente.benchmarks.load.Note;
import dev.sente.benchmarks.load.Shape;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The floor: the least that a server on Netty must do. It parses no message, knows no user and
 * keeps nothing; each message is its data. A broadcast is framed once, in one buffer for all, with
 * one flush per connection; a push is a frame for each connection, written by one task per event
 * loop; a held poll is answered by Netty's own codec. Threads, transport and socket options are
 * those of {@code NettyServer}.
 */
public final class FloorServer implements Serving {

  private static final Shape NEWS = Shape.of(Note.json(Note.NEWS));

  private final EventLoopGroup loops;
  private final List<FloorLoop> floors = new ArrayList<>();
  private final int port;

  private FloorServer(boolean polls) throws InterruptedException {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    loops = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), handlers);
    for (EventExecutor loop : loops) {
      floors.add(new FloorLoop((EventLoop) loop));
    }
    Class<? extends ServerChannel> type =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    Channel listening =
        new ServerBootstrap()
            .group(loops)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(512, 2048, 64 * 1024))
            .childHandler(setup(polls))
            .bind(0)
            .sync()
            .channel();
    port = ((InetSocketAddress) listening.localAddress()).getPort();
  }

  /** Serves; {@code polls} for long-polling rather than WebSockets. */
  public static void main(String[] args) throws InterruptedException {
    Console.serve(new FloorServer(args.length > 0 && args[0].equals("polls")));
  }

  private ChannelHandler setup(boolean polls) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        var floor = of(channel.eventLoop());
        if (polls) {
          channel.pipeline().addLast(new HttpServerCodec(), new FloorPoll(floor));
        } else {
          channel.pipeline().addLast(new FloorSocket(floor));
        }
      }
    };
  }

  private FloorLoop of(EventLoop loop) {
    return floors.stream().filter(floor -> floor.loop().equals(loop)).findFirst().orElseThrow();
  }

  @Override
  public int port() {
    return port;
  }

  /** Each event loop writes on its own; the last one lets go of the buffer. */
  @Override
  public void broadcast(long number, int count) {
    ByteBuf joined = PooledByteBufAllocator.DEFAULT.directBuffer(count * (NEWS.length() + 4));
    for (int i = 0; i < count; i++) {
      FloorSocket.frame(joined, NEWS.bytes(number + i, Shape.EVERYONE));
    }
    for (var floor : floors) {
      ByteBuf mine = joined.retainedDuplicate();
      floor.loop().execute(() -> floor.writeAll(mine));
    }
    joined.release();
  }

  @Override
  public void push(long number, int first, int count) {
    for (var floor : floors) {
      floor.loop().execute(() -> floor.writeEach(NEWS, number, first, count));
    }
  }
}
