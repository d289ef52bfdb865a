package dev.sente.packer.edn;

import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackedValue;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.Utf8;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The packer {@code edn}: written as Clojure's {@code pr-str} writes, read as {@code
 * clojure.edn/read-string} reads, with a tag reader for none but {@code #inst}, {@code #uuid} and
 * {@code #sente/bytes}; other tags give a {@link dev.sente.event.TaggedValue}.
 *
 * <table>
 *   <caption>Values</caption>
 *   <tr><th>Java</th><th>edn</th></tr>
 *   <tr><td>Long, Integer, Short, Byte</td><td>{@code 42}, read as Long</td></tr>
 *   <tr><td>BigInteger</td><td>{@code 42N}, read as Long if it fits one</td></tr>
 *   <tr><td>Double, Float</td><td>{@code 1.5 ##Inf ##-Inf ##NaN}, read as Double</td></tr>
 *   <tr><td>BigDecimal</td><td>{@code 1.50M}</td></tr>
 *   <tr><td>Ratio</td><td>{@code 1/3}</td></tr>
 *   <tr><td>Character</td><td>{@code \a \newline}</td></tr>
 *   <tr><td>Instant, java.util.Date</td>
 *       <td>{@code #inst "2020-02-03T04:05:06.789-00:00"}, read as Instant</td></tr>
 *   <tr><td>UUID</td><td>{@code #uuid "…"}</td></tr>
 *   <tr><td>{@code byte[]}</td>
 *       <td>{@code #sente/bytes "<base64>"}; the other side needs a reader for the tag</td></tr>
 *   <tr><td>List, array, any Iterable</td><td>{@code [1 2]}; {@code (1 2)} is read as a List too</td></tr>
 *   <tr><td>Set</td><td>{@code #{1 2}}</td></tr>
 *   <tr><td>Map</td><td>{@code {"a" 1, :b 2}}</td></tr>
 *   <tr><td>record, bean, enum and others</td>
 *       <td>as Jackson takes them apart; properties become keywords</td></tr>
 * </table>
 *
 * <p>Where it is stricter than Clojure, to be bounded: nesting ({@link PackerOptions#maxDepth}),
 * numbers (1000 characters, exponents of decimals up to 9999), keys of maps that have the same hash
 * code ({@link dev.sente.packer.KeyBudget}). And to be read alike by JavaScript: names hold no
 * control characters, and no white space of its. As in Clojure, an empty message is nil, and what
 * follows the first value is ignored.
 */
public final class EdnPacker implements JoiningPacker {

  /** The packer with its default options. */
  public static final EdnPacker DEFAULT = new EdnPacker(PackerOptions.defaults());

  private final PackerOptions options;

  private EdnPacker(PackerOptions options) {
    this.options = options;
  }

  /** A packer with the default options. */
  public static EdnPacker create() {
    return DEFAULT;
  }

  /** A packer with these options. */
  public static EdnPacker create(PackerOptions options) {
    return new EdnPacker(options);
  }

  @Override
  public String name() {
    return "edn";
  }

  @Override
  public boolean hasKeywords() {
    return true;
  }

  @Override
  public byte[] pack(@Nullable Object value) {
    return pack(value, 0);
  }

  @Override
  public byte[] packElement(@Nullable Object value) {
    return pack(value, FRAME_LEVELS);
  }

  private byte[] pack(@Nullable Object value, int depth) {
    var writer = new EdnWriter(options);
    writer.write(value, depth);
    return writer.toBytes();
  }

  @Override
  public @Nullable Object unpack(byte[] packed) {
    return read(packed).value();
  }

  @Override
  public PackedValue read(byte[] packed) {
    Utf8.check(packed, 0, packed.length);
    return new EdnSlice(packed, 0, packed.length, 0, options);
  }

  @Override
  public byte[] joinElements(List<byte[]> elements) {
    int size = elements.isEmpty() ? 2 : 1 + elements.size();
    for (var element : elements) {
      size = Math.addExact(size, element.length);
    }
    var joined = new byte[size];
    joined[0] = '[';
    int at = 1;
    for (var element : elements) {
      if (at > 1) {
        joined[at++] = ' ';
      }
      System.arraycopy(element, 0, joined, at, element.length);
      at += element.length;
    }
    joined[at] = ']';
    return joined;
  }
}
