package dev.sente.packer;

import org.jspecify.annotations.Nullable;

/**
 * Turns values into bytes and back. Text formats give UTF-8.
 *
 * <p>Implementations are called by many threads at once and keep no state between calls. Three
 * methods make a packer; those that can also read parts lazily override {@link #read}, and those
 * whose packed values can be put side by side implement {@link JoiningPacker}.
 */
public interface Packer {

  /** The name that a client asks for, as {@code json}, {@code edn} or {@code edn+gzip}. */
  String name();

  /** Whether packed values are binary messages; false for text, which must then be UTF-8. */
  default boolean isBinary() {
    return false;
  }

  /**
   * Whether the format tells keywords from strings. Where it does, an event's id must be a keyword;
   * where it does not, keywords are written as strings.
   */
  default boolean hasKeywords() {
    return false;
  }

  /**
   * Packs one value.
   *
   * @throws PackException if the value, or something in it, is of a type that this packer does not
   *     know
   */
  byte[] pack(@Nullable Object value);

  /**
   * How many bytes a message that {@link #pack} gave counts where messages are bounded: as many as
   * a reader has to hold, so those before compression where the packer compresses.
   */
  default int weight(byte[] packed) {
    return packed.length;
  }

  /**
   * Unpacks one value. The bytes come from anybody: every failure must be an {@link
   * UnpackException}, and time, memory and depth must be bounded by the length of the input.
   *
   * @throws UnpackException if the bytes are not a value in this format, or exceed a limit
   */
  @Nullable Object unpack(byte[] packed);

  /**
   * Unpacks lazily: what is asked for, as what it is asked for.
   *
   * @throws UnpackException if the bytes are seen at once not to be a value in this format
   */
  default PackedValue read(byte[] packed) {
    return PackedValue.of(unpack(packed));
  }
}
