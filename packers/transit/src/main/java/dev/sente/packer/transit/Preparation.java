package dev.sente.packer.transit;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.PackException;
import dev.sente.packer.PackerOptions;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.TreeNode;

/** Makes of any value one that transit-java can write, not nested deeper than allowed. */
final class Preparation {

  private final PackerOptions options;
  private final Set<Class<?>> handledClasses;

  /**
   * A preparation.
   *
   * @param handledClasses what the application brings write handlers for, and is left as it is
   */
  Preparation(PackerOptions options, Set<Class<?>> handledClasses) {
    this.options = options;
    this.handledClasses = handledClasses;
  }

  @SuppressWarnings("JavaUtilDate") // an application's own, to be written as what it stands for
  @Nullable Object prepare(@Nullable Object value, int depth) {
    return switch (value) {
      case null -> null;
      case String text -> text;
      case Keyword keyword -> keyword;
      case Boolean bool -> bool;
      case Long number -> number;
      case Integer number -> number;
      case Short number -> number;
      case Byte number -> number;
      case Double number -> number;
      case Float number -> number;
      case BigInteger number -> bounded(number);
      case BigDecimal number -> bounded(number);
      case Ratio ratio -> bounded(ratio);
      case Symbol symbol -> symbol;
      case Character character -> character;
      case UUID uuid -> uuid;
      case URI uri -> uri;
      case byte[] bytes -> bytes;
      case Instant instant -> instant;
      case Date date -> Instant.ofEpochMilli(date.getTime());
      case TaggedValue tagged ->
          new TaggedValue(tagged.tag(), prepare(tagged.value(), deeper(depth)));
      case Optional<?> optional -> prepare(optional.orElse(null), depth);
      default -> isHandled(value) ? value : composite(value, depth);
    };
  }

  private boolean isHandled(Object value) {
    return !handledClasses.isEmpty()
        && handledClasses.stream().anyMatch(type -> type.isInstance(value));
  }

  private @Nullable Object composite(Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      return map(map, deeper(depth));
    }
    if (value instanceof Iterable<?> elements
        && !(value instanceof Path || value instanceof TreeNode)) {
      int inside = deeper(depth);
      var copy =
          value instanceof Set<?>
              ? new LinkedHashSet<@Nullable Object>()
              : new ArrayList<@Nullable Object>();
      elements.forEach(element -> copy.add(prepare(element, inside)));
      return copy;
    }
    if (value.getClass().isArray()) {
      int inside = deeper(depth);
      var copy = new ArrayList<@Nullable Object>();
      for (int i = 0, count = Array.getLength(value); i < count; i++) {
        copy.add(prepare(Array.get(value, i), inside));
      }
      return copy;
    }
    return prepare(options.binding().toValue(value), depth);
  }

  private Object map(Map<?, ?> map, int inside) {
    var copy = new LinkedHashMap<@Nullable Object, @Nullable Object>();
    map.forEach(
        (key, value) -> {
          boolean becomesKeyword =
              options.keywordKeys() && key instanceof String name && Keyword.isReadable(name);
          copy.put(
              becomesKeyword ? Keyword.of((String) key) : prepare(key, inside),
              prepare(value, inside));
        });
    return copy;
  }

  /** A number that is not too long to be read. */
  private static BigInteger bounded(BigInteger number) {
    // Of fewer bits none is too long, and text takes its time.
    if (number.bitLength() > JsonBounds.MAX_NUMBER) {
      checkLength(number.toString());
    }
    return number;
  }

  private static BigDecimal bounded(BigDecimal number) {
    if (Math.abs((long) number.scale()) > ReadHandlers.MAX_SCALE) {
      throw new PackException("expected an exponent up to " + ReadHandlers.MAX_SCALE);
    }
    checkLength(number.toString());
    return number;
  }

  private static Ratio bounded(Ratio ratio) {
    bounded(ratio.numerator());
    bounded(ratio.denominator());
    return ratio;
  }

  private static void checkLength(String number) {
    if (number.length() > JsonBounds.MAX_NUMBER) {
      throw new PackException(
          "expected a number of at most " + JsonBounds.MAX_NUMBER + " characters");
    }
  }

  private int deeper(int depth) {
    if (depth >= options.maxDepth()) {
      throw new PackException(
          "expected at most " + options.maxDepth() + " levels, was a value nested deeper");
    }
    return depth + 1;
  }
}
