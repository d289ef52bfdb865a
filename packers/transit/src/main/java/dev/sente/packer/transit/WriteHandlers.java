package dev.sente.packer.transit;

import com.cognitect.transit.TransitFactory;
import com.cognitect.transit.WriteHandler;
import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.PackException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How our own values are written. */
final class WriteHandlers {

  /** Transit's form of times for people, of milliseconds always. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  /** Transit's own tags, which are not read as tagged values; the application may have others. */
  private static final Set<String> OWN_TAGS =
      Set.of(
          "_", "s", "?", "i", "d", "b", "'", ":", "$", "f", "n", "m", "t", "u", "r", "c", "z",
          "array", "map", "set", "list", "cmap", "ratio");

  private WriteHandlers() {}

  /** Handlers for our values, transit-java's own for others, and the application's before all. */
  @SuppressWarnings("rawtypes") // as transit-java has it
  static Map<Class, WriteHandler<?, ?>> with(Map<Class<?>, WriteHandler<?, ?>> custom) {
    var handlers = new HashMap<Class, WriteHandler<?, ?>>();
    handlers.put(Keyword.class, new Text<>(":", Keyword::name));
    handlers.put(Symbol.class, new Text<>("$", Symbol::name));
    handlers.put(Instant.class, new Time());
    handlers.put(
        Ratio.class,
        new Composite<Ratio>(
            ratio -> "ratio",
            ratio ->
                TransitFactory.taggedValue(
                    "array", List.of(ratio.numerator(), ratio.denominator()))));
    handlers.put(
        TaggedValue.class, new Composite<TaggedValue>(WriteHandlers::tag, TaggedValue::value));
    handlers.putAll(custom);
    return TransitFactory.writeHandlerMap(handlers);
  }

  private static String tag(TaggedValue tagged) {
    var tag = tagged.tag().name();
    boolean isLinkToNothing = tag.equals("link") && !(tagged.value() instanceof Map<?, ?>);
    if (isLinkToNothing || OWN_TAGS.contains(tag)) {
      // Never read, so a forgery of somebody's who has another packer: what follows might not fit.
      throw new PackException("expected a value itself, was what stands for it: #" + tag);
    }
    return tag;
  }

  /** Writes text after a tag of one character. */
  private record Text<T>(String tag, Function<T, String> text) implements WriteHandler<T, Object> {

    @Override
    public String tag(T value) {
      return tag;
    }

    @Override
    public Object rep(T value) {
      return text.apply(value);
    }

    @Override
    public String stringRep(T value) {
      return text.apply(value);
    }

    @Override
    public <V> @Nullable WriteHandler<T, V> getVerboseHandler() {
      return null;
    }
  }

  /** Writes a value after a tag. */
  private record Composite<T>(Function<T, String> tag, Function<T, @Nullable Object> rep)
      implements WriteHandler<T, Object> {

    @Override
    public String tag(T value) {
      return tag.apply(value);
    }

    @Override
    public @Nullable Object rep(T value) {
      return rep.apply(value);
    }

    @Override
    public @Nullable String stringRep(T value) {
      return rep.apply(value) instanceof String text ? text : null;
    }

    @Override
    public <V> @Nullable WriteHandler<T, V> getVerboseHandler() {
      return null;
    }
  }

  /** Writes a time as milliseconds, or for people as text. */
  private record Time() implements WriteHandler<Instant, Object> {

    @Override
    public String tag(Instant value) {
      return "m";
    }

    @Override
    public Object rep(Instant value) {
      return value.toEpochMilli();
    }

    @Override
    public String stringRep(Instant value) {
      return Long.toString(value.toEpochMilli());
    }

    @Override
    @SuppressWarnings("unchecked") // V is nobody's choice
    public <V> WriteHandler<Instant, V> getVerboseHandler() {
      return (WriteHandler<Instant, V>) new Text<Instant>("t", TIME::format);
    }
  }
}
