package dev.sente.packer.edn;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Tells duplicate keys of a map, or members of a set, where Java's equality does not: Clojure holds
 * 1.0M and 1.00M equal, and 0.0 and -0.0, also deep inside of collections.
 */
final class EdnKeys {

  private final Set<Object> seen = new HashSet<>();

  /** How many values were looked at. */
  private long seenValues;

  /** How many values were hashed anew, in copies. */
  private long hashed;

  /** Whether Java's own equality tells this key's duplicates. */
  static boolean isPlain(@Nullable Object key) {
    return key == null
        || key instanceof String
        || key instanceof Keyword
        || key instanceof Long
        || key instanceof Symbol
        || key instanceof UUID
        || key instanceof Boolean
        || key instanceof Character
        || key instanceof Instant
        || key instanceof Ratio;
  }

  /** Adds a {@link #canonical} key; false if it was there. */
  boolean add(@Nullable Object canonical) {
    return canonical == null || seen.add(canonical);
  }

  /** How many values {@link #canonical} has hashed anew since this was asked last. */
  long takeHashed() {
    long taken = hashed;
    hashed = 0;
    return taken;
  }

  /** The value that stands for all that Clojure holds equal to this; itself if that is no other. */
  @SuppressWarnings("ReferenceEquality") // what is the same is not copied
  @Nullable Object canonical(@Nullable Object value) {
    long before = seenValues++;
    return switch (value) {
      case null -> null;
      case Double number -> isNegativeZero(number) ? 0.0 : number;
      case BigDecimal number -> {
        var shortest = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
        yield shortest.scale() == number.scale() ? number : shortest;
      }
      case List<?> list -> {
        var copy = canonicalElements(list);
        yield copy == null ? list : copy;
      }
      case Set<?> set -> {
        var copy = canonicalElements(set);
        if (copy == null) {
          yield set;
        }
        hashedSince(before);
        yield new HashSet<>(copy);
      }
      case Map<?, ?> map -> {
        var keys = canonicalElements(map.keySet());
        var values = canonicalElements(map.values());
        if (keys == null && values == null) {
          yield map;
        }
        hashedSince(before);
        var copy = new HashMap<@Nullable Object, @Nullable Object>();
        var key = (keys == null ? map.keySet() : keys).iterator();
        var each = (values == null ? map.values() : values).iterator();
        while (key.hasNext()) {
          copy.put(key.next(), each.next());
        }
        yield copy;
      }
      case TaggedValue tagged -> {
        var inner = canonical(tagged.value());
        yield inner == tagged.value() ? tagged : new TaggedValue(tagged.tag(), inner);
      }
      default -> value;
    };
  }

  /** To hash the elements of a copy is to hash all that is in them. */
  private void hashedSince(long before) {
    hashed += seenValues - before;
  }

  private static boolean isNegativeZero(Double number) {
    return Double.doubleToRawLongBits(number) == Long.MIN_VALUE;
  }

  /** The elements, each canonical; null if they all were. */
  @SuppressWarnings("ReferenceEquality") // what is the same is not copied
  private @Nullable List<@Nullable Object> canonicalElements(Collection<?> elements) {
    List<@Nullable Object> copy = null;
    int i = 0;
    for (var element : elements) {
      var canonical = canonical(element);
      if (copy == null && canonical != element) {
        copy = new ArrayList<>(elements);
      }
      if (copy != null) {
        copy.set(i, canonical);
      }
      i++;
    }
    return copy;
  }
}
