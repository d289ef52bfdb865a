package dev.sente.packer.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the brackets and commas of a message's arrays are, found in one pass over its bytes: frames
 * are arrays in arrays, and each of them would be looked through for each that it stands in. Only
 * what is in no object counts, down to the depth to which frames nest; a message with many elements
 * has no outline, so that it takes no memory to speak of.
 */
final class JsonOutline {

  /** The depth of an event's data in a request: frame, batch, message, its parts, event. */
  private static final int MAX_DEPTH = 5;

  /** A batch of 64 requests has about 600. */
  private static final int MAX_MARKS = 1024;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long QUOTES = 0x2222222222222222L;
  private static final long BACKSLASHES = 0x5C5C5C5C5C5C5C5CL;

  /** What a byte outside of strings may be besides itself. */
  private static final byte[] KINDS = new byte[256];

  private static final byte QUOTE = 1;
  private static final byte COMMA = 2;
  private static final byte OPEN_ARRAY = 3;
  private static final byte OPEN_OBJECT = 4;
  private static final byte CLOSE_ARRAY = 5;
  private static final byte CLOSE_OBJECT = 6;

  static {
    KINDS['"'] = QUOTE;
    KINDS[','] = COMMA;
    KINDS['['] = OPEN_ARRAY;
    KINDS['{'] = OPEN_OBJECT;
    KINDS[']'] = CLOSE_ARRAY;
    KINDS['}'] = CLOSE_OBJECT;
  }

  private int[] marks = new int[16];
  private int count;

  private JsonOutline() {}

  /** Where the bracket or comma of this number is; 0 is the outermost array's opening bracket. */
  int at(int mark) {
    return marks[mark];
  }

  /**
   * The outline of the array that opens at a byte.
   *
   * @return null where it has too many elements, nests too deep, or is no array as far as shows
   */
  static @Nullable JsonOutline of(byte[] in, int opener, int end, int maxDepth) {
    var outline = new JsonOutline();
    return outline.look(in, opener, end, maxDepth) ? outline : null;
  }

  private boolean look(byte[] in, int opener, int end, int maxDepth) {
    int arrays = 0;
    int inner = 0;
    for (int i = opener; i < end && count < MAX_MARKS && arrays + inner <= maxDepth; i++) {
      switch (KINDS[in[i] & 0xFF]) {
        case QUOTE -> i = endOfString(in, i, end);
        case COMMA -> {
          if (inner == 0) {
            mark(i);
          }
        }
        case OPEN_ARRAY -> {
          if (inner > 0 || arrays == MAX_DEPTH) {
            inner++;
          } else {
            arrays++;
            mark(i);
          }
        }
        case OPEN_OBJECT -> inner++;
        case CLOSE_ARRAY, CLOSE_OBJECT -> {
          if (inner > 0) {
            inner--;
          } else if (in[i] == '}') {
            return false;
          } else {
            mark(i);
            if (--arrays == 0) {
              return true;
            }
          }
        }
        default -> {}
      }
    }
    return false;
  }

  private void mark(int at) {
    if (count == marks.length) {
      marks = Arrays.copyOf(marks, 2 * count);
    }
    marks[count++] = at;
  }

  /** Where the string ends that begins at this quote: its other quote, or the end. */
  static int endOfString(byte[] in, int quote, int end) {
    int i = quote + 1;
    while (i < end) {
      i = skipPlain(in, i, end);
      if (i < end && in[i] == '"') {
        return i;
      }
      i += i < end && in[i] == '\\' ? 2 : 1;
    }
    return end;
  }

  /** Skips bytes that are neither quote nor backslash, eight at a time; not always all of them. */
  private static int skipPlain(byte[] in, int from, int end) {
    int i = from;
    while (i + Long.BYTES <= end) {
      long bytes = (long) LONGS.get(in, i);
      long found = zeros(bytes ^ QUOTES) | zeros(bytes ^ BACKSLASHES);
      if (found != 0) {
        return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
      i += Long.BYTES;
    }
    return i;
  }

  /**
   * The highest bit of each byte that is zero; above the lowest such byte others may be set too.
   */
  private static long zeros(long bytes) {
    return (bytes - 0x0101010101010101L) & ~bytes & 0x8080808080808080L;
  }
}
