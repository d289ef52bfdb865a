package dev.sente.event;

/**
 * Which texts every reader of edn takes for a keyword or a symbol: those that Clojure's takes, but
 * for white space and control characters that are in names to it, and not to JavaScript.
 */
final class Names {

  private static final char BYTE_ORDER_MARK = '\ufeff';

  private Names() {}

  /** Whether {@code :name} is read as the keyword of that name. */
  static boolean isKeyword(String name) {
    return isConstituent(name) && isToken(name, true);
  }

  /** Whether the name is read as the symbol of that name. */
  static boolean isSymbol(String name) {
    if (name.isEmpty() || !isConstituent(name)) {
      return false;
    }
    char first = name.charAt(0);
    // To JavaScript, unlike Clojure, a digit of two chars is one too.
    if (first == ':' || first == '#' || Character.isDigit(name.codePointAt(0))) {
      return false;
    }
    if ((first == '+' || first == '-') && name.length() > 1 && Character.isDigit(name.charAt(1))) {
      return false;
    }
    return switch (name) {
      case "nil", "true", "false" -> false;
      default -> isToken(name, false);
    };
  }

  /** Whether all characters may stand in a token: no white space, control or delimiter. */
  private static boolean isConstituent(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean ends =
          switch (c) {
            case '"', ';', '^', '(', ')', '[', ']', '{', '}', '\\', '@', '`', '~', ',' -> true;
            default -> c <= ' ' || (c >= 127 && isForeignEnd(name, i));
          };
      if (ends) {
        return false;
      }
    }
    return true;
  }

  /**
   * A control character or white space beyond ASCII, to JavaScript too, or half of a surrogate
   * pair, which has no place in UTF-8.
   */
  private static boolean isForeignEnd(String name, int i) {
    char c = name.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 == name.length() || !Character.isLowSurrogate(name.charAt(i + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return i == 0 || !Character.isHighSurrogate(name.charAt(i - 1));
    }
    return Character.isISOControl(c) || Character.isSpaceChar(c) || c == BYTE_ORDER_MARK;
  }

  /**
   * Whether a token is well-formed, by Clojure's rule {@code
   * [:]?([\D&&[^/]].*\/)?(/|[\D&&[^/]][^/]*)}: an optional namespace, a slash, a name; neither
   * starts with a digit, and colons neither end a part nor stand in pairs.
   *
   * @param token the token, for a keyword without its colon
   */
  static boolean isToken(String token, boolean keyword) {
    if (token.isEmpty() || token.charAt(token.length() - 1) == ':' || token.contains("::")) {
      return false;
    }
    if (keyword && token.charAt(0) == ':') {
      return false;
    }
    int split = split(token, keyword);
    return split == 0 || (split > 0 && token.charAt(split - 2) != ':');
  }

  /** Where the name starts; 0 without a namespace, -1 if the token cannot be split. */
  private static int split(String token, boolean keyword) {
    int length = token.length();
    char first = token.charAt(0);
    int slash = token.lastIndexOf('/');
    if (slash < 0) {
      // The rule lets a keyword's colon be part of the name, so :1 is one.
      return keyword || !isDigit(first) ? 0 : -1;
    }
    if (length == 1) {
      return 0;
    }
    if (slash == 0 || (!keyword && (first == '/' || isDigit(first)))) {
      return -1;
    }
    int name = slash + 1;
    if (name == length) {
      if (token.charAt(length - 2) != '/' || length < 3) {
        return -1;
      }
      name = length - 1;
    } else if (isDigit(token.charAt(name))) {
      return -1;
    }
    // The rule's dot stops at a line's end; the other line ends are white space and not in a token.
    int lineEnd = token.indexOf('\u0085', 1);
    return lineEnd >= 0 && lineEnd < name ? -1 : name;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
