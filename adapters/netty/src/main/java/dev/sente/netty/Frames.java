package dev.sente.netty;

import dev.sente.server.channel.OutgoingMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Frames from server to client (RFC 6455, section 5.2). They carry no mask, so a message's frame is
 * the same for every connection.
 */
final class Frames {

  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  /** What a control frame may carry at most, in bytes. */
  static final int MAX_CONTROL_BYTES = 125;

  /** "No status received": stands for a close frame without a code, and is never sent. */
  static final int NO_STATUS = 1005;

  /** "Abnormal closure": there was no close frame; never sent. */
  static final int ABNORMAL = 1006;

  private Frames() {}

  /** A message in one frame, in a new buffer that is fit for the socket. */
  static ByteBuf message(ByteBufAllocator allocator, OutgoingMessage message) {
    return frame(allocator, message.binary() ? BINARY : TEXT, message.bytes());
  }

  static ByteBuf pong(ByteBufAllocator allocator, byte[] payload) {
    return frame(allocator, PONG, payload);
  }

  /** A close frame; without a code where it is {@link #NO_STATUS}. A long reason is cut. */
  static ByteBuf close(ByteBufAllocator allocator, int code, String reason) {
    if (code == NO_STATUS) {
      return frame(allocator, CLOSE, new byte[0]);
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_CONTROL_BYTES - 2);
    while (!Utf8.isValid(text, 0, length)) {
      length--;
    }
    byte[] payload = new byte[2 + length];
    payload[0] = (byte) (code >> 8);
    payload[1] = (byte) code;
    System.arraycopy(Arrays.copyOf(text, length), 0, payload, 2, length);
    return frame(allocator, CLOSE, payload);
  }

  /** Whether a peer may send this code (section 7.4). */
  static boolean mayBeSent(int code) {
    return switch (code) {
      case 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014 -> true;
      default -> code >= 3000 && code <= 4999;
    };
  }

  private static ByteBuf frame(ByteBufAllocator allocator, int opcode, byte[] payload) {
    int length = payload.length;
    int header = length <= 125 ? 2 : length <= 0xFFFF ? 4 : 10;
    ByteBuf frame = allocator.ioBuffer(header + length, header + length);
    frame.writeByte(0x80 | opcode);
    if (header == 2) {
      frame.writeByte(length);
    } else if (header == 4) {
      frame.writeByte(126).writeShort(length);
    } else {
      frame.writeByte(127).writeLong(length);
    }
    return frame.writeBytes(payload);
  }
}
