package dev.sente.packer.edn;

import dev.sente.event.Keyword;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.KeyBudget;
import dev.sente.packer.KeyCrowd;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads one form as {@code clojure.edn/read-string} does, oddities included. A reader is used once,
 * by one thread.
 */
final class EdnReader extends EdnScalars {

  /** Elements of the collections that are open, the innermost on top. */
  private @Nullable Object[] stack = new @Nullable Object[16];

  private int height;

  /** How many bytes of a key are as much work as a value of a copy that is hashed. */
  private static final int HASHED_BYTES = 4;

  /** How many keys this stands in. Within one, all are counted: comparing it compares them. */
  private int keyDepth;

  /** What telling keys apart may take. */
  private final KeyBudget budget;

  EdnReader(byte[] in, int start, int end, int maxDepth) {
    super(in, start, end, maxDepth);
    this.budget = new KeyBudget(end - start);
  }

  /** Reads the next form, which must be there. */
  @Nullable Object read(int depth) {
    byte c = require(depth);
    return readForm(c, depth);
  }

  @Override
  void discard(int depth) {
    read(depth);
  }

  /** Reads the form that starts here with this byte. */
  private @Nullable Object readForm(byte c, int depth) {
    return switch (c) {
      case '"' -> readString();
      case ':' -> readKeyword();
      case '[' -> readList((byte) ']', depth);
      case '{' -> readMap(1, null, depth);
      case '(' -> readList((byte) ')', depth);
      case '\\' -> readCharacter();
      case '#' -> readDispatch(depth);
      case '^' -> readMeta(1, depth);
      case ']', ')', '}' -> throw unmatched();
      default -> isNumber() ? readNumber() : readSymbol();
    };
  }

  // Collections

  private List<@Nullable Object> readList(byte closer, int depth) {
    int start = pos;
    int inside = deeper(depth, start);
    pos++;
    int base = height;
    while (true) {
      byte c = nextInside(closer, inside, start);
      if (c == closer) {
        break;
      }
      push(readForm(c, inside));
    }
    pos++;
    if (height == base) {
      return List.of();
    }
    var elements = Arrays.copyOfRange(stack, base, height);
    Arrays.fill(stack, base, height, null);
    height = base;
    return Collections.unmodifiableList(Arrays.asList(elements));
  }

  private void push(@Nullable Object value) {
    if (height == stack.length) {
      stack = Arrays.copyOf(stack, height * 2);
    }
    stack[height++] = value;
  }

  private byte nextInside(byte closer, int inside, int start) {
    byte c = next(inside);
    if (pos >= end) {
      throw error("expected " + (char) closer + " for what opens", start);
    }
    return c;
  }

  private Map<@Nullable Object, @Nullable Object> readMap(
      int opener, @Nullable String namespace, int depth) {
    int start = pos;
    int inside = deeper(depth, start);
    pos += opener;
    if (nextInside((byte) '}', inside, start) == '}') {
      pos++;
      return Map.of();
    }
    var map = new LinkedHashMap<@Nullable Object, @Nullable Object>();
    EdnKeys keys = null;
    KeyCrowd crowd = null;
    int free = keyDepth > 0 ? 0 : KeyCrowd.FREE;
    while (true) {
      byte c = nextInside((byte) '}', inside, start);
      if (c == '}') {
        pos++;
        return Collections.unmodifiableMap(map);
      }
      int keyStart = pos;
      long compared = budget.compared();
      var key = readKey(c, inside);
      if (namespace != null) {
        key = qualify(key, namespace);
      }
      int size = map.size();
      if (crowd != null || size >= free || KeyCrowd.isComposite(key)) {
        crowd =
            KeyCrowd.admit(crowd, map.keySet(), key, pos - keyStart, compared, budget, keyStart);
      }
      if (!EdnKeys.isPlain(key)) {
        keys = check(keys, key, crowd, keyStart, compared);
      }
      c = nextInside((byte) '}', inside, start);
      if (c == '}') {
        throw error("expected a value for the key", keyStart);
      }
      map.put(key, readForm(c, inside));
      if (map.size() == size) {
        throw error("expected no key twice, was one", keyStart);
      }
    }
  }

  private Set<@Nullable Object> readSet(int depth) {
    int start = pos;
    int inside = deeper(depth, start);
    pos += 2;
    var set = new LinkedHashSet<@Nullable Object>();
    EdnKeys keys = null;
    KeyCrowd crowd = null;
    int free = keyDepth > 0 ? 0 : KeyCrowd.FREE;
    while (true) {
      byte c = nextInside((byte) '}', inside, start);
      if (c == '}') {
        pos++;
        return Collections.unmodifiableSet(set);
      }
      int keyStart = pos;
      long compared = budget.compared();
      var key = readKey(c, inside);
      if (crowd != null || set.size() >= free || KeyCrowd.isComposite(key)) {
        crowd = KeyCrowd.admit(crowd, set, key, pos - keyStart, compared, budget, keyStart);
      }
      if (!EdnKeys.isPlain(key)) {
        keys = check(keys, key, crowd, keyStart, compared);
      }
      if (!set.add(key)) {
        throw error("expected no member of a set twice, was one", keyStart);
      }
    }
  }

  private @Nullable Object readKey(byte c, int depth) {
    if (c == ':' || c == '"') {
      return readForm(c, depth);
    }
    keyDepth++;
    var key = readForm(c, depth);
    keyDepth--;
    return key;
  }

  @SuppressWarnings("ReferenceEquality") // what is the same was counted
  private EdnKeys check(
      @Nullable EdnKeys known,
      @Nullable Object key,
      @Nullable KeyCrowd crowd,
      int keyStart,
      long compared) {
    var keys = known == null ? new EdnKeys() : known;
    var canonical = keys.canonical(key);
    budget.spend(HASHED_BYTES * keys.takeHashed(), keyStart);
    if (crowd != null && canonical != key) {
      KeyCrowd.admit(crowd, Set.of(), canonical, pos - keyStart, compared, budget, keyStart);
    }
    if (!keys.add(canonical)) {
      throw error("expected no key twice, was one", keyStart);
    }
    return keys;
  }

  private static @Nullable Object qualify(@Nullable Object key, String namespace) {
    if (key instanceof Keyword keyword) {
      return Keyword.of(qualify(keyword.name(), keyword.namespace(), namespace));
    }
    if (key instanceof Symbol symbol) {
      return Symbol.of(qualify(symbol.name(), symbol.namespace(), namespace));
    }
    return key;
  }

  private static String qualify(String name, @Nullable String own, String namespace) {
    if (own == null) {
      return namespace + "/" + name;
    }
    return own.equals("_") ? name.substring(2) : name;
  }

  // What starts with # or ^

  private @Nullable Object readDispatch(int depth) {
    int start = pos;
    if (pos + 1 >= end) {
      throw error("expected something after #", pos);
    }
    return switch (in[pos + 1]) {
      case '{' -> readSet(depth);
      case '#' -> {
        pos += 2;
        yield readSymbolic(deeper(depth, start), start);
      }
      case ':' -> {
        pos += 2;
        yield readNamespacedMap(deeper(depth, start), start);
      }
      case '^' -> readMeta(2, depth);
      default -> {
        pos++;
        yield readTagged(deeper(depth, start), start);
      }
    };
  }

  private Double readSymbolic(int depth, int start) {
    if (read(depth) instanceof Symbol symbol) {
      switch (symbol.name()) {
        case "Inf" -> {
          return Double.POSITIVE_INFINITY;
        }
        case "-Inf" -> {
          return Double.NEGATIVE_INFINITY;
        }
        case "NaN" -> {
          return Double.NaN;
        }
        default -> {}
      }
    }
    throw error("expected ##Inf, ##-Inf or ##NaN", start);
  }

  private Map<@Nullable Object, @Nullable Object> readNamespacedMap(int depth, int start) {
    if (!(read(depth) instanceof Symbol namespace) || namespace.namespace() != null) {
      throw error("expected #: to name a namespace", start);
    }
    while (pos < end && isBlank(pos)) {
      pos += width(in[pos]);
    }
    if (pos >= end || in[pos] != '{') {
      throw error("expected a map after the namespace", pos);
    }
    return readMap(1, namespace.name(), depth);
  }

  private boolean isBlank(int at) {
    return in[at] == ',' || Character.isWhitespace(codePoint(at));
  }

  private @Nullable Object readMeta(int prefix, int depth) {
    int start = pos;
    int inside = deeper(depth, start);
    pos += prefix;
    var meta = read(inside);
    if (!(meta instanceof Keyword
        || meta instanceof Symbol
        || meta instanceof String
        || meta instanceof Map<?, ?>)) {
      throw error("expected metadata", start);
    }
    var value = read(inside);
    if (!(value instanceof List<?>
        || value instanceof Set<?>
        || value instanceof Map<?, ?>
        || value instanceof Symbol)) {
      throw error("expected something that can have metadata", start);
    }
    return value;
  }

  private @Nullable Object readTagged(int depth, int start) {
    if (!startsTag(codePoint(pos))) {
      throw error("expected a tag after #", start);
    }
    if (!(read(depth) instanceof Symbol tag)) {
      throw error("expected a tag after #", start);
    }
    var value = read(depth);
    return switch (tag.name()) {
      case "inst" -> {
        var instant = value instanceof String text ? EdnInstants.parse(text) : null;
        if (instant == null) {
          throw error("expected a time", start);
        }
        yield instant;
      }
      case "uuid" -> uuid(value, start);
      case EdnWriter.BYTES_TAG -> bytes(value, start);
      default -> new TaggedValue(tag, value);
    };
  }

  /** Whether the tag stands for values that are not read as tagged ones. */
  static boolean isOwnTag(String tag) {
    return switch (tag) {
      case "inst", "uuid", EdnWriter.BYTES_TAG -> true;
      default -> false;
    };
  }

  /** Whether Clojure takes for a tag what starts so. */
  static boolean startsTag(int first) {
    return first <= 0xff && Character.isLetter(first);
  }

  private static UUID uuid(@Nullable Object value, int start) {
    try {
      if (value instanceof String text) {
        return UUID.fromString(text);
      }
    } catch (IllegalArgumentException e) {
      throw error("expected a UUID", start, e);
    }
    throw error("expected a UUID", start);
  }

  private static byte[] bytes(@Nullable Object value, int start) {
    try {
      if (value instanceof String text) {
        return Base64.getDecoder().decode(text);
      }
    } catch (IllegalArgumentException e) {
      throw error("expected base64", start, e);
    }
    throw error("expected base64", start);
  }
}
