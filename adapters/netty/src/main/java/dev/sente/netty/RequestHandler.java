package dev.sente.netty;

import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts requests together and takes them to their door; writes the answers. What has no door is
 * fired on as it came. Behind a {@link RequestGate}, so there is one request at a time.
 *
 * <p>Touched by the connection's event loop only.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails closes the channel.
final class RequestHandler extends ChannelInboundHandlerAdapter {

  static final int MAX_HEADERS = 100;

  /** How much of an answer's body is given to the connection at a time, in bytes. */
  static final int PIECE_BYTES = 64 * 1024;

  private static final byte[] EMPTY = {};

  private final Doors doors;
  private final RequestGate gate;
  private final Bounds bounds;

  /** Set once, before any request. */
  private ChannelHandlerContext ctx;

  /** The request that is being read, if it has a door. */
  private @Nullable HttpRequest head;

  private @Nullable Door door;
  private String path = "";
  private Translation.@Nullable Peer peer;
  private byte[] body = EMPTY;
  private int bodySize;

  /** What is counted of {@link #body}. */
  private int counted;

  /** The request that waits for its answer. */
  private @Nullable NettyExchange present;

  @SuppressWarnings("NullAway.Init") // The context comes with handlerAdded.
  RequestHandler(Doors doors, RequestGate gate, Bounds bounds) {
    this.doors = doors;
    this.gate = gate;
    this.bounds = bounds;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ctx = context;
  }

  // Reading.

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) {
      drop();
      path = Translation.path(request);
      door = doors.at(path);
      if (door != null) {
        begin(request, door);
      }
    }
    if (door == null || !(message instanceof HttpObject part)) {
      context.fireChannelRead(message);
      return;
    }
    try {
      if (head != null) {
        readOn(part, head, door);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** Looks at a request's head; keeps it unless it is refused. */
  private void begin(HttpRequest request, Door to) {
    HttpResponseStatus refusal = refusal(request, to);
    if (refusal != null) {
      refuse(refusal);
      return;
    }
    head = request;
    if (HttpUtil.is100ContinueExpected(request)) {
      ctx.writeAndFlush(
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
  }

  private static @Nullable HttpResponseStatus refusal(HttpRequest request, Door to) {
    HttpVersion version = request.protocolVersion();
    if (request.decoderResult().isFailure()) {
      return fault(request.decoderResult());
    } else if (version.majorVersion() != 1) {
      return HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED;
    } else if (request.headers().size() > MAX_HEADERS) {
      return HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
    } else if (version.minorVersion() > 0
        && request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
      return HttpResponseStatus.BAD_REQUEST;
    } else if (HttpUtil.getContentLength(request, 0L) > to.maxBodyBytes()) {
      return HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
    } else if (version.minorVersion() > 0
        && request.headers().contains(HttpHeaderNames.EXPECT)
        && !HttpUtil.is100ContinueExpected(request)) {
      return HttpResponseStatus.EXPECTATION_FAILED;
    }
    return null;
  }

  private static HttpResponseStatus fault(DecoderResult result) {
    if (result.cause() instanceof TooLongHttpLineException) {
      return HttpResponseStatus.REQUEST_URI_TOO_LONG;
    } else if (result.cause() instanceof TooLongHttpHeaderException) {
      return HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
    }
    return HttpResponseStatus.BAD_REQUEST;
  }

  private void readOn(HttpObject part, HttpRequest request, Door to) {
    if (part.decoderResult().isFailure()) {
      refuse(fault(part.decoderResult()));
      return;
    }
    if (part instanceof HttpContent content) {
      if (content.content().readableBytes() > to.maxBodyBytes() - bodySize) {
        refuse(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE);
        return;
      }
      // Netty's word for a GET of an old draft of WebSocket is 8, whatever the request says.
      boolean told = request.headers().contains(HttpHeaderNames.CONTENT_LENGTH);
      int most = to.maxBodyBytes();
      append(content.content(), told ? HttpUtil.getContentLength(request, (long) most) : most);
    }
    if (part instanceof LastHttpContent) {
      byte[] whole = bodySize == body.length ? body : Arrays.copyOf(body, bodySize);
      drop();
      var received = Translation.request(request, path, peer(), whole);
      accept(new NettyExchange(this, ctx.channel().eventLoop(), received, to));
    } else if (!count()) {
      refuse(HttpResponseStatus.SERVICE_UNAVAILABLE);
    }
  }

  /** Not before there is a request: an address may come with what a proxy says first. */
  private Translation.Peer peer() {
    var known = peer;
    if (known == null) {
      known = Translation.Peer.of(ctx.channel());
      peer = known;
    }
    return known;
  }

  /** Holds nothing of a request any more. */
  private void drop() {
    head = null;
    body = EMPTY;
    bodySize = 0;
    count();
  }

  /**
   * Counts what is held of a body. To be called when that may have changed.
   *
   * @return false where there is no room for it
   */
  private boolean count() {
    boolean isRoom = bounds.arriving().change(counted, body.length);
    if (isRoom) {
      counted = body.length;
    }
    return isRoom;
  }

  /**
   * The array grows with what has arrived, not with what was announced; twofold, so that a body in
   * tiny chunks is not copied with each.
   *
   * @param whole how long the body is, or at most may be
   */
  private void append(ByteBuf content, long whole) {
    int more = content.readableBytes();
    int needed = bodySize + more;
    if (needed > body.length) {
      long next = Math.min(2L * body.length, whole);
      body = Arrays.copyOf(body, (int) Math.max(needed, next));
    }
    content.readBytes(body, bodySize, more);
    bodySize = needed;
  }

  private void accept(NettyExchange exchange) {
    present = exchange;
    LoopWriter.of(ctx.channel().eventLoop()).gather();
    try {
      exchange.door().accept(exchange);
    } catch (RuntimeException e) {
      NettyServer.LOG.error("A request's handler has thrown", e);
      exchange.respond(HttpResponse.text(500, "Internal error"));
    }
  }

  // Answering.

  /** C5: writes an answer, the first one only, unless the peer is gone. */
  void answer(NettyExchange exchange, HttpResponse response) {
    if (present != exchange) {
      return;
    }
    present = null;
    write(response);
  }

  private void write(HttpResponse response) {
    FullHttpResponse netty;
    try {
      netty = Translation.response(response);
    } catch (RuntimeException e) {
      NettyServer.LOG.error("An answer cannot be sent", e);
      netty = Translation.response(HttpResponse.text(500, "Internal error"));
    }
    if (netty.content().readableBytes() > PIECE_BYTES) {
      ctx.write(
          new DefaultHttpResponse(netty.protocolVersion(), netty.status(), netty.headers()),
          ctx.voidPromise());
      writeFrom(response.body(), 0);
    } else {
      ctx.writeAndFlush(netty, ctx.voidPromise());
      StallWatch.watch(ctx, bounds.writeLimit());
    }
  }

  /**
   * Writes what remains of a long body, a piece when the one before has left. A socket takes memory
   * outside the heap, so what is written is copied there: a piece for a slow peer, not the whole.
   */
  private void writeFrom(byte[] body, int begin) {
    int at = begin;
    ChannelFuture leaving = null;
    while (at < body.length && leaving == null && ctx.channel().isActive()) {
      int length = Math.min(body.length - at, PIECE_BYTES);
      ByteBuf piece = Unpooled.wrappedBuffer(body, at, length);
      at += length;
      ctx.writeAndFlush(
          at < body.length ? new DefaultHttpContent(piece) : new DefaultLastHttpContent(piece),
          ctx.voidPromise());
      leaving = StallWatch.watch(ctx, bounds.writeLimit());
    }
    if (leaving != null && at < body.length) {
      int next = at;
      leaving.addListener(
          left -> {
            if (left.isSuccess()) {
              writeFrom(body, next);
            }
          });
    }
  }

  /** Answers by ourselves, as the connection's last answer. */
  private void refuse(HttpResponseStatus status) {
    NettyServer.LOG.debug("Refusing a request with {}", status);
    drop();
    var headers =
        status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)
            ? Map.of("Connection", "close", "Retry-After", "1")
            : Map.of("Connection", "close");
    write(HttpResponse.text(status.code(), status.reasonPhrase()).with(headers));
  }

  /**
   * C8: answers 101 and turns the connection into a WebSocket, or answers why not.
   *
   * @return false where the peer is gone
   */
  boolean upgrade(
      NettyExchange exchange, @Nullable String subprotocol, WebSocketListener listener) {
    if (present != exchange) {
      return false;
    }
    HttpResponse refusal =
        gate.isStopping()
            ? HttpResponse.text(503, "Stopping")
            : Handshake.refusal(exchange.request());
    String key = exchange.request().header("sec-websocket-key");
    present = null;
    if (refusal != null || key == null) {
      write(refusal == null ? HttpResponse.text(400, "No Sec-WebSocket-Key") : refusal);
      return true;
    }
    int maxMessageBytes = exchange.door().maxMessageBytes();
    var connection =
        new NettyWebSocket(ctx.channel().eventLoop(), listener, maxMessageBytes, bounds);
    Upgrade.toWebSocket(ctx, Handshake.answer(key, subprotocol), connection);
    connection.open();
    return true;
  }

  // The connection's end.

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == RequestClock.RequestTimeout.INSTANCE) {
      refuse(HttpResponseStatus.REQUEST_TIMEOUT);
    }
    context.fireUserEventTriggered(event);
  }

  /** C9: the peer is gone. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    NettyExchange waiting = present;
    present = null;
    head = null;
    if (waiting != null) {
      waiting.abort();
    }
    context.fireChannelInactive();
  }

  /** The last of all, however the connection ends. */
  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    drop();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (door == null && doors.otherwise() == null) {
      context.fireExceptionCaught(cause);
    } else {
      Failures.log(cause);
      context.close();
    }
  }
}
