package dev.sente.packer;

import java.util.List;

/**
 * A packer whose packed values can be put side by side: the bytes of a vector are made from the
 * bytes of its elements, without packing them again. A pushed event is so packed once, however many
 * clients and batches it goes to.
 */
public interface JoiningPacker extends Packer {

  /** How many vectors a frame puts around an element. */
  int FRAME_LEVELS = 2;

  /**
   * Packs one value so that it can stand anywhere in a frame: without what the format has around a
   * whole message, as the flag of {@code gzip}, and nested by {@value #FRAME_LEVELS} levels less
   * than may be read.
   *
   * @throws PackException as {@link #pack} does
   */
  default byte[] packElement(@org.jspecify.annotations.Nullable Object value) {
    return pack(value);
  }

  /**
   * The vector of elements, each from {@link #packElement} or {@link #joinElements}, as an element.
   */
  byte[] joinElements(List<byte[]> elements);

  /** The message of a vector in another, {@code [[element …]]}, as a batch in v2 is. */
  default byte[] joinBatch(List<byte[]> elements) {
    return finish(joinElements(List.of(joinElements(elements))));
  }

  /** Makes a message from an element. */
  default byte[] finish(byte[] element) {
    return element;
  }
}
