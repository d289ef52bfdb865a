package dev.sente.netty;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads a client's frames (RFC 6455, section 5) and puts messages together. Does no I/O.
 *
 * <p>A payload goes from the socket's buffer straight into the array that is handed over. The array
 * grows with what has arrived, not with what a header announced: a peer must spend bytes to occupy
 * memory. Between messages nothing is held.
 *
 * <p>Touched by the connection's event loop only.
 */
final class FrameReader {

  /** Told of what was read, in order, within {@link #read}. */
  interface Sink {
    /** A whole message, handed over; valid UTF-8 unless binary. */
    void message(byte[] bytes, boolean binary);

    /** A ping with its payload. */
    void ping(byte[] payload);

    /** The peer's close frame, the last that is read. */
    void closed(int code, String reason);

    /** A message is too long; it and what follows is read no more, except for a close frame. */
    void oversized();

    /** The peer broke the protocol; nothing more is read. The code says how. */
    void broken(int code, String why);

    /** Whether to stop before the next frame. */
    boolean paused();
  }

  /**
   * How many fragments a message may have whatever its size. Beyond, they must carry {@link
   * #MEAN_FRAGMENT_BYTES} on average: fragments cost no memory here, but each costs work.
   */
  static final int FREE_FRAGMENTS = 256;

  static final int MEAN_FRAGMENT_BYTES = 16;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final byte[] EMPTY = {};
  private static final int NONE = -1;

  private final Sink sink;
  private final int maxMessageBytes;

  /** The present frame's opcode; {@link #NONE} between frames. */
  private int opcode = NONE;

  private boolean last;

  /** The present frame's mask, turned so that its first byte is due next. */
  private int mask;

  /** What the present frame still has to bring, in bytes. */
  private long remaining;

  /** The present message's opcode; {@link #NONE} between messages. */
  private int messageOpcode = NONE;

  /** The present message up to {@link #size}; a control frame's payload is in {@link #control}. */
  private byte[] message = EMPTY;

  private int size;
  private int fragments;

  /** What the owner has counted of {@link #held}. The owner's, but here it costs no memory. */
  int counted;

  private byte[] control = EMPTY;
  private boolean discarding;
  private boolean ended;

  FrameReader(Sink sink, int maxMessageBytes) {
    this.sink = sink;
    this.maxMessageBytes = maxMessageBytes;
  }

  /** From now on messages are read over; a close frame is still told. */
  void discard() {
    discarding = true;
    message = EMPTY;
    size = 0;
  }

  /** From now on nothing is read. */
  void end() {
    ended = true;
    discard();
  }

  /** How many bytes are held of a message that is not complete. */
  int held() {
    return message.length;
  }

  /** Whether a frame or a message has begun that is not complete. */
  boolean isAmidst() {
    return opcode != NONE || messageOpcode != NONE;
  }

  /** Reads what it can. What it leaves is an unfinished header, or anything while paused. */
  void read(ByteBuf in) {
    while (!sink.paused()) {
      if (ended) {
        in.skipBytes(in.readableBytes());
        return;
      }
      if (opcode == NONE && !readHeader(in)) {
        if (ended) {
          continue;
        }
        return;
      }
      if (!readPayload(in)) {
        return;
      }
      int finished = opcode;
      opcode = NONE;
      if (finished >= Frames.CLOSE) {
        finishControl(finished);
      } else {
        finishFragment();
      }
    }
  }

  private boolean readHeader(ByteBuf in) {
    int at = in.readerIndex();
    int readable = in.readableBytes();
    if (readable < 2) {
      return false;
    }
    int first = in.getUnsignedByte(at);
    int second = in.getUnsignedByte(at + 1);
    boolean fin = (first & 0x80) != 0;
    int code = first & 0x0F;
    int announced = second & 0x7F;
    if ((first & 0x70) != 0) {
      return broken("reserved bits are set");
    }
    if ((second & 0x80) == 0) {
      return broken("a frame is not masked");
    }
    if (code >= Frames.CLOSE) {
      if (code > Frames.PONG) {
        return broken("unknown opcode");
      }
      if (!fin || announced > Frames.MAX_CONTROL_BYTES) {
        return broken("a control frame is fragmented or too long");
      }
    } else if (code > Frames.BINARY) {
      return broken("unknown opcode");
    } else if ((code == Frames.CONTINUATION) != (messageOpcode != NONE)) {
      return broken("fragments out of order");
    }
    int header = announced == 126 ? 8 : announced == 127 ? 14 : 6;
    if (readable < header) {
      return false;
    }
    long length = announced;
    if (announced == 126) {
      length = in.getUnsignedShort(at + 2);
    } else if (announced == 127) {
      length = in.getLong(at + 2);
    }
    if (length < 0 || (announced == 126 && length < 126) || (announced == 127 && length <= 65535)) {
      return broken("a length is not in its shortest form");
    }
    mask = in.getInt(at + header - 4);
    in.skipBytes(header);
    opcode = code;
    last = fin;
    remaining = length;
    if (code >= Frames.CLOSE) {
      control = new byte[(int) length];
    } else {
      beginFragment(code, length);
    }
    return true;
  }

  private void beginFragment(int code, long length) {
    if (code != Frames.CONTINUATION) {
      messageOpcode = code;
      fragments = 0;
    }
    fragments++;
    if (!discarding && length > maxMessageBytes - size) {
      discard();
      sink.oversized();
    }
  }

  /** Whether the present frame's payload is complete. */
  private boolean readPayload(ByteBuf in) {
    int taken = (int) Math.min(remaining, in.readableBytes());
    if (opcode >= Frames.CLOSE) {
      take(in, control, control.length - (int) remaining, taken);
    } else if (discarding) {
      in.skipBytes(taken);
    } else {
      reserve(taken);
      take(in, message, size, taken);
      size += taken;
    }
    remaining -= taken;
    return remaining == 0;
  }

  private void reserve(int more) {
    long needed = (long) size + more;
    if (needed > message.length) {
      long whole = last ? size + remaining : maxMessageBytes;
      message =
          Arrays.copyOf(message, (int) Math.max(needed, Math.min(whole, 2L * message.length)));
    }
  }

  private void take(ByteBuf in, byte[] into, int at, int count) {
    in.readBytes(into, at, count);
    long twice = ((long) mask << 32) | (mask & 0xFFFFFFFFL);
    int i = at;
    int end = at + count;
    for (; i + Long.BYTES <= end; i += Long.BYTES) {
      LONGS.set(into, i, (long) LONGS.get(into, i) ^ twice);
    }
    for (int k = 24; i < end; i++, k -= 8) {
      into[i] ^= (byte) (mask >>> (k & 31));
    }
    mask = Integer.rotateLeft(mask, 8 * (count & 3));
  }

  private void finishFragment() {
    if (!last) {
      if (!discarding && fragments > FREE_FRAGMENTS + size / MEAN_FRAGMENT_BYTES) {
        end();
        sink.broken(1008, "a message is in too many fragments");
      }
      return;
    }
    boolean binary = messageOpcode == Frames.BINARY;
    messageOpcode = NONE;
    if (discarding) {
      return;
    }
    byte[] whole = size == message.length ? message : Arrays.copyOf(message, size);
    message = EMPTY;
    size = 0;
    if (!binary && !Utf8.isValid(whole, 0, whole.length)) {
      end();
      sink.broken(1007, "a text message is not UTF-8");
      return;
    }
    sink.message(whole, binary);
  }

  private void finishControl(int code) {
    byte[] payload = control;
    control = EMPTY;
    if (code == Frames.PING) {
      sink.ping(payload);
    } else if (code == Frames.CLOSE) {
      finishClose(payload);
    }
  }

  private void finishClose(byte[] payload) {
    end();
    if (payload.length == 0) {
      sink.closed(Frames.NO_STATUS, "");
      return;
    }
    int code = payload.length == 1 ? 0 : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
    if (!Frames.mayBeSent(code)) {
      sink.broken(1002, "a close frame has no valid code");
    } else if (!Utf8.isValid(payload, 2, payload.length)) {
      sink.broken(1007, "a close reason is not UTF-8");
    } else {
      sink.closed(code, new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8));
    }
  }

  private boolean broken(String why) {
    end();
    sink.broken(1002, why);
    return false;
  }
}
