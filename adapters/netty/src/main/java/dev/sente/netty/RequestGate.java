package dev.sente.netty;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Lets one request at a time through, so that answers leave in the order of requests, and decides
 * whether the connection stays open after each (C7).
 *
 * <p>A request's turn ends when its answer has left the connection's outbound buffer, not when it
 * was written there: who sends requests and takes no answers has one answer waiting, not all.
 *
 * <p>What the peer sends until then is kept by {@link ReadAhead}; parked here is what was decoded
 * in one piece with the request.
 *
 * <p>Once the connection has another protocol, as after the handshake of another handler's
 * WebSocket, all is let through.
 *
 * <p>Touched by the connection's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class RequestGate extends ChannelDuplexHandler {

  /** What is awaited next. */
  enum Phase {
    HEAD,
    BODY,
    ANSWER,
    /** That the answer leaves: all of it is written, but the peer may not have taken it. */
    LEAVING,
    /** Nothing: the last answer has left. */
    END,
    /** Nothing: the answer was 101, and what follows is another protocol's. */
    SWITCHED
  }

  private final @Nullable RequestClock clock;
  private final ReadAhead ahead;
  private Phase phase = Phase.HEAD;
  private boolean keepAlive = true;
  private boolean http10;
  private boolean stopping;

  /** Whether the next flush tells if the answer has left: it was written without a promise. */
  private boolean lookWhenFlushed;

  private @Nullable ArrayDeque<Object> parked;

  /** A gate that tells the clock what is awaited, if there is one. */
  RequestGate(@Nullable RequestClock clock) {
    this.clock = clock;
    this.ahead = new ReadAhead(this, clock);
  }

  /** What is to stand before the codec. */
  ReadAhead ahead() {
    return ahead;
  }

  /** Whether what comes next is passed on, or read over. */
  boolean takesMore() {
    return parked == null && phase != Phase.ANSWER && phase != Phase.LEAVING;
  }

  /** Whether all that may still come is read over. */
  boolean takesNothingMore() {
    return phase == Phase.END || (phase == Phase.LEAVING && !keepAlive);
  }

  /** Whether the server stops, and no WebSocket should open any more. */
  boolean isStopping() {
    return stopping;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (takesNothingMore()) {
      ReferenceCountUtil.release(message);
    } else if (takesMore()) {
      pass(ctx, message);
    } else {
      if (parked == null) {
        parked = new ArrayDeque<>();
      }
      parked.add(message);
    }
  }

  private void pass(ChannelHandlerContext ctx, Object message) {
    if (message instanceof HttpRequest request) {
      keepAlive = HttpUtil.isKeepAlive(request) && !stopping;
      http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
      await(Phase.BODY);
    }
    if (message instanceof LastHttpContent) {
      await(Phase.ANSWER);
    } else if (message instanceof HttpContent content && phase == Phase.BODY && clock != null) {
      clock.bodyHasCome(content.content().readableBytes());
    }
    ctx.fireChannelRead(message);
  }

  private void await(Phase next) {
    phase = next;
    if (clock != null) {
      clock.await(next);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (phase == Phase.SWITCHED) {
      ctx.write(message, promise);
      return;
    }
    if (message instanceof HttpResponse response) {
      if (response.status().code() < 200) {
        if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
          switched();
        }
        ctx.write(message, promise);
        return;
      }
      decideKeepAlive(response);
    }
    // A ChunkedWriteHandler nearer to the socket makes the last content of a chunked input.
    boolean chunked = message instanceof HttpChunkedInput;
    if (!chunked && !(message instanceof LastHttpContent)) {
      ctx.write(message, promise);
      return;
    }
    await(Phase.LEAVING);
    if (!keepAlive) {
      dropAll();
    }
    if (promise.isVoid() && !chunked) {
      lookWhenFlushed = true;
      ctx.write(message, promise);
    } else {
      ctx.write(message, promise.unvoid()).addListener(written -> written(ctx, written));
    }
  }

  /** What was parked was taken for HTTP, and came before the peer could know the answer. */
  private void switched() {
    await(Phase.SWITCHED);
    dropAll();
    ahead.leave();
  }

  /** An answer that leaves at once, as nearly all do, needs no promise to tell. */
  @Override
  public void flush(ChannelHandlerContext ctx) {
    ctx.flush();
    if (!lookWhenFlushed) {
      return;
    }
    lookWhenFlushed = false;
    ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
    if (waiting != null && waiting.totalPendingWriteBytes() == 0) {
      left(ctx);
    } else {
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> written(ctx, written));
    }
  }

  private void written(ChannelHandlerContext ctx, Future<?> written) {
    if (written.isSuccess()) {
      left(ctx);
    } else {
      ctx.close();
    }
  }

  /** The answer has left. */
  private void left(ChannelHandlerContext ctx) {
    if (phase != Phase.LEAVING) {
      return;
    }
    if (!keepAlive) {
      await(Phase.END);
      LingeringClose.begin(ctx.channel());
      return;
    }
    await(Phase.HEAD);
    if (parked != null || ahead.isWaiting()) {
      ctx.executor().execute(() -> goOn(ctx));
    }
  }

  /** An answer given before the request was read to its end is the connection's last. */
  private void decideKeepAlive(HttpResponse response) {
    var headers = response.headers();
    if (phase != Phase.ANSWER
        || headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true)) {
      keepAlive = false;
    }
    if (!keepAlive) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (http10) {
      headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  /** Passes what came ahead, up to the end of the next request. */
  private void goOn(ChannelHandlerContext ctx) {
    while (parked != null && (phase == Phase.HEAD || phase == Phase.BODY)) {
      Object message = parked.poll();
      if (message == null) {
        parked = null;
      } else {
        pass(ctx, message);
      }
    }
    ahead.goOn();
    ctx.fireChannelReadComplete(); // As after what the socket brings: handlers may flush only then.
    if (clock != null) {
      clock.arm(); // Nothing may come any more for the clock to see.
    }
  }

  private void dropAll() {
    dropParked();
    ahead.drop();
  }

  private void dropParked() {
    if (parked != null) {
      parked.forEach(ReferenceCountUtil::release);
      parked = null;
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ServerStopping.INSTANCE) {
      stopping = true;
      keepAlive = false;
      if (phase == Phase.HEAD) {
        ctx.close();
      } else if (phase == Phase.LEAVING) {
        dropAll();
      }
    } else if (event instanceof SslCloseCompletionEvent) {
      ctx.close();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    dropParked();
    phase = Phase.END;
    ctx.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    dropParked();
  }
}
