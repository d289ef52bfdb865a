package dev.sente.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds a connection to the time limits for heads, bodies and rest. {@link ReadAhead} tells it of
 * bytes, {@link RequestGate} of what they are.
 *
 * <p>What is due is a number that changes several times per request; there is one timer per
 * connection, which looks at that number when it fires, and is set anew only where something is due
 * earlier. So a request that arrives in one piece costs no timer.
 *
 * <p>Touched by the connection's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // Closing needs no answer.
final class RequestClock {

  /**
   * What each byte of a body adds to its time: at 4 KiB a second a body takes as long as it takes.
   */
  private static final long NANOS_PER_BODY_BYTE = TimeUnit.SECONDS.toNanos(1) / 4096;

  /**
   * For how long a body may stop coming, whatever time it has left, unless {@link
   * ServerLimits#bodyTimeout} is longer: else who has sent megabytes in a second, all but the last
   * byte, would occupy their memory for a quarter of an hour.
   */
  private static final long LONGEST_SILENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final ServerLimits limits;

  /** Set once, before any event. */
  private @Nullable ChannelHandlerContext ctx;

  private RequestGate.Phase phase = RequestGate.Phase.HEAD;

  /** Whether bytes of the awaited head may have arrived. */
  private boolean headBegun;

  /** When the present phase must be over, as {@link System#nanoTime}; 0 for never. */
  private long due;

  /** When the timer fires; of meaning while there is one. */
  private long timerAt;

  private @Nullable Future<?> timer;

  RequestClock(ServerLimits limits) {
    this.limits = limits;
  }

  /** The connection is there. */
  void begin(ChannelHandlerContext context) {
    ctx = context;
    await(RequestGate.Phase.HEAD);
    arm(context);
  }

  /** The gate now awaits this. */
  void await(RequestGate.Phase next) {
    phase = next;
    switch (next) {
      case HEAD -> {
        headBegun = false;
        dueIn(limits.idleTimeout().toNanos());
      }
      case BODY -> dueIn(limits.bodyTimeout().toNanos());
      case ANSWER, LEAVING, END, SWITCHED -> due = 0;
    }
    if (next == RequestGate.Phase.HEAD) {
      arm();
    }
  }

  /** Sees to it that what is awaited has its limit, though no bytes come. */
  void arm() {
    if (ctx != null) {
      arm(ctx);
    }
  }

  /** Bytes have come that are read next; to be armed once they are. */
  void bytesHaveCome() {
    if (phase == RequestGate.Phase.HEAD && !headBegun) {
      headBegun = true;
      dueIn(limits.headTimeout().toNanos());
    }
  }

  /** So many bytes of the awaited body have come, not counted what chunks bring besides. */
  void bodyHasCome(int bytes) {
    long silence = Math.max(LONGEST_SILENCE_NANOS, limits.bodyTimeout().toNanos());
    long now = System.nanoTime();
    long left = due - now + bytes * NANOS_PER_BODY_BYTE;
    due = (now + Math.min(left, silence)) | 1;
  }

  private void dueIn(long nanos) {
    due = (System.nanoTime() + nanos) | 1;
  }

  /** Sees to it that the timer fires when something is due, or earlier. */
  private void arm(ChannelHandlerContext context) {
    if (due == 0 || (timer != null && timerAt - due <= 0)) {
      return;
    }
    stop();
    timerAt = due;
    timer =
        context
            .channel()
            .eventLoop()
            .schedule(
                () -> fired(context), Math.max(1, due - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private void fired(ChannelHandlerContext context) {
    timer = null;
    if (due == 0) {
      return;
    }
    if (due - System.nanoTime() > 0) {
      arm(context);
      return;
    }
    due = 0;
    boolean idle = phase == RequestGate.Phase.HEAD && !headBegun;
    NettyServer.LOG.debug("Time is over for a request's {}", idle ? "arrival" : phase);
    if (idle) {
      context.close();
    } else {
      context.pipeline().fireUserEventTriggered(RequestTimeout.INSTANCE);
    }
  }

  /** The event that a request did not arrive in time; to be answered 408. */
  enum RequestTimeout {
    INSTANCE
  }

  private void stop() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /** The connection has ended, or is no longer HTTP's. */
  void end() {
    due = 0;
    stop();
  }
}
