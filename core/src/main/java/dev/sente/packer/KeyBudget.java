package dev.sente.packer;

/**
 * What it may take to tell the keys of a message's maps, and the members of its sets, apart: work
 * for {@value #PER_BYTE} times the message's bytes, which honest data stays far below.
 *
 * <p>A key is hashed, which takes its size, and compared with each key of its map that has the same
 * hash code. To compare sets and maps is to look their keys up: what that took when they were read
 * is part of their size from then on.
 *
 * <p>For one message and one thread.
 */
public final class KeyBudget {

  private static final long PER_BYTE = 100;

  private final long most;
  private long spent;
  private long compared;

  /** A budget for a message, or a part of one, of so many bytes. */
  public KeyBudget(int length) {
    this.most = PER_BYTE * length;
  }

  /** What comparing keys took so far: by as much as it grows, what is read meanwhile is larger. */
  public long compared() {
    return compared;
  }

  /** Spends on a key of this size, which so many others are to be told from. */
  void spend(long size, int others, int position) {
    compared += others * size;
    spend((others + 1) * size, position);
  }

  /** Spends what is as much work as to hash so many bytes. */
  public void spend(long bytes, int position) {
    spent += bytes;
    if (spent > most) {
      throw new UnpackException("expected keys with different hash codes", position);
    }
  }
}
