package dev.sente.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a stream: keeps every message until it is acknowledged, and knows which the
 * present connection has been given. Messages have the numbers 1, 2, 3 … in the order of {@link
 * #append}.
 *
 * <p>A peer may have more than the present connection was given, from one before or beside it. What
 * is acknowledged beyond that is given all the same: a peer counts what comes (V6).
 *
 * <p>Invariant: {@code forgotten ≤ acknowledged, cursor ≤ given ≤ last}. Not for several threads at
 * once.
 *
 * @param <M> the messages
 */
public final class Outbound<M> {

  /** A power of two, as every capacity is. */
  private static final int FIRST_CAPACITY = 8;

  private final ToIntFunction<M> sizeOf;

  /** A ring of the messages forgotten + 1 to last; null while none is kept. */
  private @Nullable Object @Nullable [] ring;

  private int head;
  private long forgotten;
  private long acknowledged;
  private long cursor;
  private long last;
  private long bytes;

  /** Whether the peer was asked for an acknowledgement since its last. */
  private boolean asked;

  /** The highest number that any connection was given. */
  private long given;

  /**
   * A stream without messages.
   *
   * @param sizeOf a message's size in bytes, the same at each call
   */
  public Outbound(ToIntFunction<M> sizeOf) {
    this.sizeOf = sizeOf;
  }

  /** The number of the last message; 0 before the first. */
  public long last() {
    return last;
  }

  /** The number up to which the peer has acknowledged. */
  public long acknowledged() {
    return acknowledged;
  }

  /** The number up to which messages were given to the present connection. */
  public long cursor() {
    return cursor;
  }

  /** The number up to which messages were given to any connection: the peer may have them. */
  public long given() {
    return given;
  }

  /** How many messages are kept. */
  public int kept() {
    return (int) (last - forgotten);
  }

  /** The size of the messages that are kept, in bytes. */
  public long keptBytes() {
    return bytes;
  }

  /** Whether there are messages that the present connection has not been given. */
  public boolean hasMore() {
    return cursor < last;
  }

  /**
   * Adds a message at the end, unless that passes a bound; a single message may be of any size.
   *
   * @return its number; 0, with nothing added, where a bound would be passed
   */
  public long append(M message, int maxMessages, long maxBytes) {
    int size = sizeOf.applyAsInt(message);
    if (kept() >= maxMessages || (bytes > 0 && bytes + size > maxBytes)) {
      return 0;
    }
    var grown = withRoom();
    grown[(head + kept()) & (grown.length - 1)] = message;
    bytes += size;
    last++;
    return last;
  }

  private @Nullable Object[] withRoom() {
    var old = ring;
    if (old == null) {
      var first = new @Nullable Object[FIRST_CAPACITY];
      ring = first;
      head = 0;
      return first;
    }
    int kept = kept();
    if (kept < old.length) {
      return old;
    }
    var grown = new @Nullable Object[old.length * 2];
    for (int i = 0; i < kept; i++) {
      grown[i] = old[(head + i) & (old.length - 1)];
    }
    ring = grown;
    head = 0;
    return grown;
  }

  /**
   * Whether to ask the peer for an acknowledgement (V9): more than a quarter of what may be kept
   * is, of messages or of bytes, and it has not been asked since it acknowledged last. It counts as
   * asked from now on.
   */
  public boolean asks(int maxMessages, long maxBytes) {
    boolean asks = !asked && (kept() > maxMessages / 4 || bytes > maxBytes / 4);
    asked |= asks;
    return asks;
  }

  /**
   * Takes the next messages for the present connection: at least one where there is one, and more
   * while they fit.
   */
  public List<M> take(int maxBytes) {
    return take(maxBytes, sizeOf);
  }

  /** The same, where a message's size on the present connection is another than its size here. */
  public List<M> take(int maxBytes, ToIntFunction<M> sizeThere) {
    var taken = new ArrayList<M>((int) Math.min(16, last - cursor));
    long size = 0;
    while (cursor < last) {
      var next = get(cursor + 1);
      size += sizeThere.applyAsInt(next);
      if (!taken.isEmpty() && size > maxBytes) {
        break;
      }
      taken.add(next);
      cursor++;
    }
    given = Math.max(given, cursor);
    return taken;
  }

  /** The number of a message that is kept, the newest where it is there twice; 0 for none. */
  public long numberOf(M message) {
    for (long n = last; n > acknowledged; n--) {
      if (get(n).equals(message)) {
        return n;
      }
    }
    return 0;
  }

  @SuppressWarnings("unchecked")
  private M get(long number) {
    var messages = ring;
    if (messages == null) {
      throw new IllegalStateException("message " + number + " is not kept");
    }
    var message = (M) messages[index(number, messages.length)];
    if (message == null) {
      throw new IllegalStateException("message " + number + " is not kept");
    }
    return message;
  }

  /**
   * Takes a message back that no connection was given, so that those after it have lower numbers
   * than they would have had.
   *
   * @return false, with nothing changed, if it is not kept or was given to a connection
   */
  public boolean withdraw(M message) {
    var messages = ring;
    if (messages == null) {
      return false;
    }
    for (long n = last; n > given; n--) {
      if (get(n).equals(message)) {
        for (long next = n; next < last; next++) {
          messages[index(next, messages.length)] = messages[index(next + 1, messages.length)];
        }
        messages[index(last, messages.length)] = null;
        bytes -= sizeOf.applyAsInt(message);
        last--;
        if (forgotten == last) {
          ring = null;
        }
        return true;
      }
    }
    return false;
  }

  /** Puts another message in the place of one that is kept; its number stays. */
  public void replace(long number, M message) {
    var messages = ring;
    if (messages == null || number <= forgotten || number > last) {
      throw new IllegalStateException("message " + number + " is not kept");
    }
    bytes += sizeOf.applyAsInt(message) - sizeOf.applyAsInt(get(number));
    messages[index(number, messages.length)] = message;
  }

  /** Where in the ring the message of this number is. */
  private int index(long number, int length) {
    return (head + (int) (number - forgotten - 1)) & (length - 1);
  }

  /**
   * The peer has the messages up to a number; those of them that the present connection was given
   * are forgotten.
   *
   * @return false, with nothing changed, if that many were never given to a connection: the peer
   *     breaks the protocol (V10)
   */
  public boolean acknowledge(long number) {
    if (number > given) {
      return false;
    }
    asked = false;
    acknowledged = Math.max(acknowledged, number);
    forget(Math.min(acknowledged, cursor));
    return true;
  }

  private void forget(long number) {
    if (number == last) {
      // The most common case by far, in which none of the messages needs to be looked at.
      forgotten = last;
      bytes = 0;
      ring = null;
      return;
    }
    var messages = ring;
    while (forgotten < number && messages != null) {
      bytes -= sizeOf.applyAsInt(get(forgotten + 1));
      messages[head] = null;
      head = (head + 1) & (messages.length - 1);
      forgotten++;
    }
  }

  /**
   * Begins with a new connection, whose peer has the messages up to a number.
   *
   * @return false, with nothing changed, if those after it are not all kept, or it was never
   *     reached
   */
  public boolean resumeAt(long number) {
    if (number < acknowledged || number > given) {
      return false;
    }
    cursor = number;
    return acknowledge(number);
  }

  /** Takes out every message that the peer may not have, in order: the stream is at its end. */
  public List<M> drain() {
    var all = new ArrayList<M>((int) (last - acknowledged));
    for (long n = acknowledged + 1; n <= last; n++) {
      all.add(get(n));
    }
    ring = null;
    forgotten = last;
    acknowledged = last;
    cursor = last;
    bytes = 0;
    return all;
  }
}
