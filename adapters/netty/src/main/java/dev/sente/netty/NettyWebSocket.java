package dev.sente.netty;

import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.WebSocketConnection;
import dev.sente.server.channel.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * An open WebSocket, and all that is in its pipeline besides TLS: many are idle at once, so this
 * one object is both handler and connection, and holds no buffer and no timer while it is at rest.
 *
 * <p>Everything happens on the connection's event loop. Other threads leave a mark, a message or a
 * task there; see {@link LoopWriter} for how marks are served.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class NettyWebSocket extends ChannelInboundHandlerAdapter
    implements WebSocketConnection, FrameReader.Sink {

  /** Set while the connection is on its loop's list. */
  private static final int LISTED = 1;

  /** Set while {@link WebSocketListener#onWritable} is owed. */
  private static final int WRITE_WANTED = 2;

  private static final VarHandle MARKS;
  private static final VarHandle LEFT;

  static {
    try {
      var lookup = MethodHandles.lookup();
      MARKS = lookup.findVarHandle(NettyWebSocket.class, "marks", int.class);
      LEFT = lookup.findVarHandle(NettyWebSocket.class, "left", Left.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** An {@link OutgoingMessage} or {@link Ending} from another thread, the latest first. */
  private record Left(Object what, @Nullable Left before) {}

  /** A close that is due in its turn. */
  private record Ending(int code, String reason) {}

  /** Both set once, before the connection is handed to anyone. */
  private ChannelHandlerContext ctx;

  private Channel channel;

  private final LoopWriter writer;
  private final WebSocketListener listener;
  private final Bounds bounds;
  private final FrameReader reader;

  /** The next on the loop's list. Written by who lists this one, then by the loop. */
  @Nullable NettyWebSocket nextListed;

  /** {@link #LISTED} and {@link #WRITE_WANTED}. Any thread, atomically. */
  @SuppressWarnings("unused")
  private volatile int marks;

  /** What other threads have left to send. Any thread pushes, the loop takes all. */
  @SuppressWarnings("unused")
  private volatile @Nullable Left left;

  /** What {@link #setReading} said last. Any thread. */
  private volatile boolean reading = true;

  // The rest is touched by the event loop only.

  /** Read from the socket, but not yet by {@link #reader}; null for nothing. */
  private @Nullable ByteBuf unread;

  /** Whether the listener has been told: what came with the request waits until then. */
  private boolean opened;

  private boolean inRead;
  private boolean serving;
  private boolean stallWatched;

  /** Whether a message was too long; nothing is read then until we close. */
  private boolean oversized;

  /** Whether our close frame was written, after which nothing is. */
  private boolean closeSent;

  private boolean gone;
  private int peerCode = Frames.ABNORMAL;
  private String peerReason = "";

  /** A connection that is to be put into the channel's pipeline, then opened. */
  @SuppressWarnings("NullAway.Init") // The context comes with handlerAdded.
  NettyWebSocket(EventLoop loop, WebSocketListener listener, int maxMessageBytes, Bounds bounds) {
    this.writer = LoopWriter.of(loop);
    this.listener = listener;
    this.bounds = bounds;
    this.reader = new FrameReader(this, maxMessageBytes);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
    channel = context.channel();
  }

  /** Tells the listener (C8), and sends what it says at once. */
  void open() {
    guarded(() -> listener.onOpen(this));
    opened = true;
    readOn();
    ctx.flush();
  }

  // What other threads call.

  @Override
  public void requestWrite() {
    mark(LISTED | WRITE_WANTED);
  }

  @Override
  public void send(OutgoingMessage message) {
    if (!writer.loop().inEventLoop()) {
      leave(message);
      return;
    }
    try {
      writeLeft();
      write(message);
    } catch (Throwable e) {
      failed(e);
    }
    if (!serving) {
      mark(LISTED);
    }
  }

  @Override
  public void close(int code, String reason) {
    if (!writer.loop().inEventLoop()) {
      leave(new Ending(code, reason));
      return;
    }
    try {
      writeLeft();
      writeClose(code, reason);
    } catch (Throwable e) {
      failed(e);
    }
  }

  @Override
  public void terminate() {
    onLoop(this::endNow);
  }

  @Override
  public void setReading(boolean reading) {
    this.reading = reading;
    onLoop(this::applyReading);
  }

  /** C13: messages and the close keep their order, also from threads other than the loop's. */
  private void leave(Object what) {
    Left before;
    do {
      before = left;
    } while (!LEFT.compareAndSet(this, before, new Left(what, before)));
    mark(LISTED);
  }

  private void mark(int bits) {
    // Marked already, and not yet served: what came before this look will be. Spares most pushes
    // the write.
    if ((marks & bits) == bits) {
      return;
    }
    int before = (int) MARKS.getAndBitwiseOr(this, bits);
    if ((before & LISTED) == 0) {
      writer.add(this);
    }
  }

  private void onLoop(Runnable task) {
    if (writer.loop().inEventLoop()) {
      task.run();
    } else {
      LoopWriter.execute(writer.loop(), task);
    }
  }

  /** The round that it was listed for will not come: to be listed anew. Any thread. */
  void unlist() {
    MARKS.getAndBitwiseAnd(this, ~LISTED);
  }

  // Writing.

  /**
   * Writes all that is due and flushes once. Called by {@link LoopWriter} in a round, which takes
   * what this throws to {@link #failed}.
   */
  void serve() {
    int before = (int) MARKS.getAndBitwiseAnd(this, ~LISTED);
    if (gone) {
      return;
    }
    serving = true;
    try {
      writeLeft();
      if ((before & WRITE_WANTED) != 0 && !closeSent && channel.isWritable()) {
        MARKS.getAndBitwiseAnd(this, ~WRITE_WANTED);
        listener.onWritable();
        writeLeft();
      }
    } finally {
      serving = false;
    }
    ctx.flush();
    watchStall();
  }

  /** C11: when the connection has drained, it gets the call that it is owed. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable() && (marks & WRITE_WANTED) != 0) {
      mark(LISTED);
    }
    context.fireChannelWritabilityChanged();
  }

  /** C13: what other threads have sent before goes first. */
  private void writeLeft() {
    if (left == null) {
      return;
    }
    Left latest = (Left) LEFT.getAndSet(this, null);
    var inOrder = new ArrayDeque<Object>();
    for (Left at = latest; at != null; at = at.before) {
      inOrder.addFirst(at.what);
    }
    for (Object what : inOrder) {
      if (what instanceof OutgoingMessage message) {
        write(message);
      } else if (what instanceof Ending ending) {
        writeClose(ending.code, ending.reason);
      }
    }
  }

  private void write(OutgoingMessage message) {
    if (!closeSent && !gone) {
      ctx.write(writer.frame(channel, message), channel.voidPromise());
    }
  }

  private void watchStall() {
    if (stallWatched) {
      return;
    }
    var drained = StallWatch.watch(ctx, bounds.writeLimit());
    if (drained != null) {
      stallWatched = true;
      drained.addListener(
          done -> {
            stallWatched = false;
            if (done.isSuccess()) {
              mark(LISTED); // To watch what came meanwhile, which waits behind.
            }
          });
    }
  }

  // Reading.

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    unread = unread == null ? bytes : joined(unread, bytes);
    readOn();
  }

  /** Hands what was read to the reader; keeps what it leaves. */
  private void readOn() {
    ByteBuf bytes = unread;
    if (bytes == null || inRead || !opened) {
      return;
    }
    inRead = true;
    try {
      reader.read(bytes);
      if (!count()) {
        giveUp(bytes, 1013, "try again later");
      } else if (reader.isAmidst() && !paused()) {
        listener.onArriving();
      }
    } catch (RuntimeException e) {
      NettyServer.LOG.error("A WebSocket listener has thrown", e);
      giveUp(bytes, 1011, "internal error");
    } catch (Error e) {
      failed(e);
    } finally {
      inRead = false;
      unread = rest(bytes);
    }
  }

  private void giveUp(ByteBuf bytes, int code, String why) {
    endReading();
    bytes.skipBytes(bytes.readableBytes());
    broken(code, why);
  }

  /**
   * Counts what the reader holds. To be called when that may have changed.
   *
   * @return false where there is no room for it
   */
  private boolean count() {
    int held = reader.held();
    boolean isRoom = bounds.arriving().change(channel.remoteAddress(), reader.counted, held);
    if (isRoom) {
      reader.counted = held;
    }
    return isRoom;
  }

  /** From now on nothing is read, and nothing held of what has come. */
  private void endReading() {
    reader.end();
    count();
  }

  /** What remains of a buffer, without holding on to much more than that. */
  private @Nullable ByteBuf rest(ByteBuf bytes) {
    int length = bytes.readableBytes();
    if (length > 0 && paused()) {
      return bytes;
    }
    ByteBuf rest = length == 0 ? null : Unpooled.buffer(length).writeBytes(bytes);
    bytes.release();
    return rest;
  }

  /** One buffer for both. Where there is no memory for it, the first is still {@link #unread}. */
  private ByteBuf joined(ByteBuf first, ByteBuf second) {
    int length = first.readableBytes() + second.readableBytes();
    try {
      ByteBuf both = ctx.alloc().buffer(length).writeBytes(first).writeBytes(second);
      first.release();
      return both;
    } finally {
      second.release();
    }
  }

  /** C15. Once we have closed, reading goes on whatever was said, for the peer's close frame. */
  private void applyReading() {
    channel.config().setAutoRead(!paused());
    readOn();
  }

  @Override
  public boolean paused() {
    return !closeSent && (oversized || !reading);
  }

  @Override
  public void message(byte[] bytes, boolean binary) {
    writer.gather();
    listener.onMessage(bytes, binary);
  }

  /** C3: told once, since the reader reads over what follows. */
  @Override
  public void oversized() {
    oversized = true;
    listener.onOversized();
    applyReading();
  }

  /** Answers, unless the peer does not take what it has: then it gets no further answers. */
  @Override
  public void ping(byte[] payload) {
    if (!closeSent && channel.isWritable()) {
      ctx.write(Frames.pong(ctx.alloc(), payload), ctx.voidPromise());
      mark(LISTED);
    }
  }

  // Closing.

  /** C14: our close. Messages are read no more. */
  private void writeClose(int code, String reason) {
    if (closeSent || gone) {
      return;
    }
    closeSent = true;
    reader.discard();
    count();
    ctx.writeAndFlush(Frames.close(ctx.alloc(), code, reason), ctx.voidPromise());
    LingeringClose.endWithin2Seconds(channel);
    applyReading();
  }

  /** The peer's close, or its answer to ours. TCP ends at once: browsers wait for that. */
  @Override
  public void closed(int code, String reason) {
    peerCode = code;
    peerReason = reason;
    if (closeSent) {
      ctx.close();
      return;
    }
    writeLeft();
    closeSent = true;
    ctx.writeAndFlush(Frames.close(ctx.alloc(), code, reason))
        .addListener(ChannelFutureListener.CLOSE);
    LingeringClose.endWithin2Seconds(channel);
  }

  @Override
  public void broken(int code, String why) {
    NettyServer.LOG.debug("Closing a WebSocket with {}: {}", code, why);
    if (closeSent) {
      endNow();
      return;
    }
    closeSent = true;
    ctx.writeAndFlush(Frames.close(ctx.alloc(), code, why))
        .addListener(sent -> LingeringClose.begin(channel));
    LingeringClose.endWithin2Seconds(channel);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ServerStopping.INSTANCE) {
      close(1001, "");
    } else if (event instanceof SslCloseCompletionEvent) {
      endNow();
    }
    context.fireUserEventTriggered(event);
  }

  private void endNow() {
    endReading();
    LingeringClose.endNow(channel);
  }

  /** C16: the one place where the end is told. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone = true;
    if (unread != null) {
      unread.release();
      unread = null;
    }
    guarded(() -> listener.onClosed(peerCode, peerReason));
    context.fireChannelInactive();
  }

  /** The last of all, however the connection ends. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    endReading();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Failures.log(cause);
    endNow();
  }

  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (Throwable e) {
      failed(e);
    }
  }

  /**
   * A listener's fault, or a frame that could not be made, be it for want of memory: ends this
   * connection at once, not the round of the others. It must not go on: messages are numbered by
   * counting them, so what followed one that is missing would count as that one.
   */
  void failed(Throwable e) {
    endNow(); // First, since without memory nothing may be logged.
    NettyServer.LOG.error("A WebSocket has failed", e);
  }
}
