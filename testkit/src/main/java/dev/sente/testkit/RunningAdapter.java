package dev.sente.testkit;

/** An adapter that runs, as {@link AdapterTck} sees it. */
public interface RunningAdapter extends AutoCloseable {

  /** A new client, on a connection of its own. */
  RawClient connect();

  /** Lets all happen that is ready to, where the adapter runs in virtual time; else nothing. */
  default void settle() {}

  /** Ends all connections; returns when no listener will be called any more. */
  @Override
  void close();

  /**
   * A server that listens on a port of the loopback address.
   *
   * @param stop ends it, as {@link #close} says
   */
  static RunningAdapter onPort(int port, Runnable stop) {
    return new RunningAdapter() {
      @Override
      public RawClient connect() {
        return new SocketClient(port);
      }

      @Override
      public void close() {
        stop.run();
      }
    };
  }
}
