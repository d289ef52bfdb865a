package dev.sente.packer.edn;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.PackException;
import dev.sente.packer.PackerOptions;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.TreeNode;

/** Writes one value as {@code pr-str} does, as UTF-8. A writer is used once, by one thread. */
final class EdnWriter {

  /** The tag before base64 text; edn itself has no bytes. */
  static final String BYTES_TAG = "sente/bytes";

  /** As long as an array may be. */
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final PackerOptions options;
  private byte[] out = new byte[256];
  private int size;

  EdnWriter(PackerOptions options) {
    this.options = options;
  }

  byte[] toBytes() {
    return Arrays.copyOf(out, size);
  }

  /** Writes a value that stands inside of so many others. */
  void write(@Nullable Object value, int depth) {
    if (value == null) {
      ascii("nil");
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Keyword keyword) {
      keyword(keyword);
    } else if (value instanceof Long number) {
      integer(number);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else if (value instanceof List<?> list && list instanceof RandomAccess) {
      list(list, depth);
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      integer(((Number) value).longValue());
    } else if (value instanceof Boolean bool) {
      ascii(bool.toString());
    } else if (value instanceof Double number) {
      floating(number);
    } else if (value instanceof Set<?> set) {
      set(set, depth);
    } else if (value instanceof Iterable<?> iterable
        && !(value instanceof Path || value instanceof TreeNode)) {
      sequence(iterable, depth);
    } else {
      writeRare(value, depth);
    }
  }

  @SuppressWarnings("JavaUtilDate") // an application's own, to be written as what it stands for
  private void writeRare(Object value, int depth) {
    switch (value) {
      case Float number -> floating(number);
      case Instant instant -> instant(instant);
      case Date date -> instant(Instant.ofEpochMilli(date.getTime()));
      case UUID uuid -> ascii("#uuid \"" + uuid + "\"");
      case Symbol symbol -> symbol(symbol);
      case Character character -> character(character);
      case BigInteger number -> number(number + "N", value);
      case BigDecimal number -> number(number + "M", value);
      case Ratio ratio -> ratio(ratio);
      case TaggedValue tagged -> {
        int inside = deeper(depth);
        tag(tagged.tag());
        put(' ');
        write(tagged.value(), inside);
      }
      case byte[] bytes ->
          ascii("#" + BYTES_TAG + " \"" + Base64.getEncoder().encodeToString(bytes) + "\"");
      case Optional<?> optional -> write(optional.orElse(null), depth);
      default -> {
        if (value.getClass().isArray()) {
          array(value, depth);
        } else {
          write(options.binding().toValue(value), depth);
        }
      }
    }
  }

  private int deeper(int depth) {
    if (depth >= options.maxDepth()) {
      throw new PackException(
          "expected at most " + options.maxDepth() + " levels, was a value nested deeper");
    }
    return depth + 1;
  }

  // Collections

  private void map(Map<?, ?> map, int depth) {
    int inside = deeper(depth);
    put('{');
    boolean isFirst = true;
    for (var entry : map.entrySet()) {
      if (isFirst) {
        isFirst = false;
      } else {
        put(',');
        put(' ');
      }
      var key = entry.getKey();
      if (options.keywordKeys() && key instanceof String name && Keyword.isReadable(name)) {
        put(':');
        name(name);
      } else {
        write(key, inside);
      }
      put(' ');
      write(entry.getValue(), inside);
    }
    put('}');
  }

  private void list(List<?> list, int depth) {
    int inside = deeper(depth);
    put('[');
    for (int i = 0, count = list.size(); i < count; i++) {
      if (i > 0) {
        put(' ');
      }
      write(list.get(i), inside);
    }
    put(']');
  }

  private void sequence(Iterable<?> elements, int depth) {
    put('[');
    elements(elements, depth);
    put(']');
  }

  private void set(Collection<?> members, int depth) {
    put('#');
    put('{');
    elements(members, depth);
    put('}');
  }

  private void elements(Iterable<?> elements, int depth) {
    int inside = deeper(depth);
    boolean isFirst = true;
    for (var element : elements) {
      if (isFirst) {
        isFirst = false;
      } else {
        put(' ');
      }
      write(element, inside);
    }
  }

  private void array(Object array, int depth) {
    int inside = deeper(depth);
    put('[');
    for (int i = 0, count = Array.getLength(array); i < count; i++) {
      if (i > 0) {
        put(' ');
      }
      write(Array.get(array, i), inside);
    }
    put(']');
  }

  // Scalars

  private void integer(long number) {
    if (number == Long.MIN_VALUE) {
      ascii(Long.toString(number));
      return;
    }
    room(20);
    long rest = number;
    if (rest < 0) {
      out[size++] = '-';
      rest = -rest;
    }
    int digits = 1;
    for (long power = 10; digits < 19 && rest >= power; power *= 10) {
      digits++;
    }
    int i = size + digits;
    size = i;
    do {
      out[--i] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
  }

  private void floating(double number) {
    if (Double.isFinite(number)) {
      ascii(Double.toString(number));
    } else {
      infinite(number);
    }
  }

  private void floating(float number) {
    if (Float.isFinite(number)) {
      ascii(Float.toString(number));
    } else {
      infinite(number);
    }
  }

  private void infinite(double number) {
    ascii(Double.isNaN(number) ? "##NaN" : number > 0 ? "##Inf" : "##-Inf");
  }

  private void number(String text, Object value) {
    boolean isHuge =
        text.length() > EdnNumbers.MAX_LENGTH
            || (value instanceof BigDecimal decimal
                && Math.abs((long) decimal.scale()) > EdnNumbers.MAX_SCALE);
    if (isHuge) {
      throw new PackException(
          "expected a number of at most "
              + EdnNumbers.MAX_LENGTH
              + " characters and an exponent up to "
              + EdnNumbers.MAX_SCALE);
    }
    ascii(text);
  }

  private void ratio(Ratio ratio) {
    if (ratio.denominator().equals(BigInteger.ONE)) {
      number(ratio.numerator() + "N", ratio);
    } else {
      number(ratio.toString(), ratio);
    }
  }

  private void instant(Instant instant) {
    var text = EdnInstants.print(instant);
    if (text == null) {
      throw new PackException("expected a time in the years 0000 to 9999, was " + instant);
    }
    ascii("#inst \"" + text + "\"");
  }

  private void character(char c) {
    put('\\');
    switch (c) {
      case '\n' -> ascii("newline");
      case '\t' -> ascii("tab");
      case ' ' -> ascii("space");
      case '\b' -> ascii("backspace");
      case '\f' -> ascii("formfeed");
      case '\r' -> ascii("return");
      default -> {
        if (Character.isSurrogate(c)) {
          throw new PackException("expected a whole character, was half of a surrogate pair");
        }
        codePoint(c);
      }
    }
  }

  private void keyword(Keyword keyword) {
    if (!keyword.isReadable()) {
      throw new PackException("expected a keyword that edn can write, was \"" + keyword + "\"");
    }
    put(':');
    name(keyword.name());
  }

  private void tag(Symbol tag) {
    if (EdnReader.isOwnTag(tag.name())) {
      // Never read, so a forgery of somebody's who has another packer: what follows might not fit.
      throw new PackException("expected a value itself, was what stands for it: #" + tag);
    }
    if (!EdnReader.startsTag(tag.name().charAt(0))) {
      throw new PackException("expected a tag that starts with a letter, was #" + tag);
    }
    put('#');
    symbol(tag);
  }

  private void symbol(Symbol symbol) {
    if (!Symbol.isReadable(symbol.name())) {
      throw new PackException("expected a symbol that edn can write, was \"" + symbol + "\"");
    }
    name(symbol.name());
  }

  /** Writes a name that is known to need no escape. */
  private void name(String name) {
    int length = name.length();
    room(length);
    byte[] out = this.out;
    int at = size;
    int i = 0;
    while (i < length) {
      char c = name.charAt(i);
      if (c >= 128) {
        break;
      }
      out[at++] = (byte) c;
      i++;
    }
    size = at;
    for (; i < length; i++) {
      char c = name.charAt(i);
      if (c >= 128) {
        i += beyondAscii(name, i);
      } else {
        put(c);
      }
    }
  }

  private void string(String text) {
    int length = text.length();
    room(length + 2);
    byte[] out = this.out;
    int at = size;
    out[at++] = '"';
    int i = 0;
    while (i < length) {
      char c = text.charAt(i);
      if (c >= 128 || c == '"' || c == '\\' || (c < ' ' && escape(c) != 0)) {
        break;
      }
      out[at++] = (byte) c;
      i++;
    }
    size = at;
    if (i < length) {
      stringFrom(text, i);
    }
    put('"');
  }

  private void stringFrom(String text, int from) {
    for (int i = from, length = text.length(); i < length; i++) {
      char c = text.charAt(i);
      if (c >= 128) {
        i += beyondAscii(text, i);
      } else {
        byte escape = escape(c);
        if (escape != 0) {
          put('\\');
          put(escape);
        } else {
          put(c);
        }
      }
    }
  }

  private static byte escape(char c) {
    return switch (c) {
      case '"' -> '"';
      case '\\' -> '\\';
      case '\n' -> 'n';
      case '\t' -> 't';
      case '\r' -> 'r';
      case '\f' -> 'f';
      case '\b' -> 'b';
      default -> 0;
    };
  }

  /**
   * Writes the character at i; returns 1 if it takes two. Half a surrogate pair is written as an
   * escape, which is read back, where UTF-8 would lose it.
   */
  private int beyondAscii(String text, int i) {
    char c = text.charAt(i);
    if (!Character.isSurrogate(c)) {
      codePoint(c);
      return 0;
    }
    int codePoint = text.codePointAt(i);
    if (codePoint == c) {
      ascii("\\u" + Integer.toHexString(c));
      return 0;
    }
    codePoint(codePoint);
    return 1;
  }

  private void codePoint(int c) {
    room(4);
    if (c < 0x80) {
      out[size++] = (byte) c;
    } else if (c < 0x800) {
      out[size++] = (byte) (0xc0 | c >> 6);
      out[size++] = (byte) (0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      out[size++] = (byte) (0xe0 | c >> 12);
      out[size++] = (byte) (0x80 | (c >> 6 & 0x3f));
      out[size++] = (byte) (0x80 | (c & 0x3f));
    } else {
      out[size++] = (byte) (0xf0 | c >> 18);
      out[size++] = (byte) (0x80 | (c >> 12 & 0x3f));
      out[size++] = (byte) (0x80 | (c >> 6 & 0x3f));
      out[size++] = (byte) (0x80 | (c & 0x3f));
    }
  }

  // Bytes

  private void ascii(String text) {
    int length = text.length();
    room(length);
    byte[] out = this.out;
    int at = size;
    for (int i = 0; i < length; i++) {
      out[at + i] = (byte) text.charAt(i);
    }
    size = at + length;
  }

  private void put(int c) {
    if (size == out.length) {
      room(1);
    }
    out[size++] = (byte) c;
  }

  private void room(int more) {
    if (out.length - size < more) {
      int wanted = Math.max(Math.addExact(size, more), (int) Math.min(size * 2L, MAX_ARRAY));
      out = Arrays.copyOf(out, wanted);
    }
  }
}
