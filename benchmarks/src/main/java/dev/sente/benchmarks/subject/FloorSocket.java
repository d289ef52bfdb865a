package dev.sente.benchmarks.subject;

import dev.sente.benchmarks.load.Shape;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A WebSocket of the floor's: gives every text message back, without looking into it. */
final class FloorSocket extends ChannelInboundHandlerAdapter implements FloorLoop.Sink {

  private static final byte TEXT = (byte) 0x81;
  private static final byte PONG = (byte) 0x8A;
  private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final FloorLoop floor;
  private int client = -1;

  /** Set while the WebSocket is open. */
  private @Nullable ChannelHandlerContext open;

  /** What was read and is no whole frame yet. */
  private @Nullable ByteBuf partial;

  FloorSocket(FloorLoop floor) {
    this.floor = floor;
  }

  @Override
  public int client() {
    return client;
  }

  @Override
  public void write(ByteBuf shared) {
    if (open == null) {
      shared.release();
    } else {
      open.writeAndFlush(shared, open.voidPromise());
    }
  }

  @Override
  public void write(byte[] message) {
    if (open != null) {
      ByteBuf frame = open.alloc().directBuffer(message.length + 4);
      frame(frame, message);
      open.writeAndFlush(frame, open.voidPromise());
    }
  }

  /** Appends a text frame. */
  static void frame(ByteBuf to, byte[] message) {
    head(to, message.length).writeBytes(message);
  }

  private static ByteBuf head(ByteBuf to, int length) {
    to.writeByte(TEXT);
    return length <= 125 ? to.writeByte(length) : to.writeByte(126).writeShort(length);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (partial != null) {
      in = ctx.alloc().buffer().writeBytes(partial).writeBytes(in);
      partial.release();
      ((ByteBuf) message).release();
      partial = null;
    }
    if (open == null) {
      upgrade(ctx, in);
    }
    while (echo(ctx, in)) {
      // The next one.
    }
    if (in.isReadable()) {
      partial = in;
    } else {
      in.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  private boolean echo(ChannelHandlerContext ctx, ByteBuf in) {
    int at = in.readerIndex();
    int readable = in.readableBytes();
    if (readable < 6) {
      return false;
    }
    int length = in.getByte(at + 1) & 0x7F;
    int header = 6;
    if (length == 126) {
      length = in.getUnsignedShort(at + 2);
      header = 8;
    }
    if (readable < header + length) {
      return false;
    }
    int mask = in.getInt(at + header - 4);
    int from = at + header;
    in.readerIndex(from + length);
    if (in.getByte(at) == PONG) {
      return true;
    }
    if (in.getByte(at) != TEXT) {
      ctx.close();
      return true;
    }
    ByteBuf frame = head(ctx.alloc().directBuffer(length + 4), length);
    int i = 0;
    for (; i + 4 <= length; i += 4) {
      frame.writeInt(in.getInt(from + i) ^ mask);
    }
    for (; i < length; i++) {
      frame.writeByte(in.getByte(from + i) ^ (mask >> (24 - 8 * (i & 3))));
    }
    ctx.write(frame, ctx.voidPromise());
    return true;
  }

  private void upgrade(ChannelHandlerContext ctx, ByteBuf in) {
    var head = in.toString(StandardCharsets.US_ASCII);
    int end = head.indexOf("\r\n\r\n");
    if (end < 0) {
      return;
    }
    in.skipBytes(end + 4);
    client = Shape.client(head.substring(head.indexOf('/') + 1, head.indexOf(" HTTP/")));
    var name = "Sec-WebSocket-Key: ";
    int key = head.indexOf(name) + name.length();
    var answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accept(head.substring(key, head.indexOf("\r\n", key)))
            + "\r\n\r\n";
    ctx.write(ByteBufUtil.writeAscii(ctx.alloc(), answer), ctx.voidPromise());
    open = ctx;
    floor.add(this);
  }

  private static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    open = null;
    floor.remove(this);
    if (partial != null) {
      partial.release();
      partial = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
