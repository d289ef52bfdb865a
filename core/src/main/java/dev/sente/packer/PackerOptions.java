package dev.sente.packer;

/**
 * How edn is read and written.
 *
 * @param maxDepth how deep values may nest, 1 to 1000; vectors, maps, sets, tags, metadata and
 *     discarded forms each count as a level. Beyond it reading gives an UnpackException and writing
 *     a PackException; two levels less for what a frame is put around
 * @param keywordKeys whether the string keys of maps are written as keywords, in edn {@code {:text
 *     "hi"}}, as far as they can be keywords. The properties of records and beans are written so in
 *     any case. Two keys of one map must not become the same keyword
 * @param binding turns values into objects of the application's classes and back
 */
public record PackerOptions(int maxDepth, boolean keywordKeys, ValueBinding binding) {

  private static final PackerOptions DEFAULTS = new PackerOptions(100, false, ValueBinding.DEFAULT);

  /** Checks the bounds. */
  public PackerOptions {
    if (maxDepth < 1 || maxDepth > 1000) {
      throw new IllegalArgumentException("maxDepth must be 1 to 1000, was " + maxDepth);
    }
  }

  /** A depth of 100, string keys as strings, Jackson's usual rules for classes. */
  public static PackerOptions defaults() {
    return DEFAULTS;
  }

  /** The same with another depth. */
  public PackerOptions withMaxDepth(int depth) {
    return new PackerOptions(depth, keywordKeys, binding);
  }

  /** The same, writing the string keys of maps as keywords or as strings. */
  public PackerOptions withKeywordKeys(boolean keywords) {
    return new PackerOptions(maxDepth, keywords, binding);
  }

  /** The same with another binding. */
  public PackerOptions withBinding(ValueBinding other) {
    return new PackerOptions(maxDepth, keywordKeys, other);
  }
}
