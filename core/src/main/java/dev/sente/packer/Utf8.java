package dev.sente.packer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Checks text before it is taken apart, so that nobody after has to. */
public final class Utf8 {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long NOT_ASCII = 0x8080808080808080L;
  private static final long ONES = 0x0101010101010101L;
  private static final long QUESTION_MARKS = '?' * ONES;

  private Utf8() {}

  /**
   * Checks that bytes are UTF-8: no overlong forms, no surrogates, nothing cut off.
   *
   * @throws UnpackException if they are not
   */
  public static void check(byte[] bytes, int from, int to) {
    int malformed = firstMalformed(bytes, from, to);
    if (malformed >= 0) {
      throw new UnpackException("expected UTF-8", malformed);
    }
  }

  /** Where the first byte stands that cannot be UTF-8; -1 if all can. */
  public static int firstMalformed(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to) {
      while (i + 8 <= to && ((long) LONGS.get(bytes, i) & NOT_ASCII) == 0) {
        i += 8;
      }
      if (i >= to) {
        break;
      }
      int length = sequence(bytes, i, to);
      if (length == 0) {
        return i;
      }
      i += length;
    }
    return -1;
  }

  /** Whether there is a question mark, which is also what Java writes for what is no character. */
  public static boolean hasQuestionMark(byte[] bytes) {
    int i = 0;
    for (; i + 8 <= bytes.length; i += 8) {
      // A byte is zero where there was one; to take one from each borrows from those.
      long marks = (long) LONGS.get(bytes, i) ^ QUESTION_MARKS;
      if (((marks - ONES) & ~marks & NOT_ASCII) != 0) {
        return true;
      }
    }
    for (; i < bytes.length; i++) {
      if (bytes[i] == '?') {
        return true;
      }
    }
    return false;
  }

  /** The length of the character at i; 0 if it is malformed. */
  private static int sequence(byte[] bytes, int i, int to) {
    int first = bytes[i];
    if (first >= 0) {
      return 1;
    }
    first &= 0xff;
    if (first < 0xc2 || i + 1 >= to) {
      return 0;
    }
    int second = bytes[i + 1] & 0xff;
    if (first < 0xe0) {
      return (second & 0xc0) == 0x80 ? 2 : 0;
    }
    if (first < 0xf0) {
      int lowest = first == 0xe0 ? 0xa0 : 0x80;
      int highest = first == 0xed ? 0x9f : 0xbf;
      return second >= lowest && second <= highest && isTail(bytes, i + 2, to) ? 3 : 0;
    }
    if (first > 0xf4) {
      return 0;
    }
    int lowest = first == 0xf0 ? 0x90 : 0x80;
    int highest = first == 0xf4 ? 0x8f : 0xbf;
    return second >= lowest
            && second <= highest
            && isTail(bytes, i + 2, to)
            && isTail(bytes, i + 3, to)
        ? 4
        : 0;
  }

  private static boolean isTail(byte[] bytes, int i, int to) {
    return i < to && (bytes[i] & 0xc0) == 0x80;
  }
}
