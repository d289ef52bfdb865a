package dev.sente.client.session;

/** What a connection is given. Nothing is told any more once it is closed or abandoned. */
interface Link {

  Access access();

  /** If this attempt fails, another transport carries on. */
  boolean hasFallback();

  /** A session goes on by another connection, and this one is to take over when it opens. */
  boolean isProbe();

  /** The server has shaken hands. */
  void opened(Greeting greeting);

  /** The connection has ended, by itself; it will be closed now. Only the first call counts. */
  void closed(Life.Close close);
}
