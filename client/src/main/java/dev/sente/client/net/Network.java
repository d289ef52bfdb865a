package dev.sente.client.net;

import java.util.function.Consumer;

/**
 * What carries requests and WebSockets. The default is {@link JavaNetwork}; tests bring one of
 * their own.
 *
 * <p>Called by any thread; nothing here may block or throw. Call-backs come on any thread, even
 * within the call that they answer, and return soon.
 */
public interface Network {

  /**
   * Sends a request.
   *
   * @param done told once how it ended, unless it is given up before
   * @return gives the request up: its connection is closed, and nobody is told any more
   */
  Runnable send(HttpCall call, Consumer<HttpAnswer> done);

  /**
   * Opens a WebSocket.
   *
   * @return the socket, which takes nothing but its end before it is open
   */
  Socket open(SocketCall call, SocketListener listener);
}
