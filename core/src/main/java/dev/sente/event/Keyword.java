package dev.sente.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A name that stands for itself, as Clojure's {@code :name} or {@code :namespace/name}.
 *
 * @param name the whole name without the colon, namespace included
 */
public record Keyword(String name) implements Comparable<Keyword> {

  /** Checks that there is a name. */
  public Keyword {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a keyword must have a name, was empty");
    }
  }

  /** The keyword of this name, given without the colon. */
  public static Keyword of(String name) {
    return new Keyword(name);
  }

  /**
   * Whether a reader of edn gives the keyword of this name back when it meets it with a colon in
   * front. A name with white space, for one, does not come back, and edn refuses to write it.
   */
  public static boolean isReadable(String name) {
    return Names.isKeyword(name);
  }

  /** What stands before the first slash, if anything does. */
  public @Nullable String namespace() {
    int slash = name.indexOf('/');
    return slash > 0 ? name.substring(0, slash) : null;
  }

  /** The name without its namespace. */
  public String localName() {
    int slash = name.indexOf('/');
    return slash > 0 ? name.substring(slash + 1) : name;
  }

  @Override
  public int compareTo(Keyword other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return ":" + name;
  }
}
