package dev.sente.packer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/** Any plain value, for properties of packers. */
public final class PlainValues {

  private static final List<String> NAMES =
      List.of("a", "b", "text", "a/b", "chsk/ping", "é", "日本", "a.b/c-d", "+", "-x", "a'b", "*x*");

  private PlainValues() {}

  /** Values with everything in them. */
  public static Arbitrary<Object> any() {
    return values(Arbitraries.frequencyOf(Tuple.of(6, json()), Tuple.of(4, typed())));
  }

  /** Scalars that JSON has. */
  public static Arbitrary<Object> json() {
    return Arbitraries.oneOf(
        Arbitraries.of(true, false).map(x -> (Object) x),
        Arbitraries.longs().map(x -> (Object) x),
        Arbitraries.longs().between(-200, 70_000).map(x -> (Object) x),
        Arbitraries.doubles().map(x -> (Object) x),
        Arbitraries.strings().ofMaxLength(20).map(x -> (Object) whole(x)),
        Arbitraries.strings().ascii().ofMaxLength(300).map(x -> (Object) x));
  }

  /** Scalars that JSON has not. */
  public static Arbitrary<Object> typed() {
    return Arbitraries.oneOf(
        Arbitraries.of(NAMES).map(Keyword::of),
        Arbitraries.of(NAMES).map(Symbol::of),
        Arbitraries.bigIntegers()
            .between(BigInteger.TWO.pow(200).negate(), BigInteger.TWO.pow(200))
            .filter(x -> x.bitLength() > 63)
            .map(x -> (Object) x),
        Arbitraries.bigDecimals().ofScale(10).map(x -> (Object) x),
        Combinators.combine(Arbitraries.longs(), Arbitraries.longs().greaterOrEqual(2))
            .as(Ratio::of)
            .filter(x -> !x.denominator().equals(BigInteger.ONE))
            .map(x -> (Object) x),
        Arbitraries.chars().filter(c -> !Character.isSurrogate(c)).map(x -> (Object) x),
        Combinators.combine(
                Arbitraries.longs().between(-12_000_000_000L, 250_000_000_000L),
                Arbitraries.integers().between(0, 999))
            .as((s, ms) -> (Object) Instant.ofEpochSecond(s, ms * 1_000_000L)),
        Arbitraries.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)
            .map(x -> (Object) x),
        Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(UUID::new));
  }

  /** Without halves of surrogate pairs, which UTF-8 has not. */
  private static String whole(String text) {
    return new String(text.getBytes(UTF_8), UTF_8);
  }

  /** Collections of these, of each other, and nothing. */
  public static Arbitrary<Object> values(Arbitrary<Object> scalars) {
    var values = Arbitraries.oneOf(scalars, Arbitraries.just(NOTHING));
    for (int level = 0; level < 3; level++) {
      values = nested(values);
    }
    return values;
  }

  private static Arbitrary<Object> nested(Arbitrary<Object> inner) {
    var some = inner.list().ofMaxSize(4);
    return Arbitraries.frequencyOf(
        Tuple.of(3, inner),
        Tuple.of(2, some.map(PlainValues::list)),
        Tuple.of(2, Combinators.combine(some, some).as(PlainValues::map)),
        Tuple.of(1, some.map(PlainValues::set)),
        Tuple.of(1, inner.map(x -> TaggedValue.of("my/tag", nothing(x)))));
  }

  /** Stands for null, which jqwik's combinators do not like. */
  private static final Object NOTHING = Symbol.of("sente.test/nothing");

  /** The value itself, with null where {@link #NOTHING} stands at the top. */
  public static @Nullable Object nothing(@Nullable Object value) {
    return NOTHING.equals(value) ? null : value;
  }

  private static Object list(List<Object> elements) {
    var list = new ArrayList<@Nullable Object>();
    elements.forEach(element -> list.add(nothing(element)));
    return list;
  }

  private static Object map(List<Object> keys, List<Object> values) {
    var map = new LinkedHashMap<@Nullable Object, @Nullable Object>();
    for (int i = 0; i < Math.min(keys.size(), values.size()); i++) {
      if (isKey(keys.get(i))) {
        map.put(nothing(keys.get(i)), nothing(values.get(i)));
      }
    }
    return map;
  }

  private static Object set(List<Object> members) {
    var set = new LinkedHashSet<@Nullable Object>();
    members.stream().filter(PlainValues::isKey).forEach(member -> set.add(nothing(member)));
    return set;
  }

  /** Whether Java's equality is Clojure's for this; for zeros and decimals it is not. */
  private static boolean isKey(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case Double number -> number != 0;
      case BigDecimal number -> false;
      case List<?> list -> list.stream().allMatch(PlainValues::isKey);
      case Set<?> set -> set.stream().allMatch(PlainValues::isKey);
      case Map<?, ?> map ->
          map.keySet().stream().allMatch(PlainValues::isKey)
              && map.values().stream().allMatch(PlainValues::isKey);
      case TaggedValue tagged -> isKey(tagged.value());
      default -> true;
    };
  }
}
