package dev.sente.packer.msgpack;

import dev.sente.packer.PackedValue;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.UnpackException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one value, how deep it stands in the message, and which keys were spelled out before
 * it: it may refer to them by number.
 */
final class MsgpackSlice implements PackedValue {

  private final byte[] in;
  private final int start;
  private final int end;
  private final int depth;

  /** Shared by all slices of a message; only the first of it, so many, count here. */
  private final KeyTable keys;

  private final int keysBefore;
  private final PackerOptions options;

  MsgpackSlice(
      byte[] in,
      int start,
      int end,
      int depth,
      KeyTable keys,
      int keysBefore,
      PackerOptions options) {
    this.in = in;
    this.start = start;
    this.end = end;
    this.depth = depth;
    this.keys = keys;
    this.keysBefore = keysBefore;
    this.options = options;
  }

  @Override
  public boolean isVector() {
    return MsgpackScanner.isArray(in[start] & 0xff);
  }

  @Override
  public boolean isScalar() {
    return !MsgpackScanner.holdsValues(in, start);
  }

  @Override
  public List<PackedValue> elements() {
    if (!isVector()) {
      throw new UnpackException("expected a vector", start);
    }
    var table = keys == KeyTable.NONE ? new KeyTable() : keys;
    var scanner = new MsgpackScanner(in, start, end, options.maxDepth(), table, keysBefore);
    int count = scanner.arrayLength(scanner.u8());
    int inside = scanner.deeper(depth);
    var elements = new ArrayList<PackedValue>(count);
    for (int i = 0; i < count; i++) {
      int from = scanner.pos;
      int known = scanner.known;
      scanner.skip(inside);
      elements.add(new MsgpackSlice(in, from, scanner.pos, inside, table, known, options));
    }
    return elements;
  }

  @Override
  public @Nullable Object value() {
    return new MsgpackReader(in, start, end, options.maxDepth(), keys, keysBefore).read(depth);
  }

  @Override
  public <T> @Nullable T as(Class<T> type) {
    return options.binding().bind(value(), type);
  }
}
