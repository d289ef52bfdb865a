package dev.sente.packer;

import dev.sente.event.Keyword;
import dev.sente.event.TaggedValue;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Counts the hash codes of a map's keys, or a set's members, while a packer reads them, and spends
 * a {@link KeyBudget} on those that have the same one: Java's maps are slow with them, which is
 * what a peer would want who makes them up.
 *
 * <p>A map is counted from its first key on that is composite; where it is itself within a key,
 * from its first; else from {@value #FREE} keys on. So most maps never are.
 */
public final class KeyCrowd {

  /** How many scalar keys a map may have before they are counted. */
  public static final int FREE = 1024;

  private final Map<Integer, Integer> counts = new HashMap<>();

  private KeyCrowd() {}

  /** Whether a key is slow to compare, and Java's maps cannot sort it. */
  public static boolean isComposite(@Nullable Object key) {
    return !(key instanceof String || key instanceof Keyword)
        && (key instanceof Collection<?> || key instanceof Map<?, ?> || key instanceof TaggedValue);
  }

  /**
   * Counts a key before it is put into its map.
   *
   * @param crowd what was counted before, if anything was
   * @param before the keys that the map has; counted now if they were not before
   * @param bytes how many bytes the key has
   * @param compared the budget's {@link KeyBudget#compared} before the key was read
   * @param position where the key stands in the bytes, -1 if that is not known
   * @return what is counted now
   * @throws UnpackException if the budget is spent
   */
  public static KeyCrowd admit(
      @Nullable KeyCrowd crowd,
      Collection<?> before,
      @Nullable Object key,
      long bytes,
      long compared,
      KeyBudget budget,
      int position) {
    var counted = crowd;
    if (counted == null) {
      counted = new KeyCrowd();
      for (var earlier : before) {
        counted.count(earlier);
      }
    }
    long size = bytes + budget.compared() - compared;
    int others = counted.count(key) - 1;
    // Longs may crowd, since maps sort them out, and honest ones do.
    budget.spend(size, key instanceof Long ? 0 : others, position);
    return counted;
  }

  private int count(@Nullable Object key) {
    return counts.merge(Objects.hashCode(key), 1, Integer::sum);
  }
}
