package dev.sente.packer.msgpack;

import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackedValue;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.UnpackException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packer {@code msgpack}: MessagePack with the extensions of Clojure's Sente.
 *
 * <table>
 *   <caption>Values</caption>
 *   <tr><th>Java</th><th>MessagePack</th></tr>
 *   <tr><td>Long, Integer, Short, Byte, BigInteger</td>
 *       <td>the shortest integer; read as Long, or BigInteger from 2^63 up. Beyond 64 bits there is
 *       none: PackException</td></tr>
 *   <tr><td>Double; Float</td><td>float 64; float 32; read as Double</td></tr>
 *   <tr><td>BigDecimal</td><td>float 64, as in Sente: digits may be lost</td></tr>
 *   <tr><td>String</td><td>str</td></tr>
 *   <tr><td>{@code byte[]}</td><td>bin</td></tr>
 *   <tr><td>List, array, any Iterable</td><td>array</td></tr>
 *   <tr><td>Map</td><td>map; keys that are strings or keywords and come again in a message are
 *       extension 8, their number</td></tr>
 *   <tr><td>Keyword, Symbol, Character, Ratio, Set, UUID</td>
 *       <td>extensions 0, 1, 2, 3, 4, 9</td></tr>
 *   <tr><td>Instant, java.util.Date</td><td>the timestamp extension, of 12 bytes</td></tr>
 *   <tr><td>record, bean, enum and others</td>
 *       <td>as Jackson takes them apart; properties become keywords</td></tr>
 * </table>
 *
 * <p>Extensions 5, 6 and 7 (arrays of int, float and double) are read as Lists, with the highest
 * byte first as the JVM writes them; browsers write them the other way round, so arrays are written
 * plainly. Other extensions are read as {@code TaggedValue} of {@code msgpack/ext<number>} with the
 * bytes, and written so; PackException for the numbers -1 to 9, which are in this table.
 *
 * <p>What follows the first value is ignored, since Sente's browser client sends its whole buffer.
 * Of equal keys the last counts. Bounds: {@link PackerOptions#maxDepth}; lengths are checked
 * against the message before anything is made; keys of maps that have the same hash code are
 * counted ({@link dev.sente.packer.KeyBudget}).
 */
public final class MsgpackPacker implements JoiningPacker {

  /** The packer with its default options. */
  public static final MsgpackPacker DEFAULT = new MsgpackPacker(PackerOptions.defaults());

  private final PackerOptions options;

  private MsgpackPacker(PackerOptions options) {
    this.options = options;
  }

  /** A packer with the default options. */
  public static MsgpackPacker create() {
    return DEFAULT;
  }

  /** A packer with these options. */
  public static MsgpackPacker create(PackerOptions options) {
    return new MsgpackPacker(options);
  }

  @Override
  public String name() {
    return "msgpack";
  }

  @Override
  public boolean hasKeywords() {
    return true;
  }

  @Override
  public boolean isBinary() {
    return true;
  }

  @Override
  public byte[] pack(@Nullable Object value) {
    return pack(value, 0, true);
  }

  /** Packs with all keys spelled out, since their numbers would be others within a message. */
  @Override
  public byte[] packElement(@Nullable Object value) {
    return pack(value, FRAME_LEVELS, false);
  }

  private byte[] pack(@Nullable Object value, int depth, boolean numbersKeys) {
    var writer = new MsgpackWriter(options, numbersKeys);
    writer.write(value, depth);
    return writer.toBytes();
  }

  @Override
  public @Nullable Object unpack(byte[] packed) {
    return read(packed).value();
  }

  @Override
  public PackedValue read(byte[] packed) {
    if (packed.length == 0) {
      throw new UnpackException("expected a value", 0);
    }
    return new MsgpackSlice(packed, 0, packed.length, 0, KeyTable.NONE, 0, options);
  }

  @Override
  public byte[] joinElements(List<byte[]> elements) {
    var header = MsgpackWriter.arrayHeader(elements.size());
    int size = header.length;
    for (var element : elements) {
      size = Math.addExact(size, element.length);
    }
    var joined = new byte[size];
    System.arraycopy(header, 0, joined, 0, header.length);
    int at = header.length;
    for (var element : elements) {
      System.arraycopy(element, 0, joined, at, element.length);
      at += element.length;
    }
    return joined;
  }
}
