package dev.sente.packer.edn;

import dev.sente.event.Keyword;
import org.jspecify.annotations.Nullable;

/**
 * Keywords met lately, by their bytes: most are few and come again, and finding one here spares its
 * string and the check of its form. A table of fixed size where a newcomer takes the place of whom
 * it meets, so that strangers can neither fill the memory nor keep others out for long.
 *
 * <p>Read and written by all threads without a lock: entries are immutable, and a race costs a
 * miss.
 */
final class KeywordCache {

  /** The longest name kept, in bytes. */
  static final int MAX_LENGTH = 48;

  private static final int SIZE = 2048;

  private record Entry(byte[] bytes, Keyword keyword) {}

  private static final @Nullable Entry[] ENTRIES = new @Nullable Entry[SIZE];

  private KeywordCache() {}

  /** The keyword whose name has these bytes, or null. */
  static @Nullable Keyword find(byte[] in, int from, int to, int hash) {
    var entry = ENTRIES[slot(hash)];
    if (entry == null) {
      return null;
    }
    byte[] bytes = entry.bytes;
    int length = to - from;
    if (bytes.length != length) {
      return null;
    }
    for (int i = 0; i < length; i++) {
      if (bytes[i] != in[from + i]) {
        return null;
      }
    }
    return entry.keyword;
  }

  static void add(byte[] name, Keyword keyword, int hash) {
    ENTRIES[slot(hash)] = new Entry(name, keyword);
  }

  private static int slot(int hash) {
    int mixed = hash * 0x9E3779B9;
    return mixed >>> 21;
  }
}
