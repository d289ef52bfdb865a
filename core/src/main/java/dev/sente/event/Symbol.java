package dev.sente.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A name that stands for something else, as Clojure's {@code name} or {@code namespace/name}.
 *
 * @param name the whole name, namespace included
 */
public record Symbol(String name) implements Comparable<Symbol> {

  /** Checks that there is a name. */
  public Symbol {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a symbol must have a name, was empty");
    }
  }

  /** The symbol of this name. */
  public static Symbol of(String name) {
    return new Symbol(name);
  }

  /**
   * Whether a reader of edn gives the symbol of this name back. {@code nil}, {@code true}, {@code
   * 12} and names with white space, for some, do not come back, and edn refuses to write them.
   */
  public static boolean isReadable(String name) {
    return Names.isSymbol(name);
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
  public int compareTo(Symbol other) {
    return name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
