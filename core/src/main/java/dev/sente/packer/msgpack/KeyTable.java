package dev.sente.packer.msgpack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the keys of maps stand in a message that are spelled out: strings and keywords, in order,
 * the first 256. A later key may be a number of this table instead.
 *
 * <p>Filled while a message is taken apart, and shared by all that it is taken apart into, for any
 * thread. Keys that were read are kept for the next who refers to them; a lost race only reads once
 * more.
 */
final class KeyTable {

  /** As many as a byte can number. */
  static final int MAX = 256;

  /** That of a message not taken apart yet: nothing stands before it. */
  static final KeyTable NONE = new KeyTable();

  private int[] offsets = {};
  private int count;
  private @Nullable Object[] keys = {};

  int count() {
    return count;
  }

  /** Where the key of this number stands. */
  int offset(int number) {
    return offsets[number];
  }

  void add(int offset) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, Math.max(8, count * 2));
    }
    offsets[count++] = offset;
  }

  /** The key of this number, if it was read before. */
  @Nullable Object key(int number) {
    var kept = keys;
    return number < kept.length ? kept[number] : null;
  }

  void keep(int number, Object key) {
    var kept = keys;
    if (kept.length == 0) {
      kept = new @Nullable Object[count];
      keys = kept;
    }
    kept[number] = key;
  }
}
