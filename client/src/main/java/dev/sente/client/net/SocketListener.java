package dev.sente.client.net;

import org.jspecify.annotations.Nullable;

/** Hears of a WebSocket, one thing after the other. Either of the last two is the last to come. */
public interface SocketListener {

  /** It is open. */
  void onOpen(String subprotocol);

  /** A message came, one for each that was asked for. */
  void onMessage(byte[] message, boolean isBinary);

  /** A message came that is too long, and has been passed over. */
  void onOversized();

  /** The server closed it. */
  void onClosed(int code, String reason);

  /**
   * It could not be opened, or broke.
   *
   * @param status the HTTP status with which the server refused it; 0 for any other cause
   * @param retryAfterMillis when the server wants to be asked again; 0 where it did not say
   */
  void onFailed(int status, long retryAfterMillis, @Nullable Throwable cause);
}
