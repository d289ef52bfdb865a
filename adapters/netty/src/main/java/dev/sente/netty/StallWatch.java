package dev.sente.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection whose peer takes nothing of what waits for it. Exists only while something
 * waits, so that a connection at rest pays nothing.
 *
 * <p>Touched by the connection's event loop only.
 */
final class StallWatch implements Runnable {

  /** How often to look within the limit. */
  private static final int LOOKS = 4;

  private final Channel channel;
  private final Future<?> timer;
  private @Nullable Object current;
  private long progress;

  /** How many looks in a row have seen nothing leave. */
  private int idleLooks;

  private StallWatch(Channel channel, Duration limit) {
    this.channel = channel;
    long period = limit.toNanos() / LOOKS;
    this.timer =
        channel.eventLoop().scheduleAtFixedRate(this, period, period, TimeUnit.NANOSECONDS);
    advanced();
  }

  /**
   * Watches until all has left that waits in the connection now; does nothing where nothing waits.
   *
   * @param from from where to write what marks the end of what waits
   * @param limit how long the peer may take nothing at all; noticed a quarter of it late at most
   * @return done when all has left; null where nothing waits
   */
  static @Nullable ChannelFuture watch(ChannelHandlerContext from, Duration limit) {
    ChannelOutboundBuffer waiting = from.channel().unsafe().outboundBuffer();
    if (waiting == null || waiting.totalPendingWriteBytes() == 0) {
      return null;
    }
    var drained = from.writeAndFlush(Unpooled.EMPTY_BUFFER);
    if (!drained.isDone()) {
      var watch = new StallWatch(from.channel(), limit);
      drained.addListener(done -> watch.timer.cancel(false));
    }
    return drained;
  }

  @Override
  public void run() {
    idleLooks = advanced() ? 0 : idleLooks + 1;
    if (idleLooks >= LOOKS) {
      NettyServer.LOG.debug("A peer has taken no bytes for too long; its connection is ended");
      timer.cancel(false);
      LingeringClose.endNow(channel);
    }
  }

  /**
   * Whether bytes have left since the last look. The queue before the watched write only shrinks,
   * so the same message at its head with the same progress means that nothing has.
   */
  @SuppressWarnings("ReferenceEquality") // The very same object is meant.
  private boolean advanced() {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    if (waiting == null) {
      return true;
    }
    Object head = waiting.current();
    long done = waiting.currentProgress();
    boolean advanced = head != current || done != progress;
    current = head;
    progress = done;
    return advanced;
  }
}
