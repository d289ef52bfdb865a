package dev.sente.event;

import java.util.Objects;

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

  @Override
  public int compareTo(Keyword other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return ":" + name;
  }
}
