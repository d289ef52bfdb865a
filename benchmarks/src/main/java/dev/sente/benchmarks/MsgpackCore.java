package dev.sente.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.event.Keyword;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;
import org.msgpack.core.MessageUnpacker;

/** msgpack-core with a walk over plain values, keywords as the extension they are for Sente. */
final class MsgpackCore implements Codec {

  private final Object value;

  MsgpackCore(Payload payload) {
    this.value = payload.plain(Keyword::of);
  }

  @Override
  public byte[] encode() {
    try (var out = MessagePack.newDefaultBufferPacker()) {
      write(out, value);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(MessagePacker out, Object value) throws IOException {
    switch (value) {
      case String text -> out.packString(text);
      case Keyword keyword -> {
        var name = keyword.name().getBytes(UTF_8);
        out.packExtensionTypeHeader((byte) 0, name.length);
        out.writePayload(name);
      }
      case Long number -> out.packLong(number);
      case Double number -> out.packDouble(number);
      case Boolean bool -> out.packBoolean(bool);
      case List<?> list -> {
        out.packArrayHeader(list.size());
        for (var element : list) {
          write(out, element);
        }
      }
      case Map<?, ?> map -> {
        out.packMapHeader(map.size());
        for (var entry : map.entrySet()) {
          write(out, entry.getKey());
          write(out, entry.getValue());
        }
      }
      default -> throw new IllegalArgumentException(value.toString());
    }
  }

  @Override
  public Object decode(byte[] bytes) {
    try (var in = MessagePack.newDefaultUnpacker(bytes)) {
      return read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Object read(MessageUnpacker in) throws IOException {
    return switch (in.getNextFormat().getValueType()) {
      case STRING -> in.unpackString();
      case INTEGER -> in.unpackLong();
      case FLOAT -> in.unpackDouble();
      case BOOLEAN -> in.unpackBoolean();
      case ARRAY -> {
        int size = in.unpackArrayHeader();
        var list = new ArrayList<Object>(size);
        for (int i = 0; i < size; i++) {
          list.add(read(in));
        }
        yield list;
      }
      case MAP -> {
        int size = in.unpackMapHeader();
        var map = new LinkedHashMap<Object, Object>();
        for (int i = 0; i < size; i++) {
          map.put(read(in), read(in));
        }
        yield map;
      }
      case EXTENSION ->
          Keyword.of(new String(in.readPayload(in.unpackExtensionTypeHeader().getLength()), UTF_8));
      default -> throw new IllegalArgumentException("expected a value");
    };
  }

  @Override
  public Object expected() {
    return value;
  }
}
