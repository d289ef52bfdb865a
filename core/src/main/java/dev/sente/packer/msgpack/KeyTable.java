package dev.sente.packer.msgpack;

import java.util.Arrays;

/**
 * Where the keys of maps stand in a message that were spelled out so far: strings and keywords, in
 * order, the first 256. A later key may be a number of this table instead.
 */
final class KeyTable {

  /** As many as a byte can number. */
  static final int MAX = 256;

  private static final int[] NONE = {};

  private int[] offsets;
  private int count;

  /** An empty table. */
  KeyTable() {
    this.offsets = NONE;
  }

  /** A table that starts with some of another's. */
  KeyTable(KeyTable other, int count) {
    this.offsets = count == 0 ? NONE : Arrays.copyOf(other.offsets, count);
    this.count = count;
  }

  int count() {
    return count;
  }

  /** Where the key of this number stands. */
  int offset(int number) {
    return offsets[number];
  }

  void add(int offset) {
    if (count < MAX) {
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, Math.max(8, count * 2));
      }
      offsets[count++] = offset;
    }
  }
}
