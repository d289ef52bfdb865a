package dev.sente.packer;

import dev.sente.event.TaggedValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value that is unpacked already, and what binds it to classes. */
record UnpackedValue(@Nullable Object value, ValueBinding binding) implements PackedValue {

  @Override
  public boolean isVector() {
    return value instanceof List<?>;
  }

  @Override
  public boolean isScalar() {
    return !(value instanceof Collection<?>
        || value instanceof Map<?, ?>
        || value instanceof TaggedValue);
  }

  @Override
  public List<PackedValue> elements() {
    if (!(value instanceof List<?> list)) {
      throw new UnpackException("expected a vector");
    }
    var elements = new ArrayList<PackedValue>(list.size());
    for (var element : list) {
      elements.add(new UnpackedValue(element, binding));
    }
    return elements;
  }

  @Override
  public <T> @Nullable T as(Class<T> type) {
    return binding.bind(value, type);
  }
}
