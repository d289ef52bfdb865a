package dev.sente.packer.edn;

import dev.sente.event.Ratio;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Numbers as Clojure writes them. Integers that fit 64 bits are Longs, with N or without, so that
 * values that Clojure holds equal are equal here too.
 */
final class EdnNumbers {

  /** The longest number, in characters; Clojure has no limit, but an attacker's time should. */
  static final int MAX_LENGTH = 1000;

  /**
   * The largest exponent of a decimal either way, lest a few bytes stand for gigabytes of digits.
   */
  static final int MAX_SCALE = 9999;

  private EdnNumbers() {}

  /** The number, or null if the token is none. */
  static @Nullable Object parse(String token) {
    try {
      int first = token.charAt(0) == '-' || token.charAt(0) == '+' ? 1 : 0;
      int digits = countDigits(token, first);
      int after = first + digits;
      if (digits == 0) {
        return null;
      }
      if (after == token.length() || (after == token.length() - 1 && token.charAt(after) == 'N')) {
        return integer(token, first, after);
      }
      return switch (token.charAt(after)) {
        case 'x', 'X' -> hexadecimal(token, first, digits);
        case 'r', 'R' -> radix(token, first, digits);
        case '/' -> ratio(token, after);
        default -> floating(token, after);
      };
    } catch (ArithmeticException | NumberFormatException e) {
      return null;
    }
  }

  private static int countDigits(String token, int from) {
    int i = from;
    while (i < token.length() && token.charAt(i) >= '0' && token.charAt(i) <= '9') {
      i++;
    }
    return i - from;
  }

  private static Object integer(String token, int first, int after) {
    // A leading zero means octal.
    int radix = token.charAt(first) == '0' && after - first > 1 ? 8 : 10;
    return shortest(token.substring(first, after), radix, token);
  }

  private static @Nullable Object hexadecimal(String token, int first, int digits) {
    if (digits != 1 || token.charAt(first) != '0') {
      return null;
    }
    int end = token.endsWith("N") ? token.length() - 1 : token.length();
    return magnitude(token, first + 2, end, 16);
  }

  private static @Nullable Object radix(String token, int first, int digits) {
    if (digits > 2 || token.charAt(first) == '0') {
      return null;
    }
    int radix = Integer.parseInt(token, first, first + digits, 10);
    return magnitude(token, first + digits + 1, token.length(), radix);
  }

  private static @Nullable Object magnitude(String token, int from, int to, int radix) {
    for (int i = from; i < to; i++) {
      char c = token.charAt(i);
      if (c >= 128 || !Character.isLetterOrDigit(c)) {
        return null;
      }
    }
    return from < to ? shortest(token.substring(from, to), radix, token) : null;
  }

  private static Object shortest(String magnitude, int radix, String token) {
    var number = new BigInteger(magnitude, radix);
    return shortest(token.charAt(0) == '-' ? number.negate() : number);
  }

  private static Object shortest(BigInteger number) {
    if (number.bitLength() < 64) {
      return number.longValue();
    }
    return number;
  }

  private static @Nullable Object ratio(String token, int slash) {
    int digits = countDigits(token, slash + 1);
    if (digits == 0 || slash + 1 + digits != token.length()) {
      return null;
    }
    int from = token.charAt(0) == '+' ? 1 : 0;
    var numerator = new BigInteger(token.substring(from, slash));
    var denominator = new BigInteger(token.substring(slash + 1));
    if (denominator.signum() == 0) {
      return null;
    }
    var parts = numerator.divideAndRemainder(denominator);
    return parts[1].signum() == 0 ? shortest(parts[0]) : new Ratio(numerator, denominator);
  }

  private static @Nullable Object floating(String token, int after) {
    int i = after;
    int length = token.length();
    if (token.charAt(i) == '.') {
      i += 1 + countDigits(token, i + 1);
    }
    if (i < length && (token.charAt(i) == 'e' || token.charAt(i) == 'E')) {
      i++;
      if (i < length && (token.charAt(i) == '-' || token.charAt(i) == '+')) {
        i++;
      }
      int digits = countDigits(token, i);
      if (digits == 0) {
        return null;
      }
      i += digits;
    }
    if (i == length) {
      return Double.parseDouble(token);
    }
    if (i == length - 1 && token.charAt(i) == 'M') {
      var decimal = new BigDecimal(token.substring(0, i));
      return Math.abs((long) decimal.scale()) <= MAX_SCALE ? decimal : null;
    }
    return null;
  }
}
