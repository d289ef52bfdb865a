package dev.sente.server.channel;

import org.jspecify.annotations.Nullable;

/** One HTTP request that waits for its answer. Any thread may call it. */
public interface HttpExchange {

  /** The request. */
  HttpRequest request();

  /**
   * Answers the request.
   *
   * <p>C5: never blocks. C6: the first answer counts; a later one, or one after an abort, does
   * nothing. C7: the connection stays open for the next request as HTTP says.
   */
  void respond(HttpResponse response);

  /**
   * Answers with {@code 101 Switching Protocols}. Only for a request whose {@link
   * HttpRequest#isWebSocketUpgrade()} is true.
   *
   * <p>C8: then calls {@link WebSocketListener#onOpen} once, before anything else; or, where the
   * handshake fails, answers the request as RFC 6455 says and never calls the listener. Nor does it
   * where the peer is gone already, which only {@link #onAbort} tells.
   *
   * @param subprotocol what to select of {@code Sec-WebSocket-Protocol}; null for none
   * @param listener told of all that happens on the connection
   */
  void acceptWebSocket(@Nullable String subprotocol, WebSocketListener listener);

  /**
   * Asks to be told, at once, when the peer goes away before the answer.
   *
   * <p>C9: called at most once, and never after the answer was written; called right away if the
   * peer is gone already.
   */
  void onAbort(Runnable aborted);
}
