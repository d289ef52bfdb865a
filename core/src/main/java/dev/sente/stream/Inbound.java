package dev.sente.stream;

/**
 * The receiving half of a stream: tells new messages from those seen before, and when to
 * acknowledge. Not for several threads at once.
 */
public final class Inbound {

  /** How many messages may be unacknowledged at most (V9). */
  public static final int ACKNOWLEDGE_AT = 32;

  private long received;
  private long position;
  private long told;

  /** A stream of which nothing was received. */
  public Inbound() {}

  /** How many messages were accepted. */
  public long received() {
    return received;
  }

  /** How many accepted messages the peer has not been told of. */
  public long untold() {
    return received - told;
  }

  /** Notes that the peer is being told of all that was accepted. */
  public void tell() {
    told = received;
  }

  /**
   * Begins with a connection whose first message has the number base + 1.
   *
   * @return false if messages before that one are missing (V19)
   */
  public boolean startAt(long base) {
    if (base > received || base < 0) {
      return false;
    }
    position = base;
    return true;
  }

  /** Counts the present connection's next message: true if it is new, false if seen before. */
  public boolean next() {
    position++;
    if (position <= received) {
      return false;
    }
    received = position;
    return true;
  }

  /** Whether the present connection's next message would be new. */
  public boolean nextIsNew() {
    return position + 1 > received;
  }
}
