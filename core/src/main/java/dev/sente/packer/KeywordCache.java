package dev.sente.packer;

import dev.sente.event.Keyword;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Keywords met lately, by their bytes: most are few and come again, and finding one here spares its
 * string and the check of its form. A table of fixed size where a newcomer takes the place of whom
 * it meets, so that strangers can neither fill the memory nor keep others out for long. All in it
 * can be read as edn.
 *
 * <p>Read and written by all threads without a lock: entries are immutable, and a race costs a
 * miss.
 */
public final class KeywordCache {

  /** The longest name kept, in bytes. */
  private static final int MAX_LENGTH = 48;

  private static final int SIZE = 2048;

  /** Leaves as many upper bits of a hash as number the entries. */
  private static final int SHIFT = Integer.numberOfLeadingZeros(SIZE) + 1;

  private record Entry(byte[] bytes, Keyword keyword) {}

  private static final @Nullable Entry[] ENTRIES = new @Nullable Entry[SIZE];

  private KeywordCache() {}

  /** The keyword whose name has these bytes, or null. */
  public static @Nullable Keyword find(byte[] in, int from, int to) {
    int length = to - from;
    if (length > MAX_LENGTH) {
      return null;
    }
    var entry = ENTRIES[slot(in, from, to)];
    if (entry == null || entry.bytes.length != length) {
      return null;
    }
    byte[] bytes = entry.bytes;
    for (int i = 0; i < length; i++) {
      if (bytes[i] != in[from + i]) {
        return null;
      }
    }
    return entry.keyword;
  }

  /** Keeps a keyword whose name has these bytes, if it is short and edn can read it. */
  public static void keep(byte[] in, int from, int to, Keyword keyword) {
    if (to - from <= MAX_LENGTH && Keyword.isReadable(keyword.name())) {
      ENTRIES[slot(in, from, to)] = new Entry(Arrays.copyOfRange(in, from, to), keyword);
    }
  }

  private static int slot(byte[] in, int from, int to) {
    int hash = to - from;
    for (int i = from; i < to; i++) {
      hash = hash * 31 + in[i];
    }
    return (hash * 0x9E3779B9) >>> SHIFT;
  }
}
