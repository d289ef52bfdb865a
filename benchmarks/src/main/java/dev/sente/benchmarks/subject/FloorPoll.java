package dev.sente.benchmarks.subject;

import dev.sente.benchmarks.load.Shape;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A connection of the floor's that polls: its request is held until there is a message. */
final class FloorPoll extends ChannelInboundHandlerAdapter implements FloorLoop.Sink {

  private final FloorLoop floor;
  private int client = -1;
  private @Nullable ChannelHandlerContext ctx;
  private boolean held;

  /** What came while no request was held; hardly ever needed. */
  private @Nullable ArrayDeque<byte[]> waiting;

  FloorPoll(FloorLoop floor) {
    this.floor = floor;
  }

  @Override
  public int client() {
    return client;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) {
      held = true;
      if (client < 0) {
        client = Shape.client(request.uri().substring(1).replace("?hello", ""));
        ctx = context;
        floor.add(this);
        write("hello".getBytes(StandardCharsets.US_ASCII));
      } else if (waiting != null && !waiting.isEmpty()) {
        write(waiting.poll());
      }
    }
    ReferenceCountUtil.release(message);
  }

  @Override
  public void write(ByteBuf shared) {
    throw new UnsupportedOperationException("nothing is broadcast to polls");
  }

  @Override
  public void write(byte[] message) {
    if (!held || ctx == null) {
      if (waiting == null) {
        waiting = new ArrayDeque<>(1);
      }
      waiting.add(message);
      return;
    }
    held = false;
    var answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.OK, Unpooled.wrappedBuffer(message));
    answer.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    answer.headers().set(HttpHeaderNames.CONTENT_LENGTH, message.length);
    ctx.writeAndFlush(answer, ctx.voidPromise());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ctx = null;
    floor.remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
