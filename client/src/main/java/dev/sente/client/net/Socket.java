package dev.sente.client.net;

/**
 * A WebSocket. Not for several threads at once; nothing here blocks or throws. What is done after
 * its end does nothing.
 */
public interface Socket {

  /** Lets one more message come. At first none may. */
  void request();

  /**
   * Sends a message, after those before it.
   *
   * @param sent called when the network has taken it, on any thread; not called after the end
   */
  void send(byte[] message, boolean isBinary, Runnable sent);

  /** Closes by a closing handshake, after what is under way. Its listener hears no more. */
  void close(int code, String reason);

  /** Ends the TCP connection. Its listener hears no more. */
  void abort();
}
