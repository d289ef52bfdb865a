package dev.sente.packer.transit;

import com.cognitect.transit.ReadHandler;
import com.cognitect.transit.TransitFactory;
import com.cognitect.transit.TransitFactory.Format;
import com.cognitect.transit.WriteHandler;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.UnpackException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The packer {@code transit}: Transit in JSON, as Clojure's Sente speaks it, with codes for what
 * comes again in a message; or in verbose JSON, for people to read. Both are read.
 *
 * <p>All plain values go as they are, in Transit's own types: keywords, symbols, ratios, sets,
 * UUIDs, times (to the millisecond), decimals, bytes, characters, tagged values. Records, beans and
 * enums go as Jackson takes them apart, unless there is a write handler for them. Links and tags
 * without a handler are read as {@code TaggedValue}, URIs as java.net.URI. A tagged value under one
 * of Transit's own tags is a PackException.
 *
 * <p>Messages cannot be joined from packed parts, since the codes count through a message: each
 * batch is packed by itself.
 *
 * <p>Bounds: {@link PackerOptions#maxDepth}, of which a set or tag takes two in JSON; numbers of
 * 1000 characters, decimals' exponents up to 9999; keys of maps that have the same hash code are
 * counted ({@link dev.sente.packer.KeyBudget}). What follows the value is ignored, and of equal
 * keys the last counts, as in transit-java.
 */
public final class TransitPacker implements Packer {

  /** The packer with its default options. */
  public static final TransitPacker DEFAULT = builder().build();

  private final PackerOptions options;
  private final Format format;

  /** Merged with transit-java's own once, since that takes longer than packing. */
  @SuppressWarnings("rawtypes") // as transit-java has it
  private final Map<Class, WriteHandler<?, ?>> writeHandlers;

  private final Set<Class<?>> handledClasses;
  private final Map<String, ReadHandler<?, ?>> readHandlers;

  private TransitPacker(Builder builder) {
    this.options = builder.options;
    this.format = builder.isVerbose ? Format.JSON_VERBOSE : Format.JSON;
    this.handledClasses = Set.copyOf(builder.writeHandlers.keySet());
    this.writeHandlers = WriteHandlers.with(builder.writeHandlers);
    this.readHandlers = ReadHandlers.with(builder.readHandlers);
  }

  /** A packer with the default options. */
  public static TransitPacker create() {
    return DEFAULT;
  }

  /** A builder of packers. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String name() {
    return "transit";
  }

  @Override
  public boolean hasKeywords() {
    return true;
  }

  @Override
  public byte[] pack(@Nullable Object value) {
    var plain = new Preparation(options, handledClasses).prepare(value, 0);
    var out = new ByteArrayOutputStream(256);
    try {
      TransitFactory.<@Nullable Object>writer(format, out, writeHandlers).write(plain);
    } catch (PackException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new PackException("cannot pack as Transit: " + e.getMessage(), e);
    }
    return out.toByteArray();
  }

  @Override
  public @Nullable Object unpack(byte[] packed) {
    // A set, tag or map of odd keys is an array in an array.
    JsonBounds.check(packed, options.maxDepth() * 2 + 1);
    try {
      var reader =
          TransitFactory.reader(
              Format.JSON,
              new ByteArrayInputStream(packed),
              readHandlers,
              ReadHandlers.UNKNOWN_TAG);
      return ReadHandlers.read(reader, packed.length);
    } catch (RuntimeException e) {
      throw new UnpackException("expected Transit, was something else", e);
    }
  }

  @Override
  public PackedValue read(byte[] packed) {
    return PackedValue.of(unpack(packed), options.binding());
  }

  /** Puts a packer together. */
  public static final class Builder {

    private PackerOptions options = PackerOptions.defaults();
    private boolean isVerbose;
    private final Map<Class<?>, WriteHandler<?, ?>> writeHandlers = new HashMap<>();
    private final Map<String, ReadHandler<?, ?>> readHandlers = new HashMap<>();

    private Builder() {}

    /** Depth, keys and binding. */
    public Builder options(PackerOptions newOptions) {
      options = newOptions;
      return this;
    }

    /** Whether to write verbose JSON: maps as objects, times as text, nothing in codes. */
    public Builder verbose(boolean verbose) {
      isVerbose = verbose;
      return this;
    }

    /** How values of a class and its subclasses are written. Must be able to serve all threads. */
    public <T> Builder writeHandler(Class<T> type, WriteHandler<? super T, ?> handler) {
      writeHandlers.put(type, handler);
      return this;
    }

    /**
     * How values of a tag are read. Must be able to serve all threads. What it throws makes the
     * message an UnpackException.
     */
    public Builder readHandler(String tag, ReadHandler<?, ?> handler) {
      readHandlers.put(tag, handler);
      return this;
    }

    /**
     * The packer.
     *
     * @throws IllegalArgumentException if there is a read handler for one of Transit's ground types
     */
    public TransitPacker build() {
      return new TransitPacker(this);
    }
  }
}
