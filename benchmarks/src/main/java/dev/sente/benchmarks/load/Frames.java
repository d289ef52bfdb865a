package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Frames from clients (RFC 6455, section 5.2), all with the same mask. A {@link Shape}'s frame is
 * kept, so that only its digits are written anew. Touched by the driver's loop only.
 */
final class Frames {

  static final int TEXT = 1;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final byte[] MASK = {0x37, (byte) 0xFA, 0x21, 0x3D};

  /** The plain bytes of each shape's last message, and its frame. */
  private record Kept(byte[] header, byte[] payload, byte[] masked) {}

  private final Map<Shape, Kept> kept = new HashMap<>();

  ByteBuf text(ByteBufAllocator allocator, Shape shape, long number, int client) {
    var frame =
        kept.computeIfAbsent(
            shape,
            key -> new Kept(header(TEXT, key.length()), key.bytes(0, 0), new byte[key.length()]));
    shape.fill(frame.payload, 0, number, client);
    return frame(allocator, frame.header, frame.payload, frame.masked);
  }

  static ByteBuf text(ByteBufAllocator allocator, String text) {
    return control(allocator, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  static ByteBuf control(ByteBufAllocator allocator, int opcode, byte[] payload) {
    return frame(allocator, header(opcode, payload.length), payload, new byte[payload.length]);
  }

  private static ByteBuf frame(
      ByteBufAllocator allocator, byte[] header, byte[] payload, byte[] masked) {
    for (int i = 0; i < payload.length; i++) {
      masked[i] = (byte) (payload[i] ^ MASK[i & 3]);
    }
    return allocator
        .directBuffer(header.length + masked.length)
        .writeBytes(header)
        .writeBytes(masked);
  }

  private static byte[] header(int opcode, int length) {
    int extra = length <= 125 ? 0 : 2;
    if (length > 0xFFFF) {
      throw new IllegalArgumentException("a frame must be below 64 KiB, was " + length);
    }
    byte[] header = new byte[2 + extra + 4];
    header[0] = (byte) (0x80 | opcode);
    header[1] = (byte) (0x80 | (extra == 0 ? length : 126));
    if (extra > 0) {
      header[2] = (byte) (length >> 8);
      header[3] = (byte) length;
    }
    System.arraycopy(MASK, 0, header, 2 + extra, 4);
    return header;
  }
}
