package dev.sente.stream;

/**
 * The receiving half of a stream: tells new messages from those seen before, and when to
 * acknowledge. What number a message has is counted by the connection that brought it. Not for
 * several threads at once.
 */
public final class Inbound {

  /** How many messages may be unacknowledged at most (V9). */
  public static final int MAX_UNTOLD = 128;

  private long received;
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

  /** Whether to tell the peer at once. */
  public boolean isTellingDue() {
    return untold() >= MAX_UNTOLD;
  }

  /** Notes that the peer is being told of all that was accepted. */
  public void tell() {
    told = received;
  }

  /** Whether messages before this number are missing. */
  public boolean isGap(long number) {
    return number > received + 1;
  }

  /** Accepts the message of this number: true if it is new, false if it was seen before (V7). */
  public boolean accept(long number) {
    if (isGap(number)) {
      throw new IllegalStateException(
          "message " + number + " came, " + (received + 1) + " is missing");
    }
    if (number <= received) {
      return false;
    }
    received = number;
    return true;
  }
}
