package dev.sente.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.ByteArrayBuilder;

/** Jackson's streaming with a walk over plain values, as short as it can be. */
final class JacksonValues implements Codec {

  private static final JsonFactory FACTORY = new JsonFactory();

  private final Object value;

  JacksonValues(Payload payload) {
    this.value = payload.plain(key -> key);
  }

  @Override
  public byte[] encode() {
    var recycler = FACTORY._getBufferRecycler();
    try (var bytes = new ByteArrayBuilder(recycler)) {
      try (var out = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
        write(out, value);
      }
      return bytes.getClearAndRelease();
    } finally {
      recycler.releaseToPool();
    }
  }

  private static void write(JsonGenerator out, Object value) {
    switch (value) {
      case String text -> out.writeString(text);
      case Long number -> out.writeNumber(number);
      case Double number -> out.writeNumber(number);
      case Boolean bool -> out.writeBoolean(bool);
      case List<?> list -> {
        out.writeStartArray();
        for (var element : list) {
          write(out, element);
        }
        out.writeEndArray();
      }
      case Map<?, ?> map -> {
        out.writeStartObject();
        for (var entry : map.entrySet()) {
          out.writeName((String) entry.getKey());
          write(out, entry.getValue());
        }
        out.writeEndObject();
      }
      default -> throw new IllegalArgumentException(value.toString());
    }
  }

  @Override
  public Object decode(byte[] bytes) {
    try (var in = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
      in.nextToken();
      return read(in);
    }
  }

  private static Object read(JsonParser in) {
    return switch (in.currentToken()) {
      case VALUE_STRING -> in.getString();
      case VALUE_NUMBER_INT -> in.getLongValue();
      case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case START_ARRAY -> {
        var list = new ArrayList<Object>();
        while (in.nextToken() != JsonToken.END_ARRAY) {
          list.add(read(in));
        }
        yield list;
      }
      case START_OBJECT -> {
        var map = new LinkedHashMap<String, Object>();
        for (var name = in.nextName(); name != null; name = in.nextName()) {
          in.nextToken();
          map.put(name, read(in));
        }
        yield map;
      }
      default -> throw new IllegalArgumentException("expected a value");
    };
  }

  @Override
  public Object expected() {
    return value;
  }
}
