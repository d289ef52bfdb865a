package dev.sente.packer.edn;

import dev.sente.packer.UnpackException;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the bytes of edn that can step over forms without building them. It minds the
 * structure as strictly as the reader (delimiters, strings, prefixes, depth), and leaves what
 * tokens mean to the reader.
 *
 * <p>The bytes must be valid UTF-8. Nesting counts everything that recurses: containers, tags,
 * metadata, discards.
 */
sealed class EdnScanner permits EdnScalars {

  /** What a byte does to a token. */
  private static final byte[] CLASSES = new byte[128];

  private static final byte INSIDE = 0;
  private static final byte ENDS = 1;
  private static final byte FORBIDDEN = 2;

  static {
    for (int c = 0; c < 128; c++) {
      CLASSES[c] = Character.isWhitespace(c) || ",\";^()[]{}\\".indexOf(c) >= 0 ? ENDS : INSIDE;
    }
    for (char c : "@`~".toCharArray()) {
      CLASSES[c] = FORBIDDEN;
    }
  }

  final byte[] in;
  final int end;
  final int maxDepth;
  int pos;

  EdnScanner(byte[] in, int start, int end, int maxDepth) {
    this.in = in;
    this.pos = start;
    this.end = end;
    this.maxDepth = maxDepth;
  }

  /**
   * Goes to the next form, over white space, comments and discarded forms.
   *
   * @return its first byte, negative beyond ASCII; 0 at the end of the input, where a NUL byte is
   *     told apart by {@link #pos}
   */
  final byte next(int depth) {
    while (pos < end) {
      byte c = in[pos];
      if (c > ' ') {
        if (c == ';') {
          skipComment();
        } else if (c == '#' && pos + 1 < end && in[pos + 1] == '_') {
          int start = pos;
          pos += 2;
          discard(deeper(depth, start));
        } else if (c == ',') {
          pos++;
        } else {
          return c;
        }
      } else if (c >= 0) {
        if (c != ' ' && !Character.isWhitespace(c)) {
          return c;
        }
        pos++;
      } else if (Character.isWhitespace(codePoint(pos))) {
        pos += width(c);
      } else {
        return c;
      }
    }
    return 0;
  }

  /** Goes to the next form, which must be there. */
  final byte require(int depth) {
    byte c = next(depth);
    if (pos >= end) {
      throw error("expected a value, was at the end", pos);
    }
    return c;
  }

  /** Passes over the form after {@code #_}. */
  void discard(int depth) {
    require(depth);
    skipForm(depth);
  }

  /** The depth of what is inside; refuses beyond the limit. */
  final int deeper(int depth, int start) {
    if (depth >= maxDepth) {
      throw error("expected at most " + maxDepth + " levels", start);
    }
    return depth + 1;
  }

  /** Passes over the form that starts here. */
  final void skipForm(int depth) {
    int start = pos;
    switch (in[pos]) {
      case '[' -> skipContainer((byte) ']', 1, depth);
      case '(' -> skipContainer((byte) ')', 1, depth);
      case '{' -> skipContainer((byte) '}', 1, depth);
      case '"' -> skipString();
      case '\\' -> skipCharacter();
      case '^' -> {
        pos++;
        skipForms(2, deeper(depth, start));
      }
      case '#' -> skipDispatch(depth);
      case ']', ')', '}' -> throw unmatched();
      default -> {
        if (isNumber()) {
          skipNumber();
        } else {
          skipToken();
        }
      }
    }
  }

  private void skipDispatch(int depth) {
    int start = pos;
    if (pos + 1 >= end) {
      throw error("expected something after #", pos);
    }
    switch (in[pos + 1]) {
      case '{' -> skipContainer((byte) '}', 2, depth);
      case '^' -> {
        pos += 2;
        skipForms(2, deeper(depth, start));
      }
      case ':' -> {
        pos += 2;
        skipForms(2, deeper(depth, start));
      }
      case '#' -> {
        pos += 2;
        skipForms(1, deeper(depth, start));
      }
      default -> {
        pos++;
        skipForms(2, deeper(depth, start));
      }
    }
  }

  final void skipForms(int count, int depth) {
    for (int i = 0; i < count; i++) {
      require(depth);
      skipForm(depth);
    }
  }

  private void skipContainer(byte closer, int opener, int depth) {
    int start = pos;
    int inside = deeper(depth, start);
    pos += opener;
    while (true) {
      byte c = next(inside);
      if (pos >= end) {
        throw error("expected " + (char) closer + " for what opens", start);
      }
      if (c == closer) {
        pos++;
        return;
      }
      skipForm(inside);
    }
  }

  private void skipString() {
    int start = pos;
    int i = pos + 1;
    while (i < end) {
      byte c = in[i];
      if (c == '"') {
        pos = i + 1;
        return;
      }
      i += c == '\\' ? 2 : 1;
    }
    throw error("expected the end of the string that starts", start);
  }

  private void skipComment() {
    while (pos < end && in[pos] != '\n' && in[pos] != '\r') {
      pos++;
    }
  }

  /** Passes over a character, whose first may be a delimiter. */
  private void skipCharacter() {
    pos++;
    if (pos >= end) {
      throw error("expected a character after \\", pos);
    }
    pos += width(in[pos]);
    skipToken();
  }

  /** Whether a number starts here. */
  final boolean isNumber() {
    byte c = in[pos];
    if (c < 0) {
      return isDigit(pos);
    }
    if (c == '+' || c == '-') {
      return pos + 1 < end && isDigit(pos + 1);
    }
    return c >= '0' && c <= '9';
  }

  /** Whether Clojure takes this character for a digit; those beyond ASCII then fail as numbers. */
  private boolean isDigit(int at) {
    byte c = in[at];
    if (c >= 0) {
      return c >= '0' && c <= '9';
    }
    int codePoint = codePoint(at);
    return codePoint < 0x10000 && Character.isDigit(codePoint);
  }

  /** Passes over a number, which unlike a symbol ends at #, and lets @ ` ~ pass. */
  final void skipNumber() {
    while (pos < end) {
      byte c = in[pos];
      if (c >= 0) {
        if (CLASSES[c] == ENDS || c == '#') {
          return;
        }
        pos++;
      } else if (Character.isWhitespace(codePoint(pos))) {
        return;
      } else {
        pos += width(c);
      }
    }
  }

  /** Passes over the rest of a token. */
  final void skipToken() {
    while (pos < end) {
      byte c = in[pos];
      if (c >= 0) {
        byte kind = CLASSES[c];
        if (kind != INSIDE) {
          if (kind == ENDS) {
            return;
          }
          throw error("expected no " + (char) c + " in a name", pos);
        }
        pos++;
      } else if (Character.isWhitespace(codePoint(pos))) {
        return;
      } else {
        pos += width(c);
      }
    }
  }

  final UnpackException unmatched() {
    return error("expected nothing to close with " + (char) in[pos], pos);
  }

  /** The bytes of the character that starts with this one. */
  static int width(byte first) {
    if (first >= 0) {
      return 1;
    }
    int bits = first & 0xff;
    return bits < 0xe0 ? 2 : bits < 0xf0 ? 3 : 4;
  }

  /** The character at a position. */
  final int codePoint(int at) {
    int c = in[at];
    if (c >= 0) {
      return c;
    }
    c &= 0xff;
    if (c < 0xe0) {
      return (c & 0x1f) << 6 | tail(at + 1);
    }
    if (c < 0xf0) {
      return (c & 0x0f) << 12 | tail(at + 1) << 6 | tail(at + 2);
    }
    return (c & 0x07) << 18 | tail(at + 1) << 12 | tail(at + 2) << 6 | tail(at + 3);
  }

  private int tail(int at) {
    return in[at] & 0x3f;
  }

  static UnpackException error(String message, int position) {
    return new UnpackException(message, position);
  }

  static UnpackException error(String message, int position, @Nullable Throwable cause) {
    var exception = new UnpackException(message, position);
    if (cause != null) {
      exception.initCause(cause);
    }
    return exception;
  }
}
