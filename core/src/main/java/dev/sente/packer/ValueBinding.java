package dev.sente.packer;

import dev.sente.event.TaggedValue;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Turns the application's own objects into plain values and back, by Jackson's rules and
 * annotations. For packers of formats that Jackson does not know.
 *
 * <p>Plain values keep their type on the way: an Instant in a record stays one, a Set stays a Set,
 * and properties become keywords. On the way back keyword keys and string keys both name a
 * property, keywords also stand for strings and the constants of enums, and the tag of a
 * TaggedValue is passed over.
 */
public final class ValueBinding {

  /** Jackson's default rules. */
  public static final ValueBinding DEFAULT = new ValueBinding(JsonMapper.shared());

  private final JsonMapper mapper;

  /** Made once for a class, since Jackson looks up how to bind it when it makes one. */
  private final ClassValue<ObjectReader> readers =
      new ClassValue<>() {
        @Override
        protected ObjectReader computeValue(Class<?> type) {
          return mapper.readerFor(type);
        }
      };

  private ValueBinding(JsonMapper base) {
    this.mapper = base.rebuild().addModule(new SenteModule()).addModule(typed()).build();
  }

  /** The rules of a mapper: its modules, mix-ins, naming strategy and features. */
  public static ValueBinding of(JsonMapper mapper) {
    return new ValueBinding(mapper);
  }

  /** Serializers for what plain values hold as it is. */
  private static SimpleModule typed() {
    return new SimpleModule("sente-typed")
        .addSerializer(Instant.class, new SenteModule.Embedded<>(Instant.class))
        .addSerializer(Date.class, new SenteModule.Embedded<>(Date.class))
        .addSerializer(UUID.class, new SenteModule.Embedded<>(UUID.class))
        .addSerializer(Character.class, new SenteModule.Embedded<>(Character.class))
        .addSerializer(char.class, new SenteModule.Embedded<>(char.class))
        .addSerializer(byte[].class, new SenteModule.Embedded<>(byte[].class))
        .addKeySerializer(Instant.class, new SenteModule.EmbeddedKey<>(Instant.class))
        .addKeySerializer(UUID.class, new SenteModule.EmbeddedKey<>(UUID.class))
        .addKeySerializer(Character.class, new SenteModule.EmbeddedKey<>(Character.class))
        .addKeySerializer(Boolean.class, new SenteModule.EmbeddedKey<>(Boolean.class))
        .addKeySerializer(Number.class, new SenteModule.EmbeddedKey<>(Number.class));
  }

  /**
   * Takes an object apart into Maps, Lists, Sets and scalars.
   *
   * @throws PackException if Jackson cannot
   */
  public @Nullable Object toValue(Object object) {
    var generator = new ValueGenerator(mapper);
    try {
      mapper.writeValue(generator, object);
    } catch (JacksonException e) {
      throw new PackException(
          "cannot pack " + object.getClass().getName() + ": " + e.getOriginalMessage(), e);
    }
    return generator.result();
  }

  /**
   * Makes an object of a class from a plain value.
   *
   * @throws BindException if the value does not fit
   */
  public <T> @Nullable T bind(@Nullable Object value, Class<T> type) {
    if (type.isInstance(value) && !isComposite(value)) {
      return type.cast(value);
    }
    try {
      return readers.get(type).readValue(new ValueParser(value));
    } catch (JacksonException e) {
      throw BindFailure.of(e);
    } catch (ClassCastException e) {
      // Jackson takes what it is given natively for what it would be in its own formats.
      throw new BindException("", "expected another kind of value", e);
    }
  }

  /** Whether what is asked for may differ inside of what is given. */
  private static boolean isComposite(Object value) {
    return value instanceof Collection<?>
        || value instanceof Map<?, ?>
        || value instanceof TaggedValue;
  }
}
