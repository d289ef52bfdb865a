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
 * <p>A map is counted from a key on that is composite; where it is itself within a key, from its
 * second; else from {@value #FREE} keys on. So most maps never are.
 */
public final class KeyCrowd {

  /** How many scalar keys a map may have before they are counted. */
  public static final int FREE = 1024;

  /** How many Longs have a hash code, and how many other keys. */
  private final Map<Integer, Integer> longs = new HashMap<>();

  private final Map<Integer, Integer> others = new HashMap<>();

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
   * @return what is counted now; null as long as there is one key only, as in most maps that are
   *     keys, which needs no counting
   * @throws UnpackException if the budget is spent
   */
  public static @Nullable KeyCrowd admit(
      @Nullable KeyCrowd crowd,
      Collection<?> before,
      @Nullable Object key,
      long bytes,
      long compared,
      KeyBudget budget,
      int position) {
    long size = bytes + budget.compared() - compared;
    var counted = crowd;
    if (counted == null) {
      if (before.isEmpty()) {
        budget.spend(size, 0, position);
        return null;
      }
      counted = new KeyCrowd();
      for (var earlier : before) {
        counted.count(earlier);
      }
    }
    budget.spend(size, counted.count(key), position);
    return counted;
  }

  /**
   * Counts a key, and tells how many it is to be told from. Longs may crowd with each other, since
   * maps sort those out, and honest ones do; with keys of other classes maps cannot sort them.
   */
  private int count(@Nullable Object key) {
    Integer hash = Objects.hashCode(key);
    if (key instanceof Long) {
      longs.merge(hash, 1, Integer::sum);
      return others.getOrDefault(hash, 0);
    }
    return longs.getOrDefault(hash, 0) + others.merge(hash, 1, Integer::sum) - 1;
  }
}
