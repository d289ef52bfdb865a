package dev.sente.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A name that stands for itself, as Clojure's {@code :name} or {@code :namespace/name}.
 *
 * <p>Not a record, since it remembers whether it {@link #isReadable()}: keywords are written far
 * more often than made.
 */
public final class Keyword implements Comparable<Keyword> {

  private static final byte UNKNOWN = 0;
  private static final byte READABLE = 1;
  private static final byte UNREADABLE = 2;

  private final String name;

  /** One of the constants. Threads may race to find out, and find the same. */
  private byte readable = UNKNOWN;

  private Keyword(String name) {
    this.name = name;
  }

  /**
   * The keyword of this name, given without the colon, namespace included.
   *
   * @throws IllegalArgumentException if the name is empty
   */
  public static Keyword of(String name) {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a keyword must have a name, was empty");
    }
    return new Keyword(name);
  }

  /**
   * Whether a reader of edn gives the keyword of this name back when it meets it with a colon in
   * front. A name with white space, for one, does not come back, and edn refuses to write it.
   */
  public static boolean isReadable(String name) {
    return Names.isKeyword(name);
  }

  /** Whether a reader of edn gives this keyword back: {@link #isReadable(String)} of its name. */
  public boolean isReadable() {
    if (readable == UNKNOWN) {
      readable = Names.isKeyword(name) ? READABLE : UNREADABLE;
    }
    return readable == READABLE;
  }

  /** The whole name without the colon, namespace included. */
  public String name() {
    return name;
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
  public boolean equals(@Nullable Object other) {
    return this == other || (other instanceof Keyword keyword && name.equals(keyword.name));
  }

  @Override
  public int hashCode() {
    return name.hashCode();
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
