package dev.sente.server.channel;

import org.jspecify.annotations.Nullable;

/**
 * A packed message to send. One object may go to many connections: an adapter may keep what it made
 * of it (a frame with its header, say) in {@link #framed}, so that it is made once.
 */
public final class OutgoingMessage {

  private final byte[] bytes;
  private final boolean binary;

  /** Written by adapters only, with an immutable value; a race writes an equal one. */
  private volatile @Nullable Object framed;

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

  /** What an adapter kept; null at first. */
  public @Nullable Object framed() {
    return framed;
  }

  /** Keeps what the adapter made of this message. */
  public void keepFramed(Object made) {
    framed = made;
  }
}
