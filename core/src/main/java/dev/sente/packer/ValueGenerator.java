package dev.sente.packer;

import dev.sente.event.Keyword;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variant;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamWriteCapability;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TreeNode;
import tools.jackson.core.Version;
import tools.jackson.core.util.JacksonFeatureSet;
import tools.jackson.core.util.SimpleStreamWriteContext;
import tools.jackson.databind.ObjectMapper;

/**
 * Where Jackson writes to, building plain values: properties of beans become keywords, Sets stay
 * Sets, and scalars keep their type.
 */
final class ValueGenerator extends JsonGenerator {

  /** As deep as Jackson's own generators go. */
  private static final int MAX_DEPTH = 500;

  private static final JacksonFeatureSet<StreamWriteCapability> CAPABILITIES =
      JacksonFeatureSet.fromBitmask(StreamWriteCapability.CAN_WRITE_BINARY_NATIVELY.getMask());

  /** How many names of properties are kept; more than applications have. */
  private static final int MAX_PROPERTIES = 10_000;

  private static final Map<String, Keyword> PROPERTIES = new ConcurrentHashMap<>();

  /** A collection or map that is being filled. */
  private static final class Open {
    final @Nullable Open outer;
    final @Nullable Collection<@Nullable Object> elements;
    final Map<Object, @Nullable Object> entries;
    final boolean isBean;
    Object key = "";

    Open(
        @Nullable Open outer,
        @Nullable Collection<@Nullable Object> elements,
        Map<Object, @Nullable Object> entries,
        boolean isBean) {
      this.outer = outer;
      this.elements = elements;
      this.entries = entries;
      this.isBean = isBean;
    }
  }

  private final ObjectMapper mapper;
  private SimpleStreamWriteContext context = SimpleStreamWriteContext.createRootContext(null);
  private @Nullable Open open;
  private @Nullable Object result;
  private boolean isClosed;

  ValueGenerator(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  /** What was written. */
  @Nullable Object result() {
    return result;
  }

  private JsonGenerator add(@Nullable Object value) {
    if (open == null) {
      result = value;
    } else if (open.elements != null) {
      open.elements.add(value);
    } else {
      open.entries.put(open.key, value);
    }
    context.writeValue();
    return this;
  }

  /** Names the next value of a map by something that need not be a string. */
  void writeKey(Object key) {
    if (open != null) {
      open.key = key;
    }
    context.writeName(key instanceof String name ? name : key.toString());
  }

  // Structure

  @Override
  public JsonGenerator writeStartArray() {
    return writeStartArray(null);
  }

  @Override
  public JsonGenerator writeStartArray(@Nullable Object forValue, int size) {
    return writeStartArray(forValue);
  }

  @Override
  public JsonGenerator writeStartArray(@Nullable Object forValue) {
    Collection<@Nullable Object> elements =
        forValue instanceof Set<?> ? new LinkedHashSet<>() : new ArrayList<>();
    add(elements);
    open(new Open(open, elements, Map.of(), false));
    context = context.createChildArrayContext(forValue);
    return this;
  }

  @Override
  public JsonGenerator writeStartObject() {
    return writeStartObject(null);
  }

  @Override
  public JsonGenerator writeStartObject(@Nullable Object forValue, int size) {
    return writeStartObject(forValue);
  }

  @Override
  public JsonGenerator writeStartObject(@Nullable Object forValue) {
    var entries = new LinkedHashMap<Object, @Nullable Object>();
    add(entries);
    boolean isBean = !(forValue instanceof Map<?, ?> || forValue instanceof TreeNode);
    open(new Open(open, null, entries, isBean));
    context = context.createChildObjectContext(forValue);
    return this;
  }

  private void open(Open inner) {
    open = inner;
    if (context.getNestingDepth() >= MAX_DEPTH) {
      throw new PackException("expected at most " + MAX_DEPTH + " levels, was nested deeper");
    }
  }

  @Override
  public JsonGenerator writeEndArray() {
    return close(open);
  }

  @Override
  public JsonGenerator writeEndObject() {
    return close(open);
  }

  private JsonGenerator close(@Nullable Open inner) {
    if (inner == null) {
      throw _constructWriteException("nothing to end");
    }
    open = inner.outer;
    context = context.getParent();
    return this;
  }

  @Override
  public JsonGenerator writeName(String name) {
    boolean isKeyword = open != null && open.isBean && Keyword.isReadable(name);
    writeKey(isKeyword ? Keyword.of(name) : name);
    return this;
  }

  /** The properties of beans are few and come again, so their keywords are kept. */
  @Override
  public JsonGenerator writeName(SerializableString name) {
    if (open == null || !open.isBean) {
      return writeName(name.getValue());
    }
    var text = name.getValue();
    var known = PROPERTIES.get(text);
    if (known == null) {
      if (!Keyword.isReadable(text)) {
        return writeName(text);
      }
      known = Keyword.of(text);
      if (PROPERTIES.size() < MAX_PROPERTIES) {
        PROPERTIES.put(text, known);
      }
    }
    open.key = known;
    context.writeName(text);
    return this;
  }

  @Override
  public JsonGenerator writePropertyId(long id) {
    writeKey(id);
    return this;
  }

  // Scalars

  @Override
  public JsonGenerator writeEmbeddedObject(@Nullable Object object) {
    return add(object);
  }

  @Override
  public JsonGenerator writeString(@Nullable String text) {
    return add(text);
  }

  @Override
  public JsonGenerator writeString(char[] buffer, int offset, int length) {
    return add(new String(buffer, offset, length));
  }

  @Override
  public JsonGenerator writeString(SerializableString text) {
    return add(text.getValue());
  }

  @Override
  public JsonGenerator writeString(Reader reader, int length) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeBinary(Base64Variant variant, byte[] data, int offset, int length) {
    return add(Arrays.copyOfRange(data, offset, offset + length));
  }

  @Override
  public int writeBinary(Base64Variant variant, InputStream data, int length) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeNumber(short number) {
    return add((long) number);
  }

  @Override
  public JsonGenerator writeNumber(int number) {
    return add((long) number);
  }

  @Override
  public JsonGenerator writeNumber(long number) {
    return add(number);
  }

  @Override
  public JsonGenerator writeNumber(@Nullable BigInteger number) {
    return add(number);
  }

  @Override
  public JsonGenerator writeNumber(double number) {
    return add(number);
  }

  @Override
  public JsonGenerator writeNumber(float number) {
    return add(number);
  }

  @Override
  public JsonGenerator writeNumber(@Nullable BigDecimal number) {
    return add(number);
  }

  @Override
  public JsonGenerator writeNumber(String encoded) {
    return add(new BigDecimal(encoded));
  }

  @Override
  public JsonGenerator writeBoolean(boolean state) {
    return add(state);
  }

  @Override
  public JsonGenerator writeNull() {
    return add(null);
  }

  @Override
  public JsonGenerator writePOJO(@Nullable Object object) {
    mapper.writeValue(this, object);
    return this;
  }

  @Override
  public JsonGenerator writeTree(@Nullable TreeNode tree) {
    return writePOJO(tree);
  }

  // What has no meaning without text

  @Override
  public JsonGenerator writeRawUTF8String(byte[] buffer, int offset, int length) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeUTF8String(byte[] buffer, int offset, int length) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeRaw(String text) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeRaw(String text, int offset, int length) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeRaw(char[] text, int offset, int length) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeRaw(char c) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeRawValue(String text) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeRawValue(String text, int offset, int length) {
    return _reportUnsupportedOperation();
  }

  @Override
  public JsonGenerator writeRawValue(char[] text, int offset, int length) {
    return _reportUnsupportedOperation();
  }

  // What Jackson asks of every generator

  @Override
  public Version version() {
    return Version.unknownVersion();
  }

  @Override
  public TokenStreamContext streamWriteContext() {
    return context;
  }

  @Override
  public ObjectWriteContext objectWriteContext() {
    return ObjectWriteContext.empty();
  }

  @Override
  public @Nullable Object streamWriteOutputTarget() {
    return null;
  }

  @Override
  public int streamWriteOutputBuffered() {
    return -1;
  }

  @Override
  public @Nullable Object currentValue() {
    return context.currentValue();
  }

  @Override
  public void assignCurrentValue(@Nullable Object value) {
    context.assignCurrentValue(value);
  }

  @Override
  public JsonGenerator configure(StreamWriteFeature feature, boolean state) {
    return this;
  }

  @Override
  public boolean isEnabled(StreamWriteFeature feature) {
    return false;
  }

  @Override
  public int streamWriteFeatures() {
    return 0;
  }

  @Override
  public boolean has(StreamWriteCapability capability) {
    return CAPABILITIES.isEnabled(capability);
  }

  @Override
  public JacksonFeatureSet<StreamWriteCapability> streamWriteCapabilities() {
    return CAPABILITIES;
  }

  @Override
  public void flush() {}

  @Override
  public boolean isClosed() {
    return isClosed;
  }

  @Override
  public void close() {
    isClosed = true;
  }
}
