package dev.sente.packer.msgpack;

import dev.sente.packer.UnpackException;

/**
 * A cursor over the bytes of MessagePack that can step over values without building them, minding
 * lengths, depth, and which keys of maps are spelled out.
 */
sealed class MsgpackScanner permits MsgpackReader {

  final byte[] in;
  final int end;
  final int maxDepth;
  final KeyTable keys;

  /** How many keys were spelled out before {@link #pos}, as far as they are numbered. */
  int known;

  int pos;

  MsgpackScanner(byte[] in, int start, int end, int maxDepth, KeyTable keys, int known) {
    this.in = in;
    this.pos = start;
    this.end = end;
    this.maxDepth = maxDepth;
    this.keys = keys;
    this.known = known;
  }

  // Parts of values

  final int u8() {
    need(1);
    return in[pos++] & 0xff;
  }

  final int u16() {
    need(2);
    int number = (in[pos] & 0xff) << 8 | (in[pos + 1] & 0xff);
    pos += 2;
    return number;
  }

  final long u32() {
    need(4);
    long number =
        (in[pos] & 0xffL) << 24
            | (in[pos + 1] & 0xff) << 16
            | (in[pos + 2] & 0xff) << 8
            | (in[pos + 3] & 0xff);
    pos += 4;
    return number;
  }

  final long i64() {
    need(8);
    long number = u32() << 32;
    return number | u32();
  }

  /** Refuses to read so many bytes if there are not as many. */
  final void need(long bytes) {
    if (bytes > end - pos) {
      throw error("expected " + bytes + " more bytes", pos);
    }
  }

  /** A length of bytes, or a count of values of at least so many bytes each. */
  final int length(long length, int least) {
    need(length * least);
    return (int) length;
  }

  /** Whether the value that starts with this byte is an array. */
  static boolean isArray(int type) {
    return (type & 0xf0) == 0x90 || type == 0xdc || type == 0xdd;
  }

  /** The count of an array's elements, read after its first byte. */
  final int arrayLength(int type) {
    long count =
        switch (type) {
          case 0xdc -> u16();
          case 0xdd -> u32();
          default -> type & 0x0f;
        };
    return length(count, 1);
  }

  /** The length of an extension's content, read after its first byte. */
  final int extLength(int type) {
    long length =
        switch (type) {
          case 0xc7 -> u8();
          case 0xc8 -> u16();
          case 0xc9 -> u32();
          default -> 1L << (type - 0xd4);
        };
    return length(length + 1, 1) - 1;
  }

  /** The depth of what is inside; refuses beyond the limit. */
  final int deeper(int depth) {
    if (depth >= maxDepth) {
      throw error("expected at most " + maxDepth + " levels", pos - 1);
    }
    return depth + 1;
  }

  // Stepping over

  /** Passes over the value that starts here. */
  final void skip(int depth) {
    int type = u8();
    if (type < 0x80 || type >= 0xe0) {
      return;
    }
    if (type < 0x90) {
      skipMap(type & 0x0f, depth);
    } else if (type < 0xa0) {
      skipAll(arrayLength(type), depth);
    } else if (type < 0xc0) {
      skipBytes(type & 0x1f);
    } else {
      skipLong(type, depth);
    }
  }

  private void skipLong(int type, int depth) {
    switch (type) {
      case 0xc0, 0xc2, 0xc3 -> {}
      case 0xcc, 0xd0 -> skipBytes(1);
      case 0xcd, 0xd1 -> skipBytes(2);
      case 0xca, 0xce, 0xd2 -> skipBytes(4);
      case 0xcb, 0xcf, 0xd3 -> skipBytes(8);
      case 0xc4, 0xd9 -> skipBytes(u8());
      case 0xc5, 0xda -> skipBytes(u16());
      case 0xc6, 0xdb -> skipBytes(u32());
      case 0xdc, 0xdd -> skipAll(arrayLength(type), depth);
      case 0xde -> skipMap(u16(), depth);
      case 0xdf -> skipMap(u32(), depth);
      case 0xc1 -> throw error("expected a value", pos - 1);
      default -> {
        int length = extLength(type);
        if (in[pos++] == Ext.SET && length > 0) {
          // Maps inside of it have keys too.
          int after = pos + length;
          int element = u8();
          if (!isArray(element)) {
            throw error("expected a set's array", pos - 1);
          }
          skipAll(arrayLength(element), depth);
          if (pos != after) {
            throw error("expected a set as long as it says", pos);
          }
        } else {
          skipBytes(length);
        }
      }
    }
  }

  private void skipBytes(long length) {
    need(length);
    pos += (int) length;
  }

  private void skipAll(int count, int depth) {
    int inside = deeper(depth);
    for (int i = 0; i < count; i++) {
      skip(inside);
    }
  }

  private void skipMap(long size, int depth) {
    int count = length(size, 2);
    int inside = deeper(depth);
    for (int i = 0; i < count; i++) {
      int key = pos;
      skip(inside);
      if (known < KeyTable.MAX && isSpelledKey(in, key)) {
        // Who took apart what this is in has found it already.
        if (known == keys.count()) {
          keys.add(key);
        }
        known++;
      }
      skip(inside);
    }
  }

  /** Whether a string or keyword starts here, which is known to be whole. */
  static boolean isSpelledKey(byte[] in, int at) {
    int type = in[at] & 0xff;
    int id = extId(type, at);
    if (id >= 0) {
      return in[id] == Ext.KEYWORD;
    }
    return (type & 0xe0) == 0xa0 || (type >= 0xd9 && type <= 0xdb);
  }

  /** Whether an array, map, set or ratio starts here, which is known to be whole. */
  static boolean holdsValues(byte[] in, int at) {
    int type = in[at] & 0xff;
    int id = extId(type, at);
    if (id >= 0) {
      return in[id] == Ext.SET || in[id] == Ext.RATIO;
    }
    return isArray(type) || (type & 0xf0) == 0x80 || type == 0xde || type == 0xdf;
  }

  /** Where the number of the extension stands that starts here; -1 if none does. */
  private static int extId(int type, int at) {
    return switch (type) {
      case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> at + 1;
      case 0xc7 -> at + 2;
      case 0xc8 -> at + 3;
      case 0xc9 -> at + 5;
      default -> -1;
    };
  }

  static UnpackException error(String message, int position) {
    return new UnpackException(message, position);
  }
}
