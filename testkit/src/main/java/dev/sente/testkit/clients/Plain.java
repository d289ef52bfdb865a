package dev.sente.testkit.clients;

import dev.sente.event.Keyword;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as JSON has them, so that what came by one packer is equal to what came by another. */
final class Plain {

  private Plain() {}

  /** Keywords become strings, whole numbers Long, others Double, and sets lists. */
  static @Nullable Object of(@Nullable Object value) {
    return switch (value) {
      case Keyword keyword -> keyword.name();
      case Double number when number == Math.rint(number) -> number.longValue();
      case Float number -> of(number.doubleValue());
      case Double number -> number;
      case Number number -> number.longValue();
      case Map<?, ?> map -> of(map);
      case Collection<?> items -> of(items);
      case null, default -> value;
    };
  }

  private static Map<String, @Nullable Object> of(Map<?, ?> map) {
    var plain = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((key, value) -> plain.put(String.valueOf(of(key)), of(value)));
    return plain;
  }

  private static List<@Nullable Object> of(Collection<?> items) {
    var plain = new ArrayList<@Nullable Object>();
    items.forEach(item -> plain.add(of(item)));
    return plain;
  }
}
