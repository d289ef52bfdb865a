package dev.sente.packer;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A received value, unpacked only when and as what it is asked for: a frame is taken apart without
 * building the data in it, and the data is bound to a record straight from its bytes.
 *
 * <p>Immutable, for any thread. Unpacking may be repeated; nothing is cached.
 */
public interface PackedValue {

  /** Whether this is a vector (or list, or array). */
  boolean isVector();

  /**
   * Whether this is nothing that holds other values, and so is unpacked at once. Where that takes
   * time to see, as for a tagged value, the answer may be no.
   */
  default boolean isScalar() {
    return !isVector();
  }

  /**
   * The elements of a vector, in order.
   *
   * @throws UnpackException if this is not a vector, or cannot be taken apart
   */
  List<PackedValue> elements();

  /**
   * The plain value: null, Boolean, String, Character, Long, BigInteger, Double, BigDecimal, Ratio,
   * Keyword, Symbol, Instant, UUID, {@code byte[]}, List, Set, Map or TaggedValue.
   *
   * @throws UnpackException if the bytes are not a value in the packer's format
   */
  @Nullable Object value();

  /**
   * The value as an object of the given class, bound by Jackson's rules. Keyword keys and string
   * keys both name a property.
   *
   * @throws UnpackException if the bytes are not a value in the packer's format
   * @throws BindException if the value does not fit the class; its path names the field
   */
  <T> @Nullable T as(Class<T> type);

  /** A value that is unpacked already. */
  static PackedValue of(@Nullable Object value) {
    return new UnpackedValue(value, ValueBinding.DEFAULT);
  }

  /** A value that is unpacked already, to be bound by rules of one's own. */
  static PackedValue of(@Nullable Object value, ValueBinding binding) {
    return new UnpackedValue(value, binding);
  }
}
