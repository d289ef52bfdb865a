package dev.sente.packer;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.TaggedValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variant;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.Version;
import tools.jackson.core.base.ParserMinimalBase;

/**
 * Walks plain values as if they were parsed. What is neither a number, a boolean nor bytes shows as
 * its text, from which Jackson can make anything; whoever wants the value itself asks for {@link
 * #raw}.
 */
final class ValueParser extends ParserMinimalBase {

  /** A place in a collection or map; the outermost holds the whole value. */
  private static final class Level extends TokenStreamContext {
    final @Nullable Level outer;
    final Iterator<?> rest;
    @Nullable String name;
    @Nullable Object value;
    @Nullable Object boundTo;

    Level(@Nullable Level outer, int type, Iterator<?> rest) {
      super(type, -1);
      this.outer = outer;
      this.rest = rest;
      this._nestingDepth = outer == null ? 0 : outer.getNestingDepth() + 1;
    }

    @Override
    public @Nullable TokenStreamContext getParent() {
      return outer;
    }

    @Override
    public @Nullable String currentName() {
      return name;
    }

    @Override
    public @Nullable Object currentValue() {
      return boundTo;
    }

    @Override
    public void assignCurrentValue(@Nullable Object object) {
      boundTo = object;
    }

    void advance() {
      _index++;
    }
  }

  private Level level;

  ValueParser(@Nullable Object value) {
    super(ObjectReadContext.empty());
    var only = java.util.Collections.singletonList(value);
    level = new Level(null, TokenStreamContext.TYPE_ROOT, only.iterator());
  }

  /** The value of the current token as it is; for a container the whole of it. */
  @Nullable Object raw() {
    return isStart() && level.outer != null ? level.outer.value : level.value;
  }

  private boolean isStart() {
    return _currToken == JsonToken.START_ARRAY || _currToken == JsonToken.START_OBJECT;
  }

  // Walking

  @Override
  public @Nullable JsonToken nextToken() {
    if (_currToken == JsonToken.PROPERTY_NAME) {
      return start(level.value);
    }
    if (!level.rest.hasNext()) {
      if (level.outer == null) {
        _closed = true;
        return _updateTokenToNull();
      }
      boolean wasArray = level.inArray();
      level = level.outer;
      return _updateToken(wasArray ? JsonToken.END_ARRAY : JsonToken.END_OBJECT);
    }
    var next = level.rest.next();
    level.advance();
    if (level.inObject() && next instanceof Map.Entry<?, ?> entry) {
      level.name = name(entry.getKey());
      level.value = entry.getValue();
      return _updateToken(JsonToken.PROPERTY_NAME);
    }
    level.value = next;
    return start(next);
  }

  private JsonToken start(@Nullable Object value) {
    var token = token(value);
    if (token == JsonToken.START_ARRAY || token == JsonToken.START_OBJECT) {
      var content = untagged(value);
      boolean isArray = token == JsonToken.START_ARRAY;
      var rest =
          content instanceof Map<?, ?> map
              ? map.entrySet().iterator()
              : content instanceof Collection<?> elements
                  ? elements.iterator()
                  : java.util.Collections.emptyIterator();
      level =
          new Level(
              level,
              isArray ? TokenStreamContext.TYPE_ARRAY : TokenStreamContext.TYPE_OBJECT,
              rest);
    }
    return _updateToken(token);
  }

  @Override
  public JsonParser skipChildren() {
    if (isStart() && level.outer != null) {
      boolean wasArray = level.inArray();
      level = level.outer;
      _updateToken(wasArray ? JsonToken.END_ARRAY : JsonToken.END_OBJECT);
    }
    return this;
  }

  private static @Nullable Object untagged(@Nullable Object value) {
    var inner = value;
    while (inner instanceof TaggedValue tagged) {
      inner = tagged.value();
    }
    return inner;
  }

  private static JsonToken token(@Nullable Object value) {
    // The most frequent first; the switch below asks in turn.
    if (value instanceof String || value instanceof Keyword) {
      return JsonToken.VALUE_STRING;
    }
    if (value instanceof Long) {
      return JsonToken.VALUE_NUMBER_INT;
    }
    return switch (untagged(value)) {
      case null -> JsonToken.VALUE_NULL;
      case String text -> JsonToken.VALUE_STRING;
      case Map<?, ?> map -> JsonToken.START_OBJECT;
      case Collection<?> elements -> JsonToken.START_ARRAY;
      case Boolean bool -> bool ? JsonToken.VALUE_TRUE : JsonToken.VALUE_FALSE;
      case Double number -> JsonToken.VALUE_NUMBER_FLOAT;
      case Float number -> JsonToken.VALUE_NUMBER_FLOAT;
      case BigDecimal number -> JsonToken.VALUE_NUMBER_FLOAT;
      case Ratio number -> JsonToken.VALUE_NUMBER_FLOAT;
      case Number number -> JsonToken.VALUE_NUMBER_INT;
      case byte[] bytes -> JsonToken.VALUE_EMBEDDED_OBJECT;
      default -> JsonToken.VALUE_STRING;
    };
  }

  private static String name(@Nullable Object key) {
    if (key instanceof Keyword keyword) {
      return keyword.name();
    }
    return switch (key) {
      case null -> "null";
      case TaggedValue tagged -> name(tagged.value());
      default -> key.toString();
    };
  }

  // The current token

  @Override
  public @Nullable String currentName() {
    return isStart() && level.outer != null ? level.outer.name : level.name;
  }

  @Override
  public @Nullable String getString() {
    if (_currToken == null) {
      return null;
    }
    if (_currToken == JsonToken.VALUE_STRING && level.value instanceof String text) {
      return text;
    }
    return switch (_currToken) {
      case PROPERTY_NAME -> level.name;
      case VALUE_STRING, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> name(untagged(level.value));
      default -> _currToken.asString();
    };
  }

  @Override
  public char[] getStringCharacters() {
    return text().toCharArray();
  }

  private String text() {
    var text = getString();
    return text == null ? "" : text;
  }

  @Override
  public int getStringLength() {
    return text().length();
  }

  @Override
  public int getStringOffset() {
    return 0;
  }

  @Override
  public boolean hasStringCharacters() {
    return false;
  }

  @Override
  public @Nullable Object getEmbeddedObject() {
    return _currToken == JsonToken.VALUE_EMBEDDED_OBJECT ? untagged(level.value) : null;
  }

  @Override
  public byte @Nullable [] getBinaryValue(Base64Variant variant) {
    if (untagged(level.value) instanceof byte[] bytes) {
      return bytes;
    }
    if (_currToken == JsonToken.VALUE_STRING) {
      try {
        return variant.decode(text());
      } catch (IllegalArgumentException e) {
        return _reportError("expected base64");
      }
    }
    return _reportError("expected bytes");
  }

  // Numbers

  private Number number(int type) {
    if (untagged(level.value) instanceof Number number) {
      return number;
    }
    if (untagged(level.value) instanceof Ratio ratio) {
      return ratio.decimalValue(MathContext.DECIMAL128);
    }
    throw _constructNotNumericType(_currToken, type);
  }

  @Override
  public Number getNumberValue() {
    return number(NR_UNKNOWN);
  }

  @Override
  public @Nullable NumberType getNumberType() {
    if (level.value instanceof Long) {
      return NumberType.LONG;
    }
    return switch (untagged(level.value)) {
      case Long number -> NumberType.LONG;
      case BigInteger number -> NumberType.BIG_INTEGER;
      case Double number -> NumberType.DOUBLE;
      case Float number -> NumberType.FLOAT;
      case BigDecimal number -> NumberType.BIG_DECIMAL;
      case Ratio number -> NumberType.BIG_DECIMAL;
      case Number number -> NumberType.INT;
      case null -> null;
      default -> null;
    };
  }

  @Override
  public NumberTypeFP getNumberTypeFP() {
    return switch (untagged(level.value)) {
      case Double number -> NumberTypeFP.DOUBLE64;
      case Float number -> NumberTypeFP.FLOAT32;
      case BigDecimal number -> NumberTypeFP.BIG_DECIMAL;
      case Ratio number -> NumberTypeFP.BIG_DECIMAL;
      case null -> NumberTypeFP.UNKNOWN;
      default -> NumberTypeFP.UNKNOWN;
    };
  }

  @Override
  public int getIntValue() {
    long number = getLongValue();
    if (number != (int) number) {
      _reportOverflowInt();
    }
    return (int) number;
  }

  @Override
  public long getLongValue() {
    if (level.value instanceof Long number) {
      return number;
    }
    var number = number(NR_LONG);
    if (number instanceof BigInteger || number instanceof BigDecimal) {
      var integer = getBigIntegerValue();
      if (integer.bitLength() > 63) {
        _reportOverflowLong();
      }
      return integer.longValue();
    }
    if (number instanceof Double || number instanceof Float) {
      double floating = number.doubleValue();
      if (!(floating >= -0x1p63 && floating < 0x1p63)) {
        _reportOverflowLong();
      }
      return (long) floating;
    }
    return number.longValue();
  }

  @Override
  public BigInteger getBigIntegerValue() {
    var number = number(NR_BIGINT);
    if (number instanceof BigInteger integer) {
      return integer;
    }
    if (number instanceof Long || number instanceof Integer) {
      return BigInteger.valueOf(number.longValue());
    }
    var decimal = getDecimalValue();
    streamReadConstraints().validateBigIntegerScale(decimal.scale());
    return decimal.toBigInteger();
  }

  @Override
  public float getFloatValue() {
    return number(NR_FLOAT).floatValue();
  }

  @Override
  public double getDoubleValue() {
    return number(NR_DOUBLE).doubleValue();
  }

  @Override
  public BigDecimal getDecimalValue() {
    if (isNaN()) {
      return _reportError("expected a finite number");
    }
    var number = number(NR_BIGDECIMAL);
    return switch (number) {
      case BigDecimal decimal -> decimal;
      case BigInteger integer -> new BigDecimal(integer);
      case Double floating -> BigDecimal.valueOf(floating);
      case Float floating -> new BigDecimal(floating.toString());
      default -> BigDecimal.valueOf(number.longValue());
    };
  }

  @Override
  public boolean isNaN() {
    return switch (untagged(level.value)) {
      case Double number -> !Double.isFinite(number);
      case Float number -> !Float.isFinite(number);
      case null -> false;
      default -> false;
    };
  }

  // What Jackson asks of every parser

  @Override
  public Version version() {
    return Version.unknownVersion();
  }

  @Override
  public TokenStreamContext streamReadContext() {
    return level;
  }

  @Override
  public TokenStreamLocation currentTokenLocation() {
    return TokenStreamLocation.NA;
  }

  @Override
  public TokenStreamLocation currentLocation() {
    return TokenStreamLocation.NA;
  }

  @Override
  public @Nullable Object streamReadInputSource() {
    return null;
  }

  @Override
  public @Nullable Object currentValue() {
    return level.currentValue();
  }

  @Override
  public void assignCurrentValue(@Nullable Object object) {
    level.assignCurrentValue(object);
  }

  @Override
  protected void _closeInput() {}

  @Override
  protected void _releaseBuffers() {}

  @Override
  protected void _handleEOF() {}
}
