package dev.sente.packer.json;

import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.SenteModule;
import dev.sente.packer.UnpackException;
import dev.sente.packer.Utf8;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * The packer {@code json}, by Jackson. Keywords and symbols are strings of their name, ratios
 * numbers, times ISO 8601 text, bytes base64; records and beans are bound straight from the bytes.
 *
 * <p>Read without a class, integers are Long or BigInteger, other numbers Double, arrays List and
 * objects Map. Of a name that an object has twice the last counts, as in JavaScript. What follows
 * the value is refused, as are NaN and comments.
 *
 * <p>Bounds: {@value #MAX_DEPTH} levels, of which two fewer are written, since a frame adds them;
 * numbers of {@value #MAX_NUMBER_LENGTH} characters, names of 50,000; a string may be as long as
 * the message. A mapper of the application's brings its own.
 */
public final class JsonPacker implements JoiningPacker {

  /** How deep arrays and objects may nest. */
  public static final int MAX_DEPTH = 100;

  /** The longest number, in characters. */
  public static final int MAX_NUMBER_LENGTH = 1000;

  /** The packer with Jackson's default rules. */
  public static final JsonPacker DEFAULT = new JsonPacker(defaultMapper());

  private final JsonMapper mapper;
  private final int maxDepth;
  private final ParserRules parserRules;

  /** Made once for a class, since Jackson looks up how to bind it when it makes one. */
  private final ClassValue<ObjectReader> readers =
      new ClassValue<>() {
        @Override
        protected ObjectReader computeValue(Class<?> type) {
          // What follows the value is looked for by the slice, since it is no matter of binding.
          return mapper.readerFor(type).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
        }
      };

  private JsonPacker(JsonMapper mapper) {
    this.maxDepth = mapper.tokenStreamFactory().streamReadConstraints().getMaxNestingDepth();
    this.mapper = new Bounded(mapper, maxDepth - FRAME_LEVELS).addModule(new SenteModule()).build();
    this.parserRules = new ParserRules(this.mapper);
  }

  private static JsonMapper defaultMapper() {
    var constraints =
        StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(MAX_NUMBER_LENGTH)
            .maxStringLength(Integer.MAX_VALUE)
            .build();
    return JsonMapper.builder(
            JsonFactory.builder()
                .streamReadConstraints(constraints)
                .recyclerPool(JsonBuffers.POOL)
                .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
                .build())
        .build();
  }

  /** A packer with Jackson's default rules. */
  public static JsonPacker create() {
    return DEFAULT;
  }

  /** A packer with the rules and bounds of a mapper; {@link SenteModule} is added to it. */
  public static JsonPacker create(JsonMapper mapper) {
    return new JsonPacker(mapper);
  }

  @Override
  public String name() {
    return "json";
  }

  @Override
  public byte[] pack(@Nullable Object value) {
    try {
      return mapper.writeValueAsBytes(value);
    } catch (JacksonException e) {
      throw new PackException("cannot pack as JSON: " + e.getOriginalMessage(), e);
    }
  }

  @Override
  public @Nullable Object unpack(byte[] packed) {
    return read(packed).value();
  }

  @Override
  public PackedValue read(byte[] packed) {
    Utf8.check(packed, 0, packed.length);
    if (packed.length == 0) {
      throw new UnpackException("expected a value", 0);
    }
    return JsonSlice.of(packed, this);
  }

  JsonParser parser(byte[] in, int start, int length) {
    return mapper.tokenStreamFactory().createParser(parserRules, in, start, length);
  }

  int maxDepth() {
    return maxDepth;
  }

  ObjectReader reader(Class<?> type) {
    return readers.get(type);
  }

  @Override
  public byte[] joinElements(List<byte[]> elements) {
    return join(elements, 1);
  }

  /** Each batch comes by here: its bytes are copied once. */
  @Override
  public byte[] joinBatch(List<byte[]> elements) {
    return join(elements, 2);
  }

  private static byte[] join(List<byte[]> elements, int arrays) {
    int count = elements.size();
    int size = 2 * arrays + Math.max(0, count - 1);
    for (int i = 0; i < count; i++) {
      size = Math.addExact(size, elements.get(i).length);
    }
    var joined = new byte[size];
    Arrays.fill(joined, 0, arrays, (byte) '[');
    Arrays.fill(joined, size - arrays, size, (byte) ']');
    int at = arrays;
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        joined[at++] = ',';
      }
      var element = elements.get(i);
      System.arraycopy(element, 0, joined, at, element.length);
      at += element.length;
    }
    return joined;
  }

  /** A mapper's rules, but for how deep it writes. */
  private static final class Bounded extends JsonMapper.Builder {
    Bounded(JsonMapper mapper, int mostLevels) {
      super(new StateImpl(mapper.rebuild()));
      var factory = mapper.tokenStreamFactory();
      var constraints = factory.streamWriteConstraints().rebuild();
      _streamFactory =
          factory
              .rebuild()
              .streamWriteConstraints(
                  constraints
                      .maxNestingDepth(
                          Math.clamp(
                              factory.streamWriteConstraints().getMaxNestingDepth(),
                              0,
                              Math.max(0, mostLevels)))
                      .build())
              .build();
    }
  }

  /** The mapper's rules for parsers. Jackson makes an object of many fields to ask for them. */
  private static final class ParserRules extends ObjectReadContext.Base {
    private final JsonMapper mapper;

    ParserRules(JsonMapper mapper) {
      this.mapper = mapper;
    }

    @Override
    public int getStreamReadFeatures(int otherwise) {
      return mapper.deserializationConfig().getStreamReadFeatures();
    }

    @Override
    public int getFormatReadFeatures(int otherwise) {
      return mapper.deserializationConfig().getFormatReadFeatures();
    }

    @Override
    public StreamReadConstraints streamReadConstraints() {
      return mapper.tokenStreamFactory().streamReadConstraints();
    }

    @Override
    public TokenStreamFactory tokenStreamFactory() {
      return mapper.tokenStreamFactory();
    }
  }
}
