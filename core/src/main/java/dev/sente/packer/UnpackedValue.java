package dev.sente.packer;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A value that is unpacked already. */
record UnpackedValue(@Nullable Object raw) implements PackedValue {

  @Override
  public boolean isVector() {
    return raw instanceof List<?>;
  }

  @Override
  public List<PackedValue> elements() {
    if (!(raw instanceof List<?> list)) {
      throw new UnpackException("expected a vector");
    }
    var elements = new ArrayList<PackedValue>(list.size());
    for (var element : list) {
      elements.add(new UnpackedValue(element));
    }
    return elements;
  }

  @Override
  public @Nullable Object value() {
    return raw;
  }

  @Override
  public <T> @Nullable T as(Class<T> type) {
    throw new UnsupportedOperationException("binding comes with the first packer");
  }
}
