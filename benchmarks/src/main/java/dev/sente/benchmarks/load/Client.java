package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection of one client's, and all that is in its pipeline. On the driver's loop. */
abstract class Client extends ChannelInboundHandlerAdapter {

  static final ByteBuf END_OF_HEAD =
      Unpooled.unreleasableBuffer(
          Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII).asReadOnly());

  final Fleet fleet;
  final int index;
  private @Nullable ChannelHandlerContext ctx;

  /** What was read and is not yet a whole message; null for nothing. */
  private @Nullable ByteBuf partial;

  Client(Fleet fleet, int index) {
    this.fleet = fleet;
    this.index = index;
  }

  /** The connection is there. */
  abstract void connected();

  /** Reads what is whole in the buffer, and leaves the rest. */
  abstract void read(ByteBuf in);

  /** Half a second has passed. */
  void tick() {}

  final void write(ByteBuf bytes) {
    var open = ctx;
    if (open == null) {
      bytes.release();
    } else {
      open.write(bytes, open.voidPromise());
    }
  }

  final void writeAscii(String text) {
    var open = ctx;
    if (open != null) {
      open.write(ByteBufUtil.writeAscii(open.alloc(), text), open.voidPromise());
    }
  }

  final void flush() {
    if (ctx != null) {
      ctx.flush();
    }
  }

  final boolean isOpen() {
    return ctx != null;
  }

  /** Cuts the connection, by a reset. */
  final void cut() {
    if (ctx != null) {
      ctx.close();
    }
  }

  final io.netty.buffer.ByteBufAllocator alloc() {
    return ctx == null ? io.netty.buffer.ByteBufAllocator.DEFAULT : ctx.alloc();
  }

  @Override
  public final void channelActive(ChannelHandlerContext context) {
    ctx = context;
    connected();
    context.flush();
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (partial != null) {
      in = Unpooled.wrappedBuffer(partial, in);
      partial = null;
    }
    try {
      read(in);
      if (in.isReadable()) {
        partial = context.alloc().buffer(in.readableBytes()).writeBytes(in);
      }
    } catch (RuntimeException e) {
      fleet.fail(e);
    } finally {
      in.release();
    }
  }

  @Override
  public final void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
  }

  @Override
  public final void channelInactive(ChannelHandlerContext context) {
    ctx = null;
    if (partial != null) {
      partial.release();
      partial = null;
    }
    fleet.gone(this);
  }

  /** A reset is told by {@link #channelInactive} too. */
  @Override
  public final void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof java.io.IOException)) {
      fleet.fail(cause);
    }
    context.close();
  }

  /**
   * Over WebSocket. A client that has read 128 frames and has sent nothing since tells that it is
   * there (a pong nobody has asked for, RFC 6455, section 5.5.3), as often as ours acknowledge:
   * Linux has a TCP connection whose client never sends acknowledged by who reads, and any other by
   * who writes, on whose processor time it then is.
   */
  static final class OfSocket extends Client implements Talk.Line {

    private static final int FRAMES_WITHOUT_A_WORD = 128;
    private static final byte[] NOTHING = {};

    private final Talk talk;
    private boolean isUpgraded;

    /** How many frames came since this client has sent something. */
    private int unanswered;

    OfSocket(Fleet fleet, int index, Talk talk) {
      super(fleet, index);
      this.talk = talk;
    }

    Talk talk() {
      return talk;
    }

    @Override
    void connected() {
      var request =
          new StringBuilder("GET ")
              .append(talk.target())
              .append(" HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n")
              .append("Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
              .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
      for (var header : talk.headers()) {
        request.append(header).append("\r\n");
      }
      writeAscii(request.append("\r\n").toString());
    }

    @Override
    void read(ByteBuf in) {
      if (!isUpgraded) {
        int end = ByteBufUtil.indexOf(END_OF_HEAD, in);
        if (end < 0) {
          return;
        }
        var head = in.toString(in.readerIndex(), end, StandardCharsets.US_ASCII);
        if (!head.startsWith("HTTP/1.1 101 ")) {
          throw new IllegalStateException("no WebSocket was opened: " + head);
        }
        in.skipBytes(end + 4);
        isUpgraded = true;
        talk.opened(this);
      }
      while (frame(in)) {
        // The next one.
      }
    }

    /** Reads a frame; false where it is not whole. */
    private boolean frame(ByteBuf in) {
      int at = in.readerIndex();
      int readable = in.readableBytes();
      if (readable < 2) {
        return false;
      }
      int first = in.getByte(at) & 0xFF;
      int length = in.getByte(at + 1) & 0xFF;
      int header = 2;
      if (length == 126) {
        if (readable < 4) {
          return false;
        }
        length = in.getUnsignedShort(at + 2);
        header = 4;
      } else if (length == 127) {
        if (readable < 10) {
          return false;
        }
        length = Math.toIntExact(in.getLong(at + 2));
        header = 10;
      }
      if (readable < header + length) {
        return false;
      }
      int from = at + header;
      switch (first) {
        case 0x80 | Frames.TEXT -> {
          fleet.arrived();
          unanswered++;
          talk.message(this, in, from, from + length);
          if (unanswered >= FRAMES_WITHOUT_A_WORD && !talk.isSilent()) {
            unanswered = 0;
            write(Frames.control(alloc(), Frames.PONG, NOTHING));
          }
        }
        case 0x80 | Frames.PING -> {
          byte[] payload = new byte[length];
          in.getBytes(from, payload);
          write(Frames.control(alloc(), Frames.PONG, payload));
        }
        case 0x80 | Frames.PONG -> {}
        case 0x80 | Frames.CLOSE -> cut();
        default ->
            throw new IllegalStateException(
                "a frame that this driver does not know: " + Integer.toHexString(first));
      }
      in.readerIndex(from + length);
      return true;
    }

    @Override
    public void send(Shape shape, long number, int client) {
      unanswered = 0;
      write(fleet.frames().text(alloc(), shape, number, client));
    }

    @Override
    public void send(String text) {
      unanswered = 0;
      write(Frames.text(alloc(), text));
    }

    @Override
    void tick() {
      if (isUpgraded && isOpen()) {
        talk.tick(this);
        flush();
      }
    }
  }

  /** Over long-polling: the next poll begins when the answer to the last has been read. */
  static final class OfPolls extends Client {

    private final PollTalk talk;

    OfPolls(Fleet fleet, int index, PollTalk talk) {
      super(fleet, index);
      this.talk = talk;
    }

    @Override
    void connected() {
      writeAscii(talk.next());
    }

    @Override
    void read(ByteBuf in) {
      int head = ByteBufUtil.indexOf(END_OF_HEAD, in);
      if (head < 0) {
        return;
      }
      var text = in.toString(in.readerIndex(), head, StandardCharsets.US_ASCII);
      int length = contentLength(text);
      int body = in.readerIndex() + head + 4;
      if (in.writerIndex() < body + length) {
        return;
      }
      if (!text.startsWith("HTTP/1.1 200 ")) {
        throw new IllegalStateException("a poll failed: " + in.toString(StandardCharsets.UTF_8));
      }
      talk.answer(in, body, body + length);
      in.readerIndex(body + length);
      writeAscii(talk.next());
      fleet.arrived();
    }

    private static int contentLength(String head) {
      List<String> lines = Arrays.asList(head.split("\r\n", -1));
      for (var line : lines) {
        if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
          return Integer.parseInt(line.substring(15).strip());
        }
      }
      throw new IllegalStateException("an answer without a length: " + head);
    }
  }
}
