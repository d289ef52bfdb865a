package dev.sente.server.channel;

/** An open WebSocket. Any thread may call it; nothing here blocks or throws. */
public interface WebSocketConnection {

  /**
   * Asks for one call of {@link WebSocketListener#onWritable}, soon, on the connection's own
   * thread, once it can take bytes.
   *
   * <p>C10: requests made before that call are one request. C11: a connection that has more than a
   * modest amount of unsent bytes is not writable; the call comes when it has drained. C12: what is
   * sent within the call is flushed together, after it. This is where batching comes from: all that
   * was pushed since the request leaves in one frame and one system call.
   */
  void requestWrite();

  /**
   * Sends one message. C13: messages leave in the order of the calls. Made within {@link
   * WebSocketListener#onWritable}, or from anywhere for a short answer of the protocol. After the
   * connection has closed it does nothing.
   */
  void send(OutgoingMessage message);

  /**
   * Closes after what was sent has left, with a close frame (RFC 6455, section 5.5.1). C14: the TCP
   * connection is ended once the peer has answered, or after 2 s; {@link
   * WebSocketListener#onClosed} is called in either case.
   *
   * @param code the close code
   * @param reason up to 123 bytes of UTF-8
   */
  void close(int code, String reason);

  /** Ends the TCP connection at once, without a close frame. */
  void terminate();

  /** C15: stops or resumes reading; while stopped, TCP's window pushes back on the peer. */
  void setReading(boolean reading);
}
