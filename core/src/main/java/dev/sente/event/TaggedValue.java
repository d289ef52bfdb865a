package dev.sente.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value with a tag that says how to understand it, as edn's {@code #my/point [1 2]}; what a
 * packer reads when it does not know the tag.
 *
 * @param tag the tag, with a namespace unless it is one of the format's own
 * @param value what the tag stands before
 */
public record TaggedValue(Symbol tag, @Nullable Object value) {

  /** Checks that there is a tag. */
  public TaggedValue {
    Objects.requireNonNull(tag, "tag");
  }

  /** A value under the tag of this name. */
  public static TaggedValue of(String tag, @Nullable Object value) {
    return new TaggedValue(Symbol.of(tag), value);
  }
}
