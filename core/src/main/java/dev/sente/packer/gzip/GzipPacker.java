package dev.sente.packer.gzip;

import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Another packer in gzip, named {@code <other>+gzip}, as Clojure's Sente has it: a byte 1 and what
 * the other packed, compressed; or a byte 0 and the same as it is, if it is under {@value
 * #THRESHOLD} bytes or gzip makes it no shorter. Messages are binary in any case.
 *
 * <p>Where messages are bounded, those before compression count, for these are what a reader has to
 * hold.
 *
 * <p>Beware of secrets in messages that strangers can put text into: the length of what is
 * compressed tells about its content.
 */
public sealed class GzipPacker implements Packer permits GzipPacker.Joining {

  /** How many bytes are worth compressing. */
  public static final int THRESHOLD = 1024;

  /** How many bytes a message may have once decompressed, if not told otherwise: 1 MiB. */
  public static final int DEFAULT_MAX_UNPACKED_BYTES = 1 << 20;

  private static final byte RAW = 0;
  private static final byte GZIP = 1;

  /** gzip's header and trailer around nothing, in bytes. */
  private static final int SHORTEST_MEMBER = 18;

  private final Packer inner;
  private final int maxUnpackedBytes;

  private GzipPacker(Packer inner, int maxUnpackedBytes) {
    this.inner = inner;
    this.maxUnpackedBytes = maxUnpackedBytes;
  }

  /** A packer in gzip, for messages of up to {@link #DEFAULT_MAX_UNPACKED_BYTES}. */
  public static GzipPacker of(Packer inner) {
    return of(inner, DEFAULT_MAX_UNPACKED_BYTES);
  }

  /**
   * A packer in gzip; a {@link JoiningPacker} if the other is one.
   *
   * @param maxUnpackedBytes how many bytes a message may have once decompressed; more is refused
   *     with an UnpackException as soon as it shows
   */
  public static GzipPacker of(Packer inner, int maxUnpackedBytes) {
    if (maxUnpackedBytes < 1) {
      throw new IllegalArgumentException(
          "maxUnpackedBytes must be above 0, was " + maxUnpackedBytes);
    }
    return inner instanceof JoiningPacker joining
        ? new Joining(joining, maxUnpackedBytes)
        : new GzipPacker(inner, maxUnpackedBytes);
  }

  @Override
  public String name() {
    return inner.name() + "+gzip";
  }

  @Override
  public boolean hasKeywords() {
    return inner.hasKeywords();
  }

  @Override
  public boolean isBinary() {
    return true;
  }

  @Override
  public byte[] pack(@Nullable Object value) {
    return wrap(inner.pack(value));
  }

  @Override
  public @Nullable Object unpack(byte[] packed) {
    return inner.unpack(unwrap(packed));
  }

  @Override
  public PackedValue read(byte[] packed) {
    return inner.read(unwrap(packed));
  }

  /** What gzip says at its end, in its last four bytes, the lowest first. */
  @Override
  public int weight(byte[] packed) {
    int end = packed.length;
    if (end < 1 + SHORTEST_MEMBER || packed[0] != GZIP) {
      return end;
    }
    return (packed[end - 4] & 0xff)
        | (packed[end - 3] & 0xff) << 8
        | (packed[end - 2] & 0xff) << 16
        | (packed[end - 1] & 0xff) << 24;
  }

  private static byte[] wrap(byte[] raw) {
    var zipped = raw.length < THRESHOLD ? null : zipped(raw);
    // Longer than it came, it could be above a limit that the message is within.
    if (zipped != null && zipped.length <= raw.length) {
      return zipped;
    }
    var wrapped = new byte[raw.length + 1];
    wrapped[0] = RAW;
    System.arraycopy(raw, 0, wrapped, 1, raw.length);
    return wrapped;
  }

  private static byte[] zipped(byte[] raw) {
    var bytes = new ByteArrayOutputStream(raw.length / 2);
    bytes.write(GZIP);
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(raw);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private byte[] unwrap(byte[] wrapped) {
    return unwrap(wrapped, maxUnpackedBytes);
  }

  /**
   * Takes the flag off, and decompresses if it says so.
   *
   * @throws UnpackException if that cannot be, or gives more than so many bytes
   */
  public static byte[] unwrap(byte[] wrapped, int maxUnpackedBytes) {
    if (wrapped.length == 0) {
      throw new UnpackException("expected a flag and a message", 0);
    }
    if (wrapped[0] != GZIP) {
      return Arrays.copyOfRange(wrapped, 1, wrapped.length);
    }
    return GzipMember.decompress(wrapped, 1, maxUnpackedBytes);
  }

  /** Around a packer that can join; elements are the other's own, and only a message is wrapped. */
  static final class Joining extends GzipPacker implements JoiningPacker {

    private final JoiningPacker inner;

    private Joining(JoiningPacker inner, int maxUnpackedBytes) {
      super(inner, maxUnpackedBytes);
      this.inner = inner;
    }

    @Override
    public byte[] packElement(@Nullable Object value) {
      return inner.packElement(value);
    }

    @Override
    public byte[] joinElements(List<byte[]> elements) {
      return inner.joinElements(elements);
    }

    @Override
    public byte[] finish(byte[] element) {
      return wrap(inner.finish(element));
    }
  }
}
