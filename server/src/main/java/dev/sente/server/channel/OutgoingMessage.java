package dev.sente.server.channel;

/**
 * A packed message to send. Messages for many connections have the very same array, so that an
 * adapter may make a frame of it once.
 */
public final class OutgoingMessage {

  private final byte[] bytes;
  private final boolean binary;

  /** A message of these bytes, which must not be changed. */
  public OutgoingMessage(byte[] bytes, boolean binary) {
    this.bytes = bytes;
    this.binary = binary;
  }

  /** The packed bytes; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** Whether it is a binary message; otherwise text in UTF-8. */
  public boolean binary() {
    return binary;
  }
}
