package dev.sente.client.session;

/**
 * One connection, by whatever carries it. It lives once: when it was closed or abandoned it says
 * and does nothing any more. Touched by the mailbox only.
 */
interface Connection {

  /** Sends what waits, as far as it can now. Before the handshake that is nothing. */
  void flush();

  /** Takes more from the server if the inbox has room again, or may be fuller than before. */
  void resume();

  /** Finds out whether the server is still there; if not, its end is reported soon. */
  void check();

  /** Tells the server that the client will not come back. */
  void farewell();

  /** Ends it, or frees what it holds after its end. This is not reported. */
  void close(int code, String reason);

  /** Ends it without a word to the server, as a lost network does. */
  void abandon();
}
