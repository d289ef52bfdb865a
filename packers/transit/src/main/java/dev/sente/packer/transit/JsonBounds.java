package dev.sente.packer.transit;

import dev.sente.packer.UnpackException;
import dev.sente.packer.Utf8;

/**
 * Looks through a message before transit-java does, which recurses as deep as arrays nest and makes
 * numbers of any length. Only strings and brackets count here; whether it is JSON shows later.
 */
final class JsonBounds {

  /** The longest number in a string, in characters, without what marks it as one. */
  static final int MAX_NUMBER = 1000;

  /** The tilde and the letter before a number. */
  private static final int MARK = 2;

  private final byte[] in;
  private final int maxDepth;

  private JsonBounds(byte[] in, int maxDepth) {
    this.in = in;
    this.maxDepth = maxDepth;
  }

  /** Refuses what nests deeper, holds longer numbers, is not UTF-8, or is empty. */
  static void check(byte[] in, int maxDepth) {
    Utf8.check(in, 0, in.length);
    new JsonBounds(in, maxDepth).check();
  }

  private void check() {
    int depth = 0;
    boolean isEmpty = true;
    for (int i = 0; i < in.length; i++) {
      byte c = in[i];
      isEmpty &= c == ' ' || c == '\n' || c == '\r' || c == '\t';
      switch (c) {
        case '"' -> {
          int end = endOfString(i);
          checkNumber(i + 1, end);
          i = end;
        }
        case '[', '{' -> {
          if (++depth > maxDepth) {
            throw new UnpackException("expected at most " + maxDepth + " levels of JSON", i);
          }
        }
        case ']', '}' -> depth--;
        // Jackson would take it for a sign of UTF-16 and read something else than is read here.
        case 0 -> throw new UnpackException("expected JSON", i);
        default -> {}
      }
    }
    if (isEmpty) {
      throw new UnpackException("expected a value", 0);
    }
  }

  private int endOfString(int quote) {
    for (int i = quote + 1; i < in.length; i++) {
      byte c = in[i];
      if (c == '"') {
        return i;
      }
      if (c == '\\') {
        i++;
      }
    }
    throw new UnpackException("expected the end of the string that starts", quote);
  }

  /**
   * Refuses a long string that is read as a number, or as something not known to be harmless. The
   * tilde that makes it so may be written as an escape by those who mean harm.
   */
  private void checkNumber(int start, int end) {
    if (end - start <= MARK + MAX_NUMBER) {
      return;
    }
    boolean isTagged = in[start] == '\\' ? in[start + 1] == 'u' : in[start] == '~';
    if (!isTagged) {
      return;
    }
    boolean isHarmless =
        switch (in[start] == '~' ? in[start + 1] : 'n') {
          // Strings escaped, keywords, symbols, bytes, URIs, tags.
          case '~', '^', '`', ':', '$', 'b', 'r', '#' -> true;
          default -> false;
        };
    if (!isHarmless && !isPlainEscape(start)) {
      throw new UnpackException(
          "expected a number of at most " + MAX_NUMBER + " characters", start);
    }
  }

  /** Whether a string starts with the escape of a character that is no tilde. */
  private boolean isPlainEscape(int start) {
    if (in[start] != '\\') {
      return false;
    }
    var digits = new String(in, start + 2, 4, java.nio.charset.StandardCharsets.ISO_8859_1);
    return !digits.equalsIgnoreCase("007e");
  }
}
