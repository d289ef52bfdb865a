package dev.sente.example.testserver;

import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.packer.edn.EdnPacker;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The test server's values, as edn has them; tolerant of JSON's, where keywords are strings. */
final class Edn {

  private static final String NO_UID = "sente/all-users-without-uid";

  private Edn() {}

  static @Nullable Object read(String edn) {
    return EdnPacker.create().unpack(edn.getBytes(StandardCharsets.UTF_8));
  }

  static String write(@Nullable Object value) {
    return new String(EdnPacker.create().pack(value), StandardCharsets.UTF_8);
  }

  static Keyword keyword(String name) {
    return Keyword.of(name);
  }

  /** A field of a map, by its name as a keyword or a string; null where there is none. */
  static @Nullable Object field(@Nullable Object map, String name) {
    if (!(map instanceof Map<?, ?> fields)) {
      throw new IllegalArgumentException("expected a map with " + name);
    }
    var value = fields.get(Keyword.of(name));
    return value == null ? fields.get(name) : value;
  }

  static int count(@Nullable Object map, String name) {
    return field(map, name) instanceof Number number ? number.intValue() : 0;
  }

  static boolean flag(@Nullable Object map, String name) {
    return Boolean.TRUE.equals(field(map, name));
  }

  /** A user's id; null for nobody, which Sente's own keyword means too. */
  static @Nullable String uid(@Nullable Object value) {
    var text = value instanceof Keyword keyword ? keyword.name() : (String) value;
    return text == null || text.equals(NO_UID) ? null : text;
  }

  /** {@code [id data?]} as an event. */
  static Event event(@Nullable Object value) {
    if (!(value instanceof List<?> parts) || parts.isEmpty()) {
      throw new IllegalArgumentException("expected an event [id data?]");
    }
    var id = parts.getFirst() instanceof Keyword keyword ? keyword.name() : "" + parts.getFirst();
    return Event.of(id, parts.size() > 1 ? parts.get(1) : null);
  }
}
