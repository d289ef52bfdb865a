package dev.sente.packer;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.jdk.NumberDeserializers.BigIntegerDeserializer;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Teaches Jackson the values of this library. In JSON a keyword or symbol is its name as a string,
 * a ratio the nearest number; and what is read as Object is a plain value: integers are Long or
 * BigInteger, collections cannot be modified.
 */
public final class SenteModule extends SimpleModule {

  private static final long serialVersionUID = 1;

  /** The largest exponent either way of a decimal that becomes an integer or ratio. */
  private static final int MAX_SCALE = 1000;

  /** The module with all of it. */
  public SenteModule() {
    super("sente");
    addSerializer(Keyword.class, new Named<>(Keyword.class, Keyword::name));
    addSerializer(Symbol.class, new Named<>(Symbol.class, Symbol::name));
    addSerializer(Ratio.class, new RatioSerializer());
    addKeySerializer(Keyword.class, new NamedKey<>(Keyword.class, Keyword::name));
    addKeySerializer(Symbol.class, new NamedKey<>(Symbol.class, Symbol::name));
    addDeserializer(Keyword.class, new NamedDeserializer<>(Keyword.class, Keyword::of));
    addDeserializer(Symbol.class, new NamedDeserializer<>(Symbol.class, Symbol::of));
    addDeserializer(Ratio.class, new RatioDeserializer());
    addDeserializer(BigInteger.class, new IntegerDeserializer());
    addDeserializer(TaggedValue.class, new TaggedDeserializer());
    addDeserializer(Object.class, new PlainDeserializer());
    addKeyDeserializer(Keyword.class, new NamedKeyDeserializer(Keyword::of));
    addKeyDeserializer(Symbol.class, new NamedKeyDeserializer(Symbol::of));
  }

  @Override
  public void setupModule(SetupContext context) {
    super.setupModule(context);
    context.addDeserializerModifier(RecordInstantiator.forRecords());
  }

  /** Writes a value as it is into plain values. */
  static final class Embedded<T> extends StdSerializer<T> {
    Embedded(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializationContext context) {
      out.writeEmbeddedObject(value);
    }
  }

  /** Writes a key as it is into plain values. */
  static final class EmbeddedKey<T> extends StdSerializer<T> {
    EmbeddedKey(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializationContext context) {
      ((ValueGenerator) out).writeKey(value);
    }
  }

  private static final class Named<T> extends StdSerializer<T> {
    private final Function<T, String> name;

    Named(Class<T> type, Function<T, String> name) {
      super(type);
      this.name = name;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializationContext context) {
      if (out instanceof ValueGenerator) {
        out.writeEmbeddedObject(value);
      } else {
        out.writeString(name.apply(value));
      }
    }
  }

  private static final class NamedKey<T> extends StdSerializer<T> {
    private final Function<T, String> name;

    NamedKey(Class<T> type, Function<T, String> name) {
      super(type);
      this.name = name;
    }

    @Override
    public void serialize(T value, JsonGenerator out, SerializationContext context) {
      if (out instanceof ValueGenerator values) {
        values.writeKey(value);
      } else {
        out.writeName(name.apply(value));
      }
    }
  }

  private static final class RatioSerializer extends StdSerializer<Ratio> {
    RatioSerializer() {
      super(Ratio.class);
    }

    @Override
    public void serialize(Ratio value, JsonGenerator out, SerializationContext context) {
      if (out instanceof ValueGenerator) {
        out.writeEmbeddedObject(value);
      } else {
        out.writeNumber(value.doubleValue());
      }
    }
  }

  private static final class NamedDeserializer<T> extends StdDeserializer<T> {
    private final Class<T> type;
    private final Function<String, T> of;

    NamedDeserializer(Class<T> type, Function<String, T> of) {
      super(type);
      this.type = type;
      this.of = of;
    }

    @Override
    public @Nullable T deserialize(JsonParser in, DeserializationContext context) {
      if (in instanceof ValueParser values && type.isInstance(values.raw())) {
        return type.cast(values.raw());
      }
      if (in.hasToken(JsonToken.VALUE_STRING) && !in.getString().isEmpty()) {
        return of.apply(in.getString());
      }
      return type.cast(context.handleUnexpectedToken(getValueType(context), in));
    }
  }

  private static final class NamedKeyDeserializer extends KeyDeserializer {
    private final Function<String, ?> of;

    NamedKeyDeserializer(Function<String, ?> of) {
      this.of = of;
    }

    @Override
    public @Nullable Object deserializeKey(String key, DeserializationContext context) {
      if (key.isEmpty()) {
        return context.handleWeirdKey(Keyword.class, key, "expected a name");
      }
      return of.apply(key);
    }
  }

  private static final class RatioDeserializer extends StdDeserializer<Ratio> {
    RatioDeserializer() {
      super(Ratio.class);
    }

    @Override
    public @Nullable Ratio deserialize(JsonParser in, DeserializationContext context) {
      if (in instanceof ValueParser values && values.raw() instanceof Ratio ratio) {
        return ratio;
      }
      if (in.hasToken(JsonToken.VALUE_NUMBER_INT)) {
        return new Ratio(in.getBigIntegerValue(), BigInteger.ONE);
      }
      if (in.hasToken(JsonToken.VALUE_NUMBER_FLOAT) && !in.isNaN()) {
        BigDecimal decimal = in.getDecimalValue();
        if (Math.abs((long) decimal.scale()) <= MAX_SCALE) {
          return decimal.scale() > 0
              ? new Ratio(decimal.unscaledValue(), BigInteger.TEN.pow(decimal.scale()))
              : new Ratio(decimal.toBigIntegerExact(), BigInteger.ONE);
        }
      }
      return (Ratio) context.handleUnexpectedToken(getValueType(context), in);
    }
  }

  /** Jackson's own, but that a few characters as 1e99999 do not become many digits. */
  private static final class IntegerDeserializer extends BigIntegerDeserializer {

    @Override
    public @Nullable BigInteger deserialize(JsonParser in, DeserializationContext context) {
      boolean isHuge =
          in.hasToken(JsonToken.VALUE_NUMBER_FLOAT)
              && !in.isNaN()
              && Math.abs((long) in.getDecimalValue().scale()) > MAX_SCALE;
      return isHuge
          ? (BigInteger) context.handleUnexpectedToken(getValueType(context), in)
          : super.deserialize(in, context);
    }
  }

  private static final class TaggedDeserializer extends StdDeserializer<TaggedValue> {
    TaggedDeserializer() {
      super(TaggedValue.class);
    }

    @Override
    public @Nullable TaggedValue deserialize(JsonParser in, DeserializationContext context) {
      if (in instanceof ValueParser values && values.raw() instanceof TaggedValue tagged) {
        in.skipChildren();
        return tagged;
      }
      return (TaggedValue) context.handleUnexpectedToken(getValueType(context), in);
    }
  }

  /** Reads what is asked for as Object. */
  private static final class PlainDeserializer extends StdDeserializer<Object> {
    PlainDeserializer() {
      super(Object.class);
    }

    @Override
    public @Nullable Object deserialize(JsonParser in, DeserializationContext context) {
      if (in instanceof ValueParser values) {
        var raw = values.raw();
        in.skipChildren();
        return raw;
      }
      return read(in);
    }

    private static @Nullable Object read(JsonParser in) {
      return switch (in.currentToken()) {
        case START_OBJECT -> {
          in.nextToken();
          yield readMap(in);
        }
        // The rest of an object whose start was taken already.
        case PROPERTY_NAME, END_OBJECT -> readMap(in);
        case START_ARRAY -> {
          var elements = new ArrayList<@Nullable Object>();
          while (in.nextToken() != JsonToken.END_ARRAY) {
            elements.add(read(in));
          }
          yield Collections.unmodifiableList(elements);
        }
        case VALUE_STRING -> in.getString();
        case VALUE_NUMBER_INT ->
            switch (in.getNumberType()) {
              case INT, LONG -> (Object) in.getLongValue();
              default -> in.getBigIntegerValue();
            };
        case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        case VALUE_EMBEDDED_OBJECT -> in.getEmbeddedObject();
        default -> null;
      };
    }

    private static Object readMap(JsonParser in) {
      var map = new LinkedHashMap<String, @Nullable Object>();
      while (in.currentToken() == JsonToken.PROPERTY_NAME) {
        var name = in.currentName();
        in.nextToken();
        map.put(name, read(in));
        in.nextToken();
      }
      return Collections.unmodifiableMap(map);
    }
  }
}
