package dev.sente.packer.msgpack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.KeyBudget;
import dev.sente.packer.KeyCrowd;
import dev.sente.packer.KeywordCache;
import dev.sente.packer.UnpackException;
import dev.sente.packer.Utf8;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Reads one value. A reader is used once, by one thread. */
final class MsgpackReader extends MsgpackScanner {

  /** How many keys were spelled out before where this starts. */
  private final int keysBefore;

  /** The keys spelled out since, as they were read; grown when there are any. */
  private Object[] keysRead = {};

  private int keysReadCount;

  /** How many keys this stands in. Within one, all are counted: comparing it compares them. */
  private int keyDepth;

  /** What telling keys apart may take. */
  private final KeyBudget budget;

  MsgpackReader(byte[] in, int start, int end, int maxDepth, KeyTable keys, int keysBefore) {
    super(in, start, end, maxDepth, keys, keysBefore);
    this.keysBefore = keysBefore;
    this.budget = new KeyBudget(end - start);
  }

  /** Reads the value that starts here. */
  @Nullable Object read(int depth) {
    int type = u8();
    if (type < 0x80) {
      return (long) type;
    }
    if (type < 0x90) {
      return readMap(type & 0x0f, depth);
    }
    if (type < 0xa0) {
      return readArray(type, depth);
    }
    if (type < 0xc0) {
      return readString(type & 0x1f);
    }
    if (type >= 0xe0) {
      return (long) (byte) type;
    }
    return switch (type) {
      case 0xc0 -> null;
      case 0xc2 -> false;
      case 0xc3 -> true;
      case 0xc4 -> readBytes(u8());
      case 0xc5 -> readBytes(u16());
      case 0xc6 -> readBytes(u32());
      case 0xca -> (double) Float.intBitsToFloat((int) u32());
      case 0xcb -> Double.longBitsToDouble(i64());
      case 0xcc -> (long) u8();
      case 0xcd -> (long) u16();
      case 0xce -> u32();
      case 0xcf -> unsigned(i64());
      case 0xd0 -> (long) (byte) u8();
      case 0xd1 -> (long) (short) u16();
      case 0xd2 -> (long) (int) u32();
      case 0xd3 -> i64();
      case 0xd9 -> readString(u8());
      case 0xda -> readString(u16());
      case 0xdb -> readString(u32());
      case 0xdc, 0xdd -> readArray(type, depth);
      case 0xde -> readMap(u16(), depth);
      case 0xdf -> readMap(u32(), depth);
      case 0xc1 -> throw error("expected a value", pos - 1);
      default -> readExt(type, depth);
    };
  }

  private static Object unsigned(long bits) {
    if (bits >= 0) {
      return bits;
    }
    return new BigInteger(Long.toUnsignedString(bits));
  }

  private String readString(long size) {
    int length = length(size, 1);
    int start = pos;
    pos += length;
    return text(start, pos);
  }

  private String text(int from, int to) {
    int bits = 0;
    for (int i = from; i < to; i++) {
      bits |= in[i];
    }
    if (bits >= 0) {
      return new String(in, from, to - from, ISO_8859_1);
    }
    Utf8.check(in, from, to);
    return new String(in, from, to - from, UTF_8);
  }

  private byte[] readBytes(long size) {
    int length = length(size, 1);
    pos += length;
    return Arrays.copyOfRange(in, pos - length, pos);
  }

  private List<@Nullable Object> readArray(int type, int depth) {
    int count = arrayLength(type);
    int inside = deeper(depth);
    if (count == 0) {
      return List.of();
    }
    // Grown with what has been read: of arrays in one another each may claim all that is left.
    var elements = new @Nullable Object[Math.min(count, 16)];
    for (int i = 0; i < count; i++) {
      if (i == elements.length) {
        elements = Arrays.copyOf(elements, (int) Math.min(count, i * 2L));
      }
      elements[i] = read(inside);
    }
    return Collections.unmodifiableList(Arrays.asList(elements));
  }

  private Map<@Nullable Object, @Nullable Object> readMap(long size, int depth) {
    int count = length(size, 2);
    int inside = deeper(depth);
    if (count == 0) {
      return Map.of();
    }
    var map = new LinkedHashMap<@Nullable Object, @Nullable Object>(tableSize(count));
    KeyCrowd crowd = null;
    int free = keyDepth > 0 ? 0 : KeyCrowd.FREE;
    for (int i = 0; i < count; i++) {
      int keyStart = pos;
      long compared = budget.compared();
      keyDepth++;
      var key = readKey(inside);
      keyDepth--;
      if (crowd != null || map.size() >= free || KeyCrowd.isComposite(key)) {
        crowd =
            KeyCrowd.admit(crowd, map.keySet(), key, pos - keyStart, compared, budget, keyStart);
      }
      map.put(key, read(inside));
    }
    return Collections.unmodifiableMap(map);
  }

  /** Of a map's table: for a few keys as small as does; then grown, as arrays are. */
  private static int tableSize(int count) {
    return Math.min(16, count * 4 / 3 + 1);
  }

  // Keys

  private @Nullable Object readKey(int depth) {
    need(1);
    int type = in[pos] & 0xff;
    if (type == 0xd4) {
      need(3);
      if (in[pos + 1] == Ext.KEY) {
        pos += 3;
        return key(in[pos - 1] & 0xff);
      }
    }
    var key = read(depth);
    if (key instanceof Keyword || key instanceof String) {
      if (keysBefore + keysReadCount < KeyTable.MAX) {
        if (keysReadCount == keysRead.length) {
          keysRead = Arrays.copyOf(keysRead, Math.max(8, keysReadCount * 2));
        }
        keysRead[keysReadCount++] = key;
      }
    }
    return key;
  }

  private @Nullable Object key(int number) {
    if (number < keysBefore) {
      var kept = keys.key(number);
      return kept == null ? readEarlier(number) : kept;
    }
    if (number - keysBefore >= keysReadCount) {
      throw error("expected the number of a key that came before", pos - 1);
    }
    return keysRead[number - keysBefore];
  }

  /** Reads a key that was spelled out before this starts, once for all that is read later. */
  private @Nullable Object readEarlier(int number) {
    int after = pos;
    pos = keys.offset(number);
    var key = read(0);
    pos = after;
    if (key != null) {
      keys.keep(number, key);
    }
    return key;
  }

  // Extensions

  private @Nullable Object readExt(int type, int depth) {
    int length = extLength(type);
    int id = in[pos++];
    int start = pos;
    int after = start + length;
    var value =
        switch (id) {
          case Ext.KEYWORD -> keyword(start, after);
          case Ext.SYMBOL -> {
            if (length == 0) {
              throw error("expected a symbol's name", start);
            }
            yield Symbol.of(text(start, after));
          }
          case Ext.CHARACTER -> {
            var text = text(start, after);
            if (text.length() != 1) {
              throw error("expected one character", start);
            }
            yield text.charAt(0);
          }
          case Ext.RATIO -> readRatio(after);
          case Ext.SET -> readSet(after, depth);
          case Ext.INTS -> numbers(length, 4, i -> (long) int32(start + i * 4));
          case Ext.FLOATS ->
              numbers(length, 4, i -> (double) Float.intBitsToFloat(int32(start + i * 4)));
          case Ext.DOUBLES ->
              numbers(length, 8, i -> Double.longBitsToDouble(int64(start + i * 8)));
          case Ext.UUID -> uuid(start, after);
          case Ext.TIMESTAMP -> timestamp(start, length);
          case Ext.KEY -> throw error("expected the number of a key only as a key", start - 2);
          default -> TaggedValue.of(Ext.TAG_PREFIX + id, Arrays.copyOfRange(in, start, after));
        };
    pos = after;
    return value;
  }

  private Keyword keyword(int from, int to) {
    var known = KeywordCache.find(in, from, to);
    if (known != null) {
      return known;
    }
    if (from == to) {
      throw error("expected a keyword's name", from);
    }
    var keyword = Keyword.of(text(from, to));
    KeywordCache.keep(in, from, to, keyword);
    return keyword;
  }

  private Object readRatio(int after) {
    int start = pos;
    var numerator = readInteger();
    var denominator = readInteger();
    if (pos != after || denominator.signum() == 0) {
      throw error("expected a ratio", start);
    }
    var ratio = new Ratio(numerator, denominator);
    if (!ratio.denominator().equals(BigInteger.ONE)) {
      return ratio;
    }
    return ratio.numerator().bitLength() < 64
        ? (Object) ratio.numerator().longValue()
        : ratio.numerator();
  }

  /** Reads one of a ratio's; nothing else, since whoever scanned this has not looked into it. */
  private BigInteger readInteger() {
    need(1);
    int type = in[pos] & 0xff;
    if (type < 0x80 || type >= 0xe0 || (type >= 0xcc && type <= 0xd3)) {
      var number = read(0);
      if (number instanceof Long integer) {
        return BigInteger.valueOf(integer);
      }
      if (number instanceof BigInteger integer) {
        return integer;
      }
    }
    throw error("expected a ratio of integers", pos);
  }

  private Set<@Nullable Object> readSet(int after, int depth) {
    int start = pos;
    int type = u8();
    if (!isArray(type)) {
      throw error("expected a set's array", start);
    }
    int count = arrayLength(type);
    int inside = deeper(depth);
    var set = new LinkedHashSet<@Nullable Object>(tableSize(count));
    KeyCrowd crowd = null;
    int free = keyDepth > 0 ? 0 : KeyCrowd.FREE;
    for (int i = 0; i < count; i++) {
      int memberStart = pos;
      long compared = budget.compared();
      keyDepth++;
      var member = read(inside);
      keyDepth--;
      if (crowd != null || set.size() >= free || KeyCrowd.isComposite(member)) {
        crowd =
            KeyCrowd.admit(crowd, set, member, pos - memberStart, compared, budget, memberStart);
      }
      set.add(member);
    }
    if (pos != after) {
      throw error("expected a set as long as it says", start);
    }
    return Collections.unmodifiableSet(set);
  }

  private List<Object> numbers(int length, int width, IntFunction<Object> number) {
    if (length % width != 0) {
      throw error("expected numbers of " + width + " bytes", pos);
    }
    var numbers = new Object[length / width];
    Arrays.setAll(numbers, number);
    return Collections.unmodifiableList(Arrays.asList(numbers));
  }

  private int int32(int at) {
    return in[at] << 24
        | (in[at + 1] & 0xff) << 16
        | (in[at + 2] & 0xff) << 8
        | (in[at + 3] & 0xff);
  }

  private long int64(int at) {
    return (long) int32(at) << 32 | (int32(at + 4) & 0xffffffffL);
  }

  private UUID uuid(int from, int to) {
    try {
      return UUID.fromString(text(from, to));
    } catch (IllegalArgumentException e) {
      throw new UnpackException("expected a UUID at byte " + from, e);
    }
  }

  /** Sente writes 12 bytes always; the format itself also has two shorter forms. */
  private Instant timestamp(int start, int length) {
    long seconds;
    long nanos;
    switch (length) {
      case 4 -> {
        seconds = int32(start) & 0xffffffffL;
        nanos = 0;
      }
      case 8 -> {
        long bits = int64(start);
        seconds = bits & 0x3ffffffffL;
        nanos = bits >>> 34;
      }
      case 12 -> {
        seconds = int64(start + 4);
        nanos = int32(start) & 0xffffffffL;
      }
      default -> throw error("expected a time of 4, 8 or 12 bytes", start);
    }
    try {
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException | ArithmeticException e) {
      throw new UnpackException("expected a time at byte " + start, e);
    }
  }
}
