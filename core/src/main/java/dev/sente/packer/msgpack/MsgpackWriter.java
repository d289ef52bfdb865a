package dev.sente.packer.msgpack;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.PackException;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.Utf8;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.TreeNode;

/** Writes one value. A writer is used once, by one thread. */
final class MsgpackWriter {

  /** As long as an array may be. */
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final PackerOptions options;

  /** The numbers of the keys spelled out so far; null if all are to be spelled out. */
  private final @Nullable KeyNumbers keys;

  private byte[] out = new byte[256];
  private int size;

  /**
   * A writer of one message, or of an element of one.
   *
   * @param numbersKeys whether keys that come again are written as numbers, which only have a
   *     meaning within this value
   */
  MsgpackWriter(PackerOptions options, boolean numbersKeys) {
    this.options = options;
    this.keys = numbersKeys ? new KeyNumbers() : null;
  }

  byte[] toBytes() {
    return Arrays.copyOf(out, size);
  }

  /** Writes a value that stands inside of so many others. */
  void write(@Nullable Object value, int depth) {
    if (value == null) {
      put(0xc0);
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof Keyword keyword) {
      ext(Ext.KEYWORD, keyword.name());
    } else if (value instanceof Long number) {
      integer(number);
    } else if (value instanceof Map<?, ?> map) {
      map(map, depth);
    } else if (value instanceof List<?> list) {
      collection(list, depth);
    } else if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      integer(((Number) value).longValue());
    } else if (value instanceof Boolean bool) {
      put(bool ? 0xc3 : 0xc2);
    } else if (value instanceof Double number) {
      put(0xcb);
      int64(Double.doubleToRawLongBits(number));
    } else if (value instanceof Set<?> set) {
      set(set, depth);
    } else if (value instanceof Collection<?> elements) {
      collection(elements, depth);
    } else {
      writeRare(value, depth);
    }
  }

  @SuppressWarnings("JavaUtilDate") // an application's own, to be written as what it stands for
  private void writeRare(Object value, int depth) {
    switch (value) {
      case Float number -> {
        put(0xca);
        int32(Float.floatToRawIntBits(number));
      }
      case Instant instant -> instant(instant);
      case Date date -> instant(Instant.ofEpochMilli(date.getTime()));
      case UUID uuid -> ext(Ext.UUID, uuid.toString());
      case Symbol symbol -> ext(Ext.SYMBOL, symbol.name());
      case Character character -> character(character);
      case BigInteger number -> integer(number);
      case BigDecimal number -> write(number.doubleValue(), depth);
      case Ratio ratio -> ratio(ratio);
      case TaggedValue tagged -> tagged(tagged);
      case byte[] bytes -> bytes(bytes);
      case Optional<?> optional -> write(optional.orElse(null), depth);
      default -> {
        if (value instanceof Iterable<?> iterable
            && !(value instanceof Path || value instanceof TreeNode)) {
          // Its length must be known before.
          var elements = new ArrayList<@Nullable Object>();
          iterable.forEach(elements::add);
          collection(elements, depth);
        } else if (value.getClass().isArray()) {
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
    header(map.size(), 0x80, 0xde);
    for (var entry : map.entrySet()) {
      var key = entry.getKey();
      boolean becomesKeyword =
          options.keywordKeys() && key instanceof String name && Keyword.isReadable(name);
      key(becomesKeyword ? Keyword.of((String) key) : key, inside);
      write(entry.getValue(), inside);
    }
  }

  private void key(@Nullable Object key, int depth) {
    if (keys != null && (key instanceof Keyword || key instanceof String)) {
      int number = keys.number(key);
      if (number >= 0) {
        number(number);
        return;
      }
    }
    int start = size;
    write(key, depth);
    if (!(key instanceof Keyword || key instanceof String)) {
      shorten(start);
    }
  }

  /** Has a key count that is written as a string or keyword, as an enum or a date is. */
  private void shorten(int start) {
    if (keys != null && MsgpackScanner.isSpelledKey(out, start)) {
      var spelled = new MsgpackReader(out, start, size, 1, KeyTable.NONE, 0).read(0);
      int number = spelled == null ? -1 : keys.number(spelled);
      if (number >= 0) {
        size = start;
        number(number);
      }
    }
  }

  private void number(int number) {
    put(0xd4);
    put(Ext.KEY);
    put(number);
  }

  private void collection(Collection<?> elements, int depth) {
    int inside = deeper(depth);
    header(elements.size(), 0x90, 0xdc);
    for (var element : elements) {
      write(element, inside);
    }
  }

  private void set(Collection<?> members, int depth) {
    // The length of what follows is not known before: a long header, to be shortened after.
    int start = size;
    int reserved = 6;
    room(reserved);
    size += reserved;
    collection(members, depth);
    int length = size - start - reserved;
    size = start;
    extHeader(Ext.SET, length);
    System.arraycopy(out, start + reserved, out, size, length);
    size += length;
  }

  private void array(Object array, int depth) {
    int inside = deeper(depth);
    int count = Array.getLength(array);
    header(count, 0x90, 0xdc);
    for (int i = 0; i < count; i++) {
      write(Array.get(array, i), inside);
    }
  }

  /** A header whose count stands in the low four bits, or in the 16 or 32 bits after it. */
  private void header(int count, int fixed, int sixteen) {
    if (count < 16) {
      put(fixed | count);
    } else if (count < 0x10000) {
      put(sixteen);
      int16(count);
    } else {
      put(sixteen + 1);
      int32(count);
    }
  }

  /** The header of an array of so many elements. */
  static byte[] arrayHeader(int count) {
    if (count < 16) {
      return new byte[] {(byte) (0x90 | count)};
    }
    if (count < 0x10000) {
      return new byte[] {(byte) 0xdc, (byte) (count >> 8), (byte) count};
    }
    return new byte[] {
      (byte) 0xdd, (byte) (count >> 24), (byte) (count >> 16), (byte) (count >> 8), (byte) count
    };
  }

  // Scalars

  private void integer(long number) {
    if (number >= 0) {
      if (number < 0x80) {
        put((int) number);
      } else if (number < 0x100) {
        put(0xcc);
        put((int) number);
      } else if (number < 0x10000) {
        put(0xcd);
        int16((int) number);
      } else if (number < 0x1_0000_0000L) {
        put(0xce);
        int32((int) number);
      } else {
        put(0xd3);
        int64(number);
      }
    } else if (number >= -32) {
      put((int) number);
    } else if (number >= Byte.MIN_VALUE) {
      put(0xd0);
      put((int) number);
    } else if (number >= Short.MIN_VALUE) {
      put(0xd1);
      int16((int) number);
    } else if (number >= Integer.MIN_VALUE) {
      put(0xd2);
      int32((int) number);
    } else {
      put(0xd3);
      int64(number);
    }
  }

  private void integer(BigInteger number) {
    if (number.bitLength() < 64) {
      integer(number.longValue());
    } else if (number.bitLength() == 64 && number.signum() > 0) {
      put(0xcf);
      int64(number.longValue());
    } else {
      throw new PackException("expected an integer of 64 bits, was one of " + number.bitLength());
    }
  }

  private void string(String text) {
    int length = text.length();
    if (length < 32 && isAscii(text)) {
      put(0xa0 | length);
      ascii(text);
      return;
    }
    var bytes = utf8(text);
    if (bytes.length < 32) {
      put(0xa0 | bytes.length);
    } else if (bytes.length < 0x100) {
      put(0xd9);
      put(bytes.length);
    } else if (bytes.length < 0x10000) {
      put(0xda);
      int16(bytes.length);
    } else {
      put(0xdb);
      int32(bytes.length);
    }
    raw(bytes);
  }

  private void ext(int id, String text) {
    if (isAscii(text)) {
      extHeader(id, text.length());
      ascii(text);
    } else {
      var bytes = utf8(text);
      extHeader(id, bytes.length);
      raw(bytes);
    }
  }

  private void extHeader(int id, int length) {
    switch (length) {
      case 1 -> put(0xd4);
      case 2 -> put(0xd5);
      case 4 -> put(0xd6);
      case 8 -> put(0xd7);
      case 16 -> put(0xd8);
      default -> {
        if (length < 0x100) {
          put(0xc7);
          put(length);
        } else if (length < 0x10000) {
          put(0xc8);
          int16(length);
        } else {
          put(0xc9);
          int32(length);
        }
      }
    }
    put(id);
  }

  private void character(char c) {
    if (Character.isSurrogate(c)) {
      throw new PackException("expected a whole character, was half of a surrogate pair");
    }
    ext(Ext.CHARACTER, String.valueOf(c));
  }

  private void ratio(Ratio ratio) {
    var parts = new MsgpackWriter(options, false);
    parts.integer(ratio.numerator());
    parts.integer(ratio.denominator());
    extHeader(Ext.RATIO, parts.size);
    raw(parts.toBytes());
  }

  private void instant(Instant instant) {
    extHeader(Ext.TIMESTAMP, 12);
    int32(instant.getNano());
    int64(instant.getEpochSecond());
  }

  /** Writes the extensions that reading gave back as they were; none that reading understands. */
  private void tagged(TaggedValue tagged) {
    var name = tagged.tag().name();
    if (name.startsWith(Ext.TAG_PREFIX) && tagged.value() instanceof byte[] content) {
      try {
        byte id = Byte.parseByte(name.substring(Ext.TAG_PREFIX.length()));
        if (id >= Ext.TIMESTAMP && id <= Ext.UUID) {
          // Never read, so a forgery of somebody's who has another packer: it might be no such one.
          throw new PackException("expected a value itself, was what stands for it: #" + name);
        }
        extHeader(id, content.length);
        raw(content);
        return;
      } catch (NumberFormatException e) {
        throw new PackException("expected an extension from -128 to 127, was #" + name, e);
      }
    }
    throw new PackException("expected a value that MessagePack has, was one tagged #" + name);
  }

  private void bytes(byte[] bytes) {
    if (bytes.length < 0x100) {
      put(0xc4);
      put(bytes.length);
    } else if (bytes.length < 0x10000) {
      put(0xc5);
      int16(bytes.length);
    } else {
      put(0xc6);
      int32(bytes.length);
    }
    raw(bytes);
  }

  // Bytes

  /** UTF-8, where half a surrogate pair would be a question mark. */
  private static byte[] utf8(String text) {
    var bytes = text.getBytes(UTF_8);
    if (Utf8.hasQuestionMark(bytes) && hasHalfPair(text)) {
      throw new PackException("expected whole characters, was half of a surrogate pair");
    }
    return bytes;
  }

  private static boolean hasHalfPair(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (Character.charCount(text.codePointAt(i)) == 1) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 128) {
        return false;
      }
    }
    return true;
  }

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

  private void raw(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, out, size, bytes.length);
    size += bytes.length;
  }

  private void put(int b) {
    room(1);
    out[size++] = (byte) b;
  }

  private void int16(int number) {
    room(2);
    out[size++] = (byte) (number >> 8);
    out[size++] = (byte) number;
  }

  private void int32(int number) {
    int16(number >> 16);
    int16(number);
  }

  private void int64(long number) {
    int32((int) (number >> 32));
    int32((int) number);
  }

  private void room(int more) {
    if (out.length - size < more) {
      int wanted = Math.max(Math.addExact(size, more), (int) Math.min(size * 2L, MAX_ARRAY));
      out = Arrays.copyOf(out, wanted);
    }
  }
}
