package dev.sente.packer.edn;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text after {@code #inst}: RFC 3339 where everything after the year may be missing, as {@code
 * clojure.instant} has it. Years before 1583 count as ISO 8601 and JavaScript count them, not by
 * the Julian calendar as java.util.Date does.
 */
final class EdnInstants {

  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:T(\\d\\d)(?::(\\d\\d)(?::(\\d\\d)(?:\\.(\\d+))?)?)?)?)?)?"
              + "(?:Z|([-+])(\\d\\d):(\\d\\d))?");

  private EdnInstants() {}

  /** The instant, or null if the text is none. Digits beyond nanoseconds are cut off. */
  static @Nullable Instant parse(String text) {
    var match = TIMESTAMP.matcher(text);
    if (!match.matches()) {
      return null;
    }
    int year = Integer.parseInt(match.group(1));
    int month = number(match.group(2), 1);
    int day = number(match.group(3), 1);
    int hour = number(match.group(4), 0);
    int minute = number(match.group(5), 0);
    int second = number(match.group(6), 0);
    int offsetHour = number(match.group(9), 0);
    int offsetMinute = number(match.group(10), 0);
    if (month < 1
        || month > 12
        || day < 1
        || day > YearMonth.of(year, month).lengthOfMonth()
        || hour > 23
        || minute > 59
        || second > (minute == 59 ? 60 : 59)
        || offsetHour > 23
        || offsetMinute > 59) {
      return null;
    }
    long offset = (offsetHour * 60L + offsetMinute) * 60;
    long local =
        LocalDate.of(year, month, day).toEpochDay() * 86_400 + (hour * 60L + minute) * 60 + second;
    long epoch = "-".equals(match.group(8)) ? local + offset : local - offset;
    return Instant.ofEpochSecond(epoch, nanos(match.group(7)));
  }

  private static int number(@Nullable String digits, int otherwise) {
    return digits == null ? otherwise : Integer.parseInt(digits);
  }

  private static int nanos(@Nullable String fraction) {
    if (fraction == null) {
      return 0;
    }
    var digits = fraction.length() > 9 ? fraction.substring(0, 9) : fraction;
    int nanos = Integer.parseInt(digits);
    for (int i = digits.length(); i < 9; i++) {
      nanos *= 10;
    }
    return nanos;
  }

  /**
   * The text as Clojure prints it, always with an offset of {@code -00:00}: three digits after the
   * second for what java.util.Date can hold, nine for what needs them. Null for a year that has not
   * four digits.
   */
  static @Nullable String print(Instant instant) {
    if (instant.isBefore(FIRST) || instant.isAfter(LAST)) {
      return null;
    }
    var time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
    int nanos = instant.getNano();
    boolean isWholeMillis = nanos % 1_000_000 == 0;
    var text = new StringBuilder(35);
    digits(text, time.getYear(), 4).append('-');
    digits(text, time.getMonthValue(), 2).append('-');
    digits(text, time.getDayOfMonth(), 2).append('T');
    digits(text, time.getHour(), 2).append(':');
    digits(text, time.getMinute(), 2).append(':');
    digits(text, time.getSecond(), 2).append('.');
    if (isWholeMillis) {
      digits(text, nanos / 1_000_000, 3);
    } else {
      digits(text, nanos, 9);
    }
    return text.append("-00:00").toString();
  }

  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private static StringBuilder digits(StringBuilder text, int number, int width) {
    for (int power = width == 9 ? 100_000_000 : width == 4 ? 1000 : width == 3 ? 100 : 10;
        power > 0;
        power /= 10) {
      text.append((char) ('0' + number / power % 10));
    }
    return text;
  }
}
