package dev.sente.packer.edn;

import dev.sente.packer.PackedValue;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.UnpackException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bytes of one form, and how deep it stands in the message. */
final class EdnSlice implements PackedValue {

  private final byte[] in;
  private final int start;
  private final int end;
  private final int depth;
  private final PackerOptions options;

  EdnSlice(byte[] in, int start, int end, int depth, PackerOptions options) {
    this.in = in;
    this.start = start;
    this.end = end;
    this.depth = depth;
    this.options = options;
  }

  @Override
  public boolean isVector() {
    return vector() != null;
  }

  @Override
  public boolean isScalar() {
    if (start < end && (in[start] == ':' || in[start] == '"')) {
      return true;
    }
    return switch (new EdnScanner(in, start, end, options.maxDepth()).next(depth)) {
      case '[', '(', '{', '#', '^' -> false;
      default -> true;
    };
  }

  /** A scanner that stands at the vector's opening bracket; null if this is none. */
  private @Nullable EdnScanner vector() {
    var scanner = new EdnScanner(in, start, end, options.maxDepth());
    byte c = scanner.next(depth);
    while (isMeta(scanner, c)) {
      scanner.pos += c == '#' ? 2 : 1;
      scanner.skipForms(1, depth + 1);
      c = scanner.next(depth);
    }
    return scanner.pos < end && (c == '[' || c == '(') ? scanner : null;
  }

  private boolean isMeta(EdnScanner scanner, byte c) {
    return c == '^' || (c == '#' && scanner.pos + 1 < end && in[scanner.pos + 1] == '^');
  }

  @Override
  public List<PackedValue> elements() {
    var scanner = vector();
    if (scanner == null) {
      throw new UnpackException("expected a vector", start);
    }
    int opener = scanner.pos;
    int inside = scanner.deeper(depth, opener);
    byte closer = (byte) (in[opener] == '[' ? ']' : ')');
    scanner.pos++;
    var elements = new ArrayList<PackedValue>(4);
    while (true) {
      byte c = scanner.next(inside);
      if (scanner.pos >= end) {
        throw new UnpackException("expected the end of the vector that opens", opener);
      }
      if (c == closer) {
        return elements;
      }
      int from = scanner.pos;
      scanner.skipForm(inside);
      elements.add(new EdnSlice(in, from, scanner.pos, inside, options));
    }
  }

  @Override
  public @Nullable Object value() {
    var reader = new EdnReader(in, start, end, options.maxDepth());
    reader.next(depth);
    return reader.pos >= end ? null : reader.read(depth);
  }

  @Override
  public <T> @Nullable T as(Class<T> type) {
    return options.binding().bind(value(), type);
  }
}
