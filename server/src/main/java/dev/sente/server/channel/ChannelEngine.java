package dev.sente.server.channel;

/** The engine's one door in: what an adapter calls. Any thread may call it. */
public interface ChannelEngine {

  /** The path that belongs to the engine, as {@code /chsk}. An adapter hands in just this one. */
  String path();

  /** Bounds that the adapter must hold, since it is the one that reads. */
  ChannelLimits limits();

  /**
   * Takes a whole HTTP request, its body included, of any method.
   *
   * <p>C1: returns at once; never blocks, never throws. C2: the answer is exactly one call of
   * {@link HttpExchange#respond} or {@link HttpExchange#acceptWebSocket}, made now or later and by
   * any thread, unless the exchange told that it was aborted.
   */
  void accept(HttpExchange exchange);
}
