package dev.sente.testkit;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.server.channel.ChannelLimits;
import dev.sente.server.channel.HttpExchange;

/** An engine whose part the test plays: it keeps what it is handed. */
final class TckEngine implements ChannelEngine {

  static final int MAX_BYTES = 64 * 1024;

  final Told<HttpExchange> exchanges = new Told<>(this::settle);

  /** Set once, before any request. */
  private volatile Runnable settle = () -> {};

  void settleBy(RunningAdapter adapter) {
    settle = adapter::settle;
  }

  void settle() {
    settle.run();
  }

  @Override
  public String path() {
    return "/chsk";
  }

  @Override
  public ChannelLimits limits() {
    return new ChannelLimits(MAX_BYTES, MAX_BYTES);
  }

  @Override
  public void accept(HttpExchange exchange) {
    exchanges.add(exchange);
  }
}
