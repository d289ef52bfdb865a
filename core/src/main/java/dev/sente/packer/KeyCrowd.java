package dev.sente.packer;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the hash codes of a large map's keys, or a large set's members, while a packer reads them,
 * and refuses a crowd that has the same one: Java's maps are slow with it, which is what a peer
 * would want who makes one up.
 *
 * <p>Longs may crowd, since maps sort them out, and honest ones do.
 */
public final class KeyCrowd {

  /** How many keys a map may have before they are counted. */
  public static final int FREE = 1024;

  /** How many of those counted may have the same hash code; honest data stays far below. */
  private static final int MOST = 500;

  private final Map<Integer, Integer> counts = new HashMap<>();

  private KeyCrowd() {}

  /**
   * Counts a key.
   *
   * @param crowd what was counted before, if anything was
   * @param position where the key stands in the bytes, -1 if that is not known
   * @throws UnpackException if too many keys have its hash code
   */
  public static @Nullable KeyCrowd admit(
      @Nullable KeyCrowd crowd, @Nullable Object key, int position) {
    if (key == null || key instanceof Long) {
      return crowd;
    }
    var counted = crowd == null ? new KeyCrowd() : crowd;
    if (counted.counts.merge(key.hashCode(), 1, Integer::sum) > MOST) {
      throw new UnpackException("expected keys with different hash codes", position);
    }
    return counted;
  }
}
