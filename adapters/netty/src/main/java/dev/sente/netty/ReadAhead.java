package dev.sente.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a peer sends ahead of its answers as the bytes that it is. Stands before the HTTP
 * codec: a request takes twenty times the memory once it is decoded, so the codec is given no more
 * than a piece beyond the request whose turn it is.
 *
 * <p>The socket is still read meanwhile: only so is a peer that went away noticed at once (C9).
 * Only a peer that sends more than {@link #MAX_BYTES} ahead is not read from until its turn comes.
 *
 * <p>Touched by the connection's event loop only.
 */
final class ReadAhead extends ChannelInboundHandlerAdapter {

  /** What may be kept before the socket is read no further; one read more may have come then. */
  static final int MAX_BYTES = 16 * 1024;

  /** How much is given to the codec at a time: so much at most is decoded ahead. */
  static final int PIECE_BYTES = 1024;

  private final RequestGate gate;
  private final @Nullable RequestClock clock;

  /** Set once, before any event; stays null where there are no bytes, but requests. */
  private @Nullable ChannelHandlerContext ctx;

  private @Nullable ByteBuf kept;

  /** Whether {@link #goOn} is at work. */
  private boolean passing;

  /** Whether the socket is not read, on our word. */
  private boolean stopped;

  /** Tells the clock, if there is one, of the bytes that it passes on. */
  ReadAhead(RequestGate gate, @Nullable RequestClock clock) {
    this.gate = gate;
    this.clock = clock;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    if (clock != null) {
      clock.begin(context);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      context.fireChannelRead(message);
      return;
    }
    ByteBuf before = kept;
    kept =
        before == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), before, bytes);
    goOn();
  }

  /** Whether something waits to be passed on, and nobody is at it. */
  boolean isWaiting() {
    return kept != null && !passing;
  }

  /** Passes on what is kept, as far as it has its turn. */
  void goOn() {
    if (passing || ctx == null) {
      return;
    }
    passing = true;
    try {
      while (kept != null && gate.takesMore()) {
        pass(ctx, kept);
      }
    } finally {
      passing = false;
    }
    if (gate.takesNothingMore()) {
      release();
    }
    readOrNot(ctx);
  }

  private void pass(ChannelHandlerContext to, ByteBuf all) {
    if (clock != null) {
      clock.bytesHaveCome();
    }
    if (all.readableBytes() > PIECE_BYTES) {
      to.fireChannelRead(all.readRetainedSlice(PIECE_BYTES));
    } else {
      kept = null;
      to.fireChannelRead(all);
    }
    if (clock != null) {
      clock.arm();
    }
  }

  /** What is kept has no turn any more. */
  void drop() {
    release();
    if (ctx != null) {
      readOrNot(ctx);
    }
  }

  /** The connection has a protocol whose handlers are others'. */
  void leave() {
    if (ctx != null && !ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private void endTime() {
    if (clock != null) {
      clock.end();
    }
  }

  private void release() {
    if (kept != null) {
      kept.release();
      kept = null;
    }
  }

  private void readOrNot(ChannelHandlerContext context) {
    boolean tooMuch = kept != null && kept.readableBytes() > MAX_BYTES;
    if (tooMuch != stopped) {
      stopped = tooMuch;
      context.channel().config().setAutoRead(!tooMuch);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    release();
    endTime();
    context.fireChannelInactive();
  }

  /**
   * The connection has another protocol. What came in one go with the request that led to it is
   * that protocol's; what came later, but before the answer, was sent too early by any.
   */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    endTime();
    ByteBuf rest = kept;
    kept = null;
    stopped = false;
    if (rest != null && passing) {
      context.fireChannelRead(rest);
    } else if (rest != null) {
      rest.release();
    }
  }
}
