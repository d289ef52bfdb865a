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
import dev.sente.packer.KeyCrowd;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How values are read as ours. What a handler throws, the packer makes an UnpackException. */
final class ReadHandlers {

  /** The largest exponent of a decimal either way. */
  private static final int MAX_SCALE = 9999;

  /** Makes a tagged value of what nobody knows. */
  static final DefaultReadHandler<TaggedValue> UNKNOWN_TAG = TaggedValue::of;

  private ReadHandlers() {}

  /** Handlers for our values, transit-java's own for others, and the application's before all. */
  static Map<String, ReadHandler<?, ?>> with(Map<String, ReadHandler<?, ?>> custom) {
    var handlers = new HashMap<String, ReadHandler<?, ?>>();
    handlers.put(":", scalar((String name) -> Keyword.of(name)));
    handlers.put("$", scalar((String name) -> Symbol.of(name)));
    handlers.put("n", scalar((String text) -> shortest(new BigInteger(text))));
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

  /** Has a reader make our collections, which keep their order and cannot be modified. */
  static Reader withCollections(Reader reader) {
    return ((ReaderSPI) reader).setBuilders(new Entries(), new Elements());
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
    var decimal = new BigDecimal(text);
    if (Math.abs((long) decimal.scale()) > MAX_SCALE) {
      throw new IllegalArgumentException("expected an exponent up to " + MAX_SCALE);
    }
    return decimal;
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

  /** A map while it is read. */
  private static final class Filling {
    final Map<Object, Object> map = new LinkedHashMap<>();
    @Nullable KeyCrowd crowd;
    @Nullable Object key;
    boolean hasKey;

    void put(Object newKey, Object value) {
      map.put(newKey, value);
      if (map.size() > KeyCrowd.FREE) {
        crowd = KeyCrowd.admit(crowd, newKey, -1);
      }
    }
  }

  private static final class Entries
      implements MapReader<Filling, Map<Object, Object>, Object, Object> {

    @Override
    public Filling init() {
      return new Filling();
    }

    @Override
    public Filling init(int size) {
      return new Filling();
    }

    @Override
    public Filling add(Filling filling, Object key, Object value) {
      filling.put(key, value);
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
      return new Filling();
    }

    @Override
    public Filling init(int size) {
      return new Filling();
    }

    @Override
    @SuppressWarnings(
        "NullAway") // keys and values of a map may be null, which the types do not say
    public Filling add(Filling filling, Object item) {
      if (filling.hasKey) {
        filling.put(filling.key, item);
      } else {
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
  private static final class Gathering {
    final Set<Object> set = new LinkedHashSet<>();
    @Nullable KeyCrowd crowd;
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
      return new Gathering();
    }

    @Override
    public Gathering init(int size) {
      return new Gathering();
    }

    @Override
    public Gathering add(Gathering gathering, Object item) {
      gathering.set.add(item);
      if (gathering.set.size() > KeyCrowd.FREE) {
        gathering.crowd = KeyCrowd.admit(gathering.crowd, item, -1);
      }
      return gathering;
    }

    @Override
    public Set<Object> complete(Gathering gathering) {
      return Collections.unmodifiableSet(gathering.set);
    }
  }
}
