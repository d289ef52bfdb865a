package dev.sente.server.channel;

/**
 * What happens on a WebSocket. Called by the adapter, one call at a time per connection, in the
 * order of events; returns at once and never throws.
 */
public interface WebSocketListener {

  /** The connection is open. */
  void onOpen(WebSocketConnection connection);

  /**
   * A whole message. Control frames never come here: the adapter answers a ping by itself.
   *
   * @param bytes the payload, handed over
   * @param binary whether it was a binary message; otherwise text, and valid UTF-8
   */
  void onMessage(byte[] bytes, boolean binary);

  /**
   * Bytes of a message have come that is not complete: the peer is alive, however long the message
   * takes. Once per read at most.
   */
  default void onArriving() {}

  /** A message went beyond {@link ChannelLimits#maxMessageBytes}; nothing more is read. */
  void onOversized();

  /** The connection can take bytes, and {@link WebSocketConnection#requestWrite} had asked. */
  void onWritable();

  /**
   * The connection is gone. C16: called exactly once after {@link #onOpen}, whatever the cause, and
   * last of all.
   *
   * @param code the peer's close code; 1005 where its close frame had none, 1006 without a close
   *     frame
   * @param reason the peer's reason; empty for none
   */
  void onClosed(int code, String reason);
}
