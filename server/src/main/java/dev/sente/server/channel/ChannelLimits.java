package dev.sente.server.channel;

/**
 * Bounds that an adapter holds.
 *
 * @param maxMessageBytes the largest WebSocket message in bytes, all its fragments together. C3:
 *     beyond it the adapter calls {@link WebSocketListener#onOversized} once and reads no further
 * @param maxBodyBytes the largest HTTP body in bytes (a form-encoded message takes up to three
 *     times its size). C4: beyond it the adapter answers 413 by itself and closes the connection
 */
public record ChannelLimits(int maxMessageBytes, int maxBodyBytes) {

  /** Checks the bounds. */
  public ChannelLimits {
    if (maxMessageBytes < 1 || maxBodyBytes < 1) {
      throw new IllegalArgumentException(
          "limits must be positive, were " + maxMessageBytes + " and " + maxBodyBytes);
    }
  }
}
