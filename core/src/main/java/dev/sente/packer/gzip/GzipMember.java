package dev.sente.packer.gzip;

import dev.sente.packer.UnpackException;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads gzip of one member (RFC 1952), which is what packers write. The JDK's stream reads any
 * number, and calls itself once for each.
 */
final class GzipMember {

  private static final String NOT_GZIP = "expected gzip, was something else";

  private static final int HEADER = 10;
  private static final int TRAILER = 8;

  private static final int HAS_CHECKSUM = 2;
  private static final int HAS_EXTRA = 4;
  private static final int HAS_NAME = 8;
  private static final int HAS_COMMENT = 16;
  private static final int RESERVED = 0xe0;

  /** As long as an array may be. */
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final byte[] in;
  private int pos;

  private GzipMember(byte[] in, int start) {
    this.in = in;
    this.pos = start;
  }

  /**
   * What is compressed from there to the end.
   *
   * @throws UnpackException if that is not one whole member, or gives more than so many bytes
   */
  static byte[] decompress(byte[] in, int start, int most) {
    var member = new GzipMember(in, start);
    member.skipHeader();
    var inflater = new Inflater(true);
    try {
      return member.inflate(inflater, most);
    } catch (DataFormatException e) {
      throw new UnpackException(NOT_GZIP, e);
    } finally {
      inflater.end();
    }
  }

  private void skipHeader() {
    int start = pos;
    need(HEADER);
    int flags = in[start + 3];
    if (in[start] != 0x1f
        || in[start + 1] != (byte) 0x8b
        || in[start + 2] != 8
        || (flags & RESERVED) != 0) {
      throw notGzip();
    }
    pos += HEADER;
    if ((flags & HAS_EXTRA) != 0) {
      int length = int16();
      need(length);
      pos += length;
    }
    if ((flags & HAS_NAME) != 0) {
      skipText();
    }
    if ((flags & HAS_COMMENT) != 0) {
      skipText();
    }
    if ((flags & HAS_CHECKSUM) != 0) {
      int expected = (int) checksum(start, pos) & 0xffff;
      if (int16() != expected) {
        throw notGzip();
      }
    }
  }

  private byte[] inflate(Inflater inflater, int most) throws DataFormatException {
    inflater.setInput(in, pos, in.length - pos);
    // One byte more than may be tells that there is more.
    int largest = (int) Math.min(most + 1L, MAX_ARRAY);
    var out = new byte[(int) Math.min(largest, 4L * (in.length - pos) + 64)];
    int size = 0;
    while (!inflater.finished()) {
      if (size == out.length) {
        out = Arrays.copyOf(out, (int) Math.min(largest, 2L * size));
      }
      int count = inflater.inflate(out, size, out.length - size);
      size += count;
      if (size > most) {
        throw new UnpackException("expected at most " + most + " bytes once decompressed");
      }
      if (count == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
        throw notGzip();
      }
    }
    pos = in.length - inflater.getRemaining();
    var checksum = new CRC32();
    checksum.update(out, 0, size);
    if (in.length - pos != TRAILER || int32() != (int) checksum.getValue() || int32() != size) {
      throw notGzip();
    }
    return Arrays.copyOf(out, size);
  }

  private long checksum(int from, int to) {
    var checksum = new CRC32();
    checksum.update(in, from, to - from);
    return checksum.getValue();
  }

  private void skipText() {
    while (pos < in.length && in[pos] != 0) {
      pos++;
    }
    need(1);
    pos++;
  }

  private int int16() {
    need(2);
    pos += 2;
    return (in[pos - 2] & 0xff) | (in[pos - 1] & 0xff) << 8;
  }

  private int int32() {
    return int16() | int16() << 16;
  }

  private void need(int bytes) {
    if (in.length - pos < bytes) {
      throw notGzip();
    }
  }

  private static UnpackException notGzip() {
    return new UnpackException(NOT_GZIP);
  }
}
