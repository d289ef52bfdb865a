package dev.sente.packer.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.packer.BindFailure;
import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;

/**
 * The bytes of one JSON value, and how deep it stands in the message. Taking an array apart looks
 * only for brackets, strings and commas; whether an element is JSON shows when it is read.
 */
final class JsonSlice implements PackedValue {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long QUOTES = 0x2222222222222222L;
  private static final long BACKSLASHES = 0x5C5C5C5C5C5C5C5CL;

  private final byte[] in;
  private final int start;
  private final int end;
  private final int depth;
  private final JsonPacker packer;

  JsonSlice(byte[] in, int start, int end, int depth, JsonPacker packer) {
    this.in = in;
    this.start = start;
    this.end = end;
    this.depth = depth;
    this.packer = packer;
  }

  @Override
  public boolean isVector() {
    int i = skipSpace(start);
    return i < end && in[i] == '[';
  }

  @Override
  public List<PackedValue> elements() {
    int i = skipSpace(start);
    if (i >= end || in[i] != '[') {
      throw new UnpackException("expected an array", i);
    }
    int opener = i;
    i = skipSpace(i + 1);
    var elements = new ArrayList<PackedValue>(4);
    if (i < end && in[i] == ']') {
      return elements;
    }
    while (true) {
      int from = i;
      i = skipValue(i);
      if (i >= end) {
        throw new UnpackException("expected the end of the array that starts", opener);
      }
      int to = i;
      while (to > from && isSpace(in[to - 1])) {
        to--;
      }
      if (to == from) {
        throw new UnpackException("expected a value", from);
      }
      elements.add(new JsonSlice(in, from, to, depth + 1, packer));
      if (in[i] == ']') {
        checkEnd(i + 1);
        return elements;
      }
      if (in[i] != ',') {
        throw new UnpackException("expected a comma", i);
      }
      i = skipSpace(i + 1);
    }
  }

  private void checkEnd(int after) {
    int i = skipSpace(after);
    if (i < end) {
      throw new UnpackException("expected nothing more", i);
    }
  }

  /** Where the element that starts here ends: a comma or closing bracket, or the end. */
  private int skipValue(int from) {
    int open = depth + 1;
    for (int i = from; i < end; i++) {
      switch (in[i]) {
        case '"' -> i = endOfString(i);
        case '[', '{' -> {
          if (++open > packer.maxDepth()) {
            throw new UnpackException("expected at most " + packer.maxDepth() + " levels", i);
          }
        }
        case ']', '}' -> {
          if (--open == depth) {
            return i;
          }
        }
        case ',' -> {
          if (open == depth + 1) {
            return i;
          }
        }
        default -> {}
      }
    }
    return end;
  }

  private int endOfString(int quote) {
    for (int i = quote + 1; i < end; i++) {
      i = skipPlain(i);
      if (i < end && in[i] == '"') {
        return i;
      }
      if (i < end && in[i] == '\\') {
        i++;
      }
    }
    throw new UnpackException("expected the end of the string that starts", quote);
  }

  /** Skips bytes that are neither quote nor backslash, eight at a time; not always all of them. */
  private int skipPlain(int from) {
    int i = from;
    while (i + Long.BYTES <= end) {
      long bytes = (long) LONGS.get(in, i);
      long found = zeros(bytes ^ QUOTES) | zeros(bytes ^ BACKSLASHES);
      if (found != 0) {
        return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
      }
      i += Long.BYTES;
    }
    return i;
  }

  /**
   * The highest bit of each byte that is zero; above the lowest such byte others may be set too.
   */
  private static long zeros(long bytes) {
    return (bytes - 0x0101010101010101L) & ~bytes & 0x8080808080808080L;
  }

  private int skipSpace(int from) {
    int i = from;
    while (i < end && isSpace(in[i])) {
      i++;
    }
    return i;
  }

  private static boolean isSpace(byte c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  @Override
  public @Nullable Object value() {
    var text = plainText();
    if (text != null) {
      return text;
    }
    var integer = plainInteger();
    return integer != null ? integer : bind(Object.class);
  }

  /** An integer that fits, as counts are, for which it is not worth starting a parser either. */
  private @Nullable Long plainInteger() {
    boolean isPlain = end - start > 0 && end - start <= 18 && in[start] >= '1';
    long value = 0;
    for (int i = start; isPlain && i < end; i++) {
      isPlain = in[i] >= '0' && in[i] <= '9';
      value = value * 10 + (in[i] - '0');
    }
    return isPlain ? value : null;
  }

  /** A string without escapes, as ids are, for which it is not worth starting a parser. */
  private @Nullable String plainText() {
    if (end - start < 2 || in[start] != '"') {
      return null;
    }
    for (int i = start + 1; i < end - 1; i++) {
      byte c = in[i];
      if (c == '"' || c == '\\' || (c >= 0 && c < ' ')) {
        return null;
      }
    }
    return in[end - 1] == '"' ? new String(in, start + 1, end - start - 2, UTF_8) : null;
  }

  @Override
  public <T> @Nullable T as(Class<T> type) {
    if (type == String.class) {
      var text = plainText();
      if (text != null) {
        return type.cast(text);
      }
    }
    return bind(type);
  }

  private <T> @Nullable T bind(Class<T> type) {
    if (skipSpace(start) == end) {
      throw new UnpackException("expected a value", end);
    }
    var reader = packer.reader(type);
    try (var parser = reader.createParser(in, start, end - start)) {
      T value = reader.readValue(parser);
      if (parser.nextToken() != null) {
        throw new UnpackException("expected nothing after the value that starts", start);
      }
      return value;
    } catch (DatabindException | InputCoercionException e) {
      throw BindFailure.of(e);
    } catch (StreamConstraintsException e) {
      throw new UnpackException("expected JSON within the limits", e);
    } catch (JacksonException e) {
      throw new UnpackException(
          "expected JSON, was something else in the value that starts at byte " + start, e);
    }
  }
}
