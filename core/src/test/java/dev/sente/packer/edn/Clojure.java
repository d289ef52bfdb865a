package dev.sente.packer.edn;

import clojure.lang.IFn;
import clojure.lang.IPersistentMap;
import clojure.lang.PersistentVector;
import clojure.lang.RT;
import clojure.lang.TaggedLiteral;
import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Clojure itself, as the oracle for edn. */
@SuppressWarnings("JavaUtilDate") // what Clojure reads an #inst as
final class Clojure {

  private static final IFn READ;
  private static final IFn PRINT;
  private static final Object OPTIONS;

  static {
    var require = clojure.java.api.Clojure.var("clojure.core", "require");
    require.invoke(clojure.java.api.Clojure.read("clojure.edn"));
    READ = clojure.java.api.Clojure.var("clojure.edn", "read-string");
    PRINT = clojure.java.api.Clojure.var("clojure.core", "pr-str");
    OPTIONS =
        RT.map(
            RT.keyword(null, "eof"),
            null,
            RT.keyword(null, "default"),
            clojure.java.api.Clojure.var("clojure.core", "tagged-literal"));
  }

  private Clojure() {}

  /** What Clojure reads, in our types. */
  static @Nullable Object read(String text) {
    return ours(READ.invoke(OPTIONS, text));
  }

  /** What Clojure prints for a value of ours. */
  static String print(@Nullable Object value) {
    return (String) PRINT.invoke(theirs(value));
  }

  private static @Nullable Object ours(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case clojure.lang.Keyword keyword -> Keyword.of(keyword.sym.toString());
      case clojure.lang.Symbol symbol -> Symbol.of(symbol.toString());
      case clojure.lang.BigInt number -> shortest(number.toBigInteger());
      case clojure.lang.Ratio ratio -> new Ratio(ratio.numerator, ratio.denominator);
      case TaggedLiteral tagged ->
          new TaggedValue(Symbol.of(tagged.tag.toString()), ours(tagged.form));
      case Date date -> Instant.ofEpochMilli(date.getTime());
      case IPersistentMap map -> {
        var copy = new LinkedHashMap<@Nullable Object, @Nullable Object>();
        ((Map<?, ?>) map).forEach((k, v) -> copy.put(ours(k), ours(v)));
        yield copy;
      }
      case Set<?> set -> {
        var copy = new LinkedHashSet<@Nullable Object>();
        set.forEach(element -> copy.add(ours(element)));
        yield copy;
      }
      case List<?> list -> {
        var copy = new ArrayList<@Nullable Object>();
        list.forEach(element -> copy.add(ours(element)));
        yield copy;
      }
      default -> value;
    };
  }

  private static Object shortest(BigInteger number) {
    if (number.bitLength() < 64) {
      return number.longValue();
    }
    return number;
  }

  private static @Nullable Object theirs(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Keyword keyword -> clojure.lang.Keyword.intern(keyword.name());
      case Symbol symbol -> clojure.lang.Symbol.intern(symbol.name());
      case BigInteger number -> clojure.lang.BigInt.fromBigInteger(number);
      case Ratio ratio -> new clojure.lang.Ratio(ratio.numerator(), ratio.denominator());
      case TaggedValue tagged ->
          TaggedLiteral.create(
              clojure.lang.Symbol.intern(tagged.tag().name()), theirs(tagged.value()));
      case Instant instant -> Date.from(instant);
      case Map<?, ?> map -> {
        var pairs = new ArrayList<@Nullable Object>();
        map.forEach(
            (k, v) -> {
              pairs.add(theirs(k));
              pairs.add(theirs(v));
            });
        // An array map keeps the order, whatever its size.
        yield new clojure.lang.PersistentArrayMap(pairs.toArray());
      }
      case Set<?> set -> {
        // Clojure prints any set so, and this one keeps the order.
        var copy = new LinkedHashSet<@Nullable Object>();
        set.forEach(element -> copy.add(theirs(element)));
        yield copy;
      }
      case List<?> list -> {
        var copy = new ArrayList<@Nullable Object>();
        list.forEach(element -> copy.add(theirs(element)));
        yield PersistentVector.create(copy);
      }
      default -> value;
    };
  }
}
