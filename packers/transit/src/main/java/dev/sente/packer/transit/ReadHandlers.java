package dev.sente.packer.transit;

import com.cognitect.transit.ArrayReadHandler;
import com.cognitect.transit.ArrayReader;
import com.cognitect.transit.DefaultReadHandler;
import com.cognitect.transit.MapReader;
import com.cognitect.transit.ReadHandler;
import com.cognitect.transit.Reader;
import com.cognitect.transit.SPI.ReaderSPI;
import com.cognitect.transit.TransitFactory;
import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.KeyBudget;
import dev.sente.packer.KeyCrowd;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How values are read as ours. What a handler throws, the packer makes an UnpackException. */
final class ReadHandlers {

  /** The largest exponent of a decimal either way. */
  static final int MAX_SCALE = 9999;

  /** Makes a tagged value of what nobody knows. */
  static final DefaultReadHandler<TaggedValue> UNKNOWN_TAG = TaggedValue::of;

  private static final Elements ELEMENTS = new Elements();

  private ReadHandlers() {}

  /** Handlers for our values, transit-java's own for others, and the application's before all. */
  static Map<String, ReadHandler<?, ?>> with(Map<String, ReadHandler<?, ?>> custom) {
    var handlers = new HashMap<String, ReadHandler<?, ?>>();
    handlers.put(":", scalar((String name) -> Keyword.of(name)));
    handlers.put("$", scalar((String name) -> Symbol.of(name)));
    handlers.put("n", scalar((String text) -> shortest(new BigInteger(bounded(text)))));
    handlers.put("f", scalar(ReadHandlers::decimal));
    handlers.put("c", scalar(ReadHandlers::character));
    handlers.put("u", scalar(ReadHandlers::uuid));
    handlers.put("m", scalar(ReadHandlers::millis));
    handlers.put("t", scalar((String text) -> OffsetDateTime.parse(text).toInstant()));
    handlers.put("r", scalar((String text) -> URI.create(text)));
    handlers.put("ratio", scalar(ReadHandlers::ratio));
    handlers.put("link", scalar(rep -> TaggedValue.of("link", rep)));
    handlers.put("set", new Members());
    handlers.put("list", new Elements());
    handlers.put("cmap", new Pairs());
    handlers.putAll(custom);
    return TransitFactory.readHandlerMap(handlers);
  }

  /**
   * Reads a message of so many bytes, with collections that keep their order and cannot be
   * modified.
   */
  static @Nullable Object read(Reader reader, int length) {
    var message = new Entries(length);
    var outer = Entries.CURRENT.get();
    Entries.CURRENT.set(message);
    try {
      return ((ReaderSPI) reader).setBuilders(message, ELEMENTS).read();
    } finally {
      Entries.CURRENT.set(outer);
    }
  }

  private static <R> ReadHandler<@Nullable Object, R> scalar(Function<R, @Nullable Object> read) {
    return read::apply;
  }

  private static Object shortest(BigInteger number) {
    if (number.bitLength() < 64) {
      return number.longValue();
    }
    return number;
  }

  private static BigDecimal decimal(String text) {
    var decimal = new BigDecimal(bounded(text));
    if (Math.abs((long) decimal.scale()) > MAX_SCALE) {
      throw new IllegalArgumentException("expected an exponent up to " + MAX_SCALE);
    }
    return decimal;
  }

  /** The text of a number, also where it stands apart from its tag. */
  private static String bounded(String text) {
    if (text.length() > JsonBounds.MAX_NUMBER) {
      throw new IllegalArgumentException(
          "expected a number of at most " + JsonBounds.MAX_NUMBER + " characters");
    }
    return text;
  }

  private static char character(String text) {
    if (text.length() != 1) {
      throw new IllegalArgumentException("expected one character");
    }
    return text.charAt(0);
  }

  /** A text, or the two halves of its bits. */
  private static UUID uuid(Object rep) {
    if (rep instanceof List<?> halves && halves.size() == 2) {
      return new UUID((Long) halves.get(0), (Long) halves.get(1));
    }
    return UUID.fromString((String) rep);
  }

  private static Instant millis(Object rep) {
    return Instant.ofEpochMilli(rep instanceof Long millis ? millis : Long.parseLong((String) rep));
  }

  private static Object ratio(Object rep) {
    var parts = (List<?>) rep;
    var ratio = new Ratio(integer(parts.get(0)), integer(parts.get(1)));
    return ratio.denominator().equals(BigInteger.ONE) ? shortest(ratio.numerator()) : ratio;
  }

  private static BigInteger integer(Object part) {
    return part instanceof BigInteger number ? number : BigInteger.valueOf((Long) part);
  }

  /** The keys of a map, or the members of a set, while it is read. */
  private static sealed class Keys {
    private final Entries message;
    private final int free;
    private long compared;
    private @Nullable KeyCrowd crowd;

    Keys(Entries message) {
      this.message = message;
      this.free = message.open > 0 ? 0 : KeyCrowd.FREE;
      this.compared = message.budget.compared();
    }

    /** Counts a key before it is put to these. */
    final void admit(Collection<?> before, @Nullable Object key) {
      if (crowd != null || before.size() >= free || KeyCrowd.isComposite(key)) {
        crowd = KeyCrowd.admit(crowd, before, key, size(key), compared, message.budget, -1);
      }
    }

    /** What comes next may be a key. */
    final void mark() {
      compared = message.budget.compared();
    }

    final void open() {
      message.open++;
    }

    final void close() {
      message.open--;
    }

    /** About as many bytes as it was read from. */
    private static long size(@Nullable Object value) {
      return switch (value) {
        case Collection<?> elements -> {
          long size = 2;
          for (var element : elements) {
            size += size(element);
          }
          yield size;
        }
        case Map<?, ?> map -> size(map.keySet()) + size(map.values());
        case TaggedValue tagged -> 2 + size(tagged.value());
        case null, default -> 2;
      };
    }
  }

  /** A map while it is read. */
  private static final class Filling extends Keys {
    final Map<Object, Object> map = new LinkedHashMap<>();
    @Nullable Object key;
    boolean hasKey;

    Filling(Entries message) {
      super(message);
    }
  }

  /** Makes a message's maps, and counts what telling its keys apart takes. */
  private static final class Entries
      implements MapReader<Filling, Map<Object, Object>, Object, Object> {

    /** Of the message that this thread reads: the handlers serve all threads. */
    static final ThreadLocal<@Nullable Entries> CURRENT = new ThreadLocal<>();

    final KeyBudget budget;

    /** How many sets and maps of odd keys are open, within which all keys are counted. */
    int open;

    Entries(int length) {
      this.budget = new KeyBudget(length);
    }

    static Entries current() {
      return Objects.requireNonNull(CURRENT.get());
    }

    @Override
    public Filling init() {
      return new Filling(this);
    }

    @Override
    public Filling init(int size) {
      return new Filling(this);
    }

    @Override
    public Filling add(Filling filling, Object key, Object value) {
      filling.admit(filling.map.keySet(), key);
      filling.map.put(key, value);
      filling.mark();
      return filling;
    }

    @Override
    public Map<Object, Object> complete(Filling filling) {
      return Collections.unmodifiableMap(filling.map);
    }
  }

  /** Keys and values by turns, for keys that JSON cannot have. */
  private static final class Pairs
      implements ArrayReadHandler<Filling, Map<Object, Object>, Object, Object>,
          ArrayReader<Filling, Map<Object, Object>, Object> {

    @Override
    public ArrayReader<Filling, Map<Object, Object>, Object> arrayReader() {
      return this;
    }

    @Override
    public Map<Object, Object> fromRep(Object rep) {
      var filling = init();
      ((List<?>) rep).forEach(item -> add(filling, item));
      return complete(filling);
    }

    @Override
    public Filling init() {
      var filling = new Filling(Entries.current());
      filling.open();
      return filling;
    }

    @Override
    public Filling init(int size) {
      return init();
    }

    @Override
    @SuppressWarnings(
        "NullAway") // keys and values of a map may be null, which the types do not say
    public Filling add(Filling filling, Object item) {
      if (filling.hasKey) {
        filling.map.put(filling.key, item);
        filling.mark();
      } else {
        filling.admit(filling.map.keySet(), item);
        filling.key = item;
      }
      filling.hasKey = !filling.hasKey;
      return filling;
    }

    @Override
    public Map<Object, Object> complete(Filling filling) {
      if (filling.hasKey) {
        throw new IllegalArgumentException("expected a value for the last key");
      }
      filling.close();
      return Collections.unmodifiableMap(filling.map);
    }
  }

  private static final class Elements
      implements ArrayReadHandler<List<Object>, List<Object>, Object, Object>,
          ArrayReader<List<Object>, List<Object>, Object> {

    @Override
    public ArrayReader<List<Object>, List<Object>, Object> arrayReader() {
      return this;
    }

    @Override
    @SuppressWarnings("unchecked") // what arrays are read as
    public List<Object> fromRep(Object rep) {
      return (List<Object>) rep;
    }

    @Override
    public List<Object> init() {
      return new ArrayList<>();
    }

    @Override
    public List<Object> init(int size) {
      return new ArrayList<>();
    }

    @Override
    public List<Object> add(List<Object> list, Object item) {
      list.add(item);
      return list;
    }

    @Override
    public List<Object> complete(List<Object> list) {
      return Collections.unmodifiableList(list);
    }
  }

  /** A set while it is read. */
  private static final class Gathering extends Keys {
    final Set<Object> set = new LinkedHashSet<>();

    Gathering(Entries message) {
      super(message);
    }
  }

  private static final class Members
      implements ArrayReadHandler<Gathering, Set<Object>, Object, Object>,
          ArrayReader<Gathering, Set<Object>, Object> {

    @Override
    public ArrayReader<Gathering, Set<Object>, Object> arrayReader() {
      return this;
    }

    @Override
    public Set<Object> fromRep(Object rep) {
      var gathering = init();
      ((List<?>) rep).forEach(item -> add(gathering, item));
      return complete(gathering);
    }

    @Override
    public Gathering init() {
      var gathering = new Gathering(Entries.current());
      gathering.open();
      return gathering;
    }

    @Override
    public Gathering init(int size) {
      return init();
    }

    @Override
    public Gathering add(Gathering gathering, Object item) {
      gathering.admit(gathering.set, item);
      gathering.set.add(item);
      gathering.mark();
      return gathering;
    }

    @Override
    public Set<Object> complete(Gathering gathering) {
      gathering.close();
      return Collections.unmodifiableSet(gathering.set);
    }
  }
}
