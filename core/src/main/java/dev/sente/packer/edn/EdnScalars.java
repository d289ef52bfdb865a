package dev.sente.packer.edn;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.event.Keyword;
import dev.sente.event.Symbol;
import dev.sente.packer.KeywordCache;
import org.jspecify.annotations.Nullable;

/** Reads what holds nothing else: strings, characters, numbers, keywords, symbols. */
sealed class EdnScalars extends EdnScanner permits EdnReader {

  EdnScalars(byte[] in, int start, int end, int maxDepth) {
    super(in, start, end, maxDepth);
  }

  // Strings and characters

  final String readString() {
    int start = pos + 1;
    byte[] in = this.in;
    int end = this.end;
    int bits = 0;
    int i = start;
    while (i < end) {
      byte c = in[i];
      if (c == '"') {
        pos = i + 1;
        return new String(in, start, i - start, bits < 0 ? UTF_8 : ISO_8859_1);
      }
      if (c == '\\') {
        pos = i;
        return readEscaped(start);
      }
      bits |= c;
      i++;
    }
    throw error("expected the end of the string that starts", start - 1);
  }

  /** Reads a string from its first escape on. */
  private String readEscaped(int start) {
    var text = new StringBuilder(Math.max(16, (pos - start) * 2));
    int from = start;
    while (pos < end) {
      byte c = in[pos];
      if (c == '"') {
        text.append(new String(in, from, pos - from, UTF_8));
        pos++;
        return text.toString();
      }
      if (c == '\\') {
        text.append(new String(in, from, pos - from, UTF_8));
        pos++;
        text.append(readEscape());
        from = pos;
      } else {
        pos++;
      }
    }
    throw error("expected the end of the string that starts", start - 1);
  }

  private char readEscape() {
    if (pos >= end) {
      throw error("expected an escape after \\", pos);
    }
    int start = pos - 1;
    byte c = in[pos];
    if (isNumber() && c != '+' && c != '-') {
      int octal = readDigits(8, 3, false, start);
      if (octal > 0377) {
        throw error("expected an octal escape up to 377", start);
      }
      return (char) octal;
    }
    pos++;
    return switch (c) {
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'n' -> '\n';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case '"', '\\' -> (char) c;
      case 'u' -> (char) readDigits(16, 4, true, start);
      default -> throw error("expected an escape that edn knows", start);
    };
  }

  /** Reads digits up to a number of them, or to white space or a delimiter. */
  private int readDigits(int radix, int most, boolean exactly, int start) {
    int number = 0;
    int count = 0;
    while (count < most && pos < end) {
      int c = codePoint(pos);
      int digit = c < 0x10000 ? Character.digit(c, radix) : -1;
      if (digit < 0) {
        boolean stops = c == ',' || Character.isWhitespace(c) || "\";^()[]{}\\#".indexOf(c) >= 0;
        if (count == 0 || !stops) {
          throw error("expected a digit", pos);
        }
        break;
      }
      number = number * radix + digit;
      count++;
      pos += width(in[pos]);
    }
    if (count == 0 || (exactly && count != most)) {
      throw error("expected " + most + " digits in the escape", start);
    }
    return number;
  }

  final char readCharacter() {
    int start = ++pos;
    if (pos >= end) {
      throw error("expected a character after \\", pos);
    }
    pos += width(in[pos]);
    skipToken();
    var token = new String(in, start, pos - start, UTF_8);
    int code =
        switch (token) {
          case "newline" -> '\n';
          case "space" -> ' ';
          case "tab" -> '\t';
          case "backspace" -> '\b';
          case "formfeed" -> '\f';
          case "return" -> '\r';
          default ->
              token.length() == 1
                  ? token.charAt(0)
                  : switch (token.charAt(0)) {
                    case 'u' -> digits(token, 16, 4, 4);
                    case 'o' -> digits(token, 8, 1, 3);
                    default -> -1;
                  };
        };
    boolean isOctal = token.length() > 1 && token.charAt(0) == 'o';
    if (code < 0 || (isOctal && code > 0377) || Character.isSurrogate((char) code)) {
      throw error("expected a character that edn knows", start - 1);
    }
    return (char) code;
  }

  /** The number after the first letter, or -1. */
  private static int digits(String token, int radix, int least, int most) {
    int count = token.length() - 1;
    if (count < least || count > most) {
      return -1;
    }
    int number = 0;
    for (int i = 1; i <= count; i++) {
      int digit = Character.digit(token.charAt(i), radix);
      if (digit < 0) {
        return -1;
      }
      number = number * radix + digit;
    }
    return number;
  }

  // Numbers and names

  final Object readNumber() {
    int start = pos;
    int i = pos;
    boolean isNegative = in[i] == '-';
    if (isNegative || in[i] == '+') {
      i++;
    }
    int first = i;
    long number = 0;
    // Eighteen digits cannot overflow; a leading zero may mean octal.
    int most = Math.min(end, first + 18);
    while (i < most && in[i] >= '0' && in[i] <= '9') {
      number = number * 10 + (in[i] - '0');
      i++;
    }
    pos = i;
    skipNumber();
    if (pos == i && i > first && (in[first] != '0' || i == first + 1)) {
      return isNegative ? -number : number;
    }
    if (pos - start > EdnNumbers.MAX_LENGTH) {
      throw error("expected a number of at most " + EdnNumbers.MAX_LENGTH + " characters", start);
    }
    var parsed = EdnNumbers.parse(new String(in, start, pos - start, UTF_8));
    if (parsed == null) {
      throw error("expected a number", start);
    }
    return parsed;
  }

  final Keyword readKeyword() {
    int start = pos + 1;
    skipToken();
    var known = KeywordCache.find(in, start, pos);
    if (known != null) {
      return known;
    }
    var name = new String(in, start, pos - start, UTF_8);
    if (!Keyword.isReadable(name)) {
      throw error("expected a keyword", start - 1);
    }
    var keyword = Keyword.of(name);
    KeywordCache.keep(in, start, pos, keyword);
    return keyword;
  }

  final @Nullable Object readSymbol() {
    int start = pos;
    skipToken();
    var name = new String(in, start, pos - start, UTF_8);
    return switch (name) {
      case "nil" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> {
        if (!Symbol.isReadable(name)) {
          throw error("expected a value", start);
        }
        yield Symbol.of(name);
      }
    };
  }
}
