package dev.sente.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import clojure.java.api.Clojure;
import clojure.lang.IFn;
import clojure.lang.Keyword;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Clojure's own printer and reader, with Clojure's own values. */
final class ClojureEdn implements Codec {

  private final IFn print;
  private final IFn read;
  private final Object value;

  ClojureEdn(Payload payload) {
    Clojure.var("clojure.core", "require").invoke(Clojure.read("clojure.edn"));
    this.print = Clojure.var("clojure.core", "pr-str");
    this.read = Clojure.var("clojure.edn", "read-string");
    this.value = theirs(payload.plain(Keyword::intern));
  }

  private static Object theirs(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var pairs = new ArrayList<Object>();
        map.forEach(
            (k, v) -> {
              pairs.add(k);
              pairs.add(theirs(v));
            });
        yield new PersistentArrayMap(pairs.toArray());
      }
      case List<?> list -> PersistentVector.create(list.stream().map(ClojureEdn::theirs).toList());
      default -> value;
    };
  }

  @Override
  public byte[] encode() {
    return ((String) print.invoke(value)).getBytes(UTF_8);
  }

  @Override
  public Object decode(byte[] bytes) {
    return read.invoke(new String(bytes, UTF_8));
  }

  @Override
  public Object expected() {
    return value;
  }
}
