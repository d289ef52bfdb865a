package dev.sente.packer.edn;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
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

  /** Adds a key that is not plain; false if it was there. */
  boolean add(Object key) {
    var canonical = canonical(key);
    return canonical == null || seen.add(canonical);
  }

  private static @Nullable Object canonical(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      // Adding zero turns -0.0 into 0.0.
      case Double number -> number + 0.0;
      case BigDecimal number ->
          number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
      case List<?> list -> {
        var copy = new ArrayList<@Nullable Object>(list.size());
        list.forEach(element -> copy.add(canonical(element)));
        yield copy;
      }
      case Set<?> set -> {
        var copy = new HashSet<@Nullable Object>();
        set.forEach(element -> copy.add(canonical(element)));
        yield copy;
      }
      case Map<?, ?> map -> {
        var copy = new HashMap<@Nullable Object, @Nullable Object>();
        map.forEach((k, v) -> copy.put(canonical(k), canonical(v)));
        yield copy;
      }
      case TaggedValue tagged -> new TaggedValue(tagged.tag(), canonical(tagged.value()));
      default -> value;
    };
  }
}
