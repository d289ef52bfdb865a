package dev.sente.packer.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.packer.BindException;
import dev.sente.packer.BindFailure;
import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
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

  private final byte[] in;
  private final int start;
  private final int end;
  private final int depth;
  private final JsonPacker packer;

  /** The message's outline; null where it is not known, or this is no array in it. */
  private final @Nullable JsonOutline outline;

  /** The number of this array's opening bracket in the outline; negative where it is not there. */
  private final int mark;

  private JsonSlice(
      byte[] in,
      int start,
      int end,
      int depth,
      JsonPacker packer,
      @Nullable JsonOutline outline,
      int mark) {
    this.in = in;
    this.start = start;
    this.end = end;
    this.depth = depth;
    this.packer = packer;
    this.outline = outline;
    this.mark = mark;
  }

  /** A whole message. */
  static JsonSlice of(byte[] in, JsonPacker packer) {
    return new JsonSlice(in, 0, in.length, 0, packer, null, 0);
  }

  /** A whole message that is to be taken apart without an outline. */
  static JsonSlice withoutOutline(byte[] in, JsonPacker packer) {
    return new JsonSlice(in, 0, in.length, 0, packer, null, -1);
  }

  @Override
  public boolean isVector() {
    int i = skipSpace(start);
    return i < end && in[i] == '[';
  }

  @Override
  public boolean isScalar() {
    int i = skipSpace(start);
    return i >= end || (in[i] != '[' && in[i] != '{');
  }

  @Override
  public List<PackedValue> elements() {
    int opener = skipSpace(start);
    if (opener >= end || in[opener] != '[') {
      throw new UnpackException("expected an array", opener);
    }
    var known =
        mark < 0 || outline != null ? outline : JsonOutline.of(in, opener, end, packer.maxDepth());
    return known == null ? lookedUp(opener) : outlined(known);
  }

  private List<PackedValue> outlined(JsonOutline known) {
    var elements = new ArrayList<PackedValue>(4);
    int from = skipSpace(known.at(mark) + 1);
    int inner = -1;
    int open = 0;
    for (int next = mark + 1; ; next++) {
      int at = known.at(next);
      if (in[at] == '[') {
        inner = open == 0 && at == from ? next : inner;
        open++;
      } else if (in[at] == ']' && open > 0) {
        open--;
      } else if (open == 0) {
        if (in[at] == ']' && at == from && elements.isEmpty()) {
          checkEnd(at + 1);
          return elements;
        }
        elements.add(element(from, at, known, inner));
        if (in[at] == ']') {
          checkEnd(at + 1);
          return elements;
        }
        from = skipSpace(at + 1);
        inner = -1;
      }
    }
  }

  /** The same by looking through all elements. */
  private List<PackedValue> lookedUp(int opener) {
    int i = skipSpace(opener + 1);
    var elements = new ArrayList<PackedValue>(4);
    if (i < end && in[i] == ']') {
      checkEnd(i + 1);
      return elements;
    }
    while (true) {
      int from = i;
      i = skipValue(i);
      if (i >= end) {
        throw new UnpackException("expected the end of the array that starts", opener);
      }
      elements.add(element(from, i, null, -1));
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

  private JsonSlice element(int from, int after, @Nullable JsonOutline known, int inner) {
    int to = after;
    while (to > from && isSpace(in[to - 1])) {
      to--;
    }
    if (to == from) {
      throw new UnpackException("expected a value", from);
    }
    return new JsonSlice(in, from, to, depth + 1, packer, inner < 0 ? null : known, inner);
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
    int closing = JsonOutline.endOfString(in, quote, end);
    if (closing == end) {
      throw new UnpackException("expected the end of the string that starts", quote);
    }
    return closing;
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
    try (var parser = packer.parser(in, start, end - start)) {
      T value = packer.reader(type).readValue(parser);
      if (parser.nextToken() != null) {
        throw new UnpackException("expected nothing after the value that starts", start);
      }
      return value;
    } catch (DatabindException | InputCoercionException e) {
      throw BindFailure.of(e);
    } catch (NumberFormatException e) {
      // Jackson lets through what Java says of a decimal with a huge exponent.
      throw new BindException("", "expected a number within the bounds", e);
    } catch (StreamConstraintsException e) {
      throw new UnpackException("expected JSON within the limits", e);
    } catch (JacksonException e) {
      throw new UnpackException(
          "expected JSON, was something else in the value that starts at byte " + start, e);
    }
  }
}
