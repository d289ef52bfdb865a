package dev.sente.netty;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.server.channel.HttpExchange;

/** Where a path's requests go: to an engine, or to the application's own pages. */
interface Door {

  /** The largest body in bytes; beyond it a request is answered 413. */
  int maxBodyBytes();

  /** The largest WebSocket message in bytes. */
  int maxMessageBytes();

  /** Takes a whole request; returns at once. Called on the connection's event loop. */
  void accept(HttpExchange exchange);

  /** The door to an engine. */
  record ToEngine(ChannelEngine engine) implements Door {

    @Override
    public int maxBodyBytes() {
      return engine.limits().maxBodyBytes();
    }

    @Override
    public int maxMessageBytes() {
      return engine.limits().maxMessageBytes();
    }

    @Override
    public void accept(HttpExchange exchange) {
      engine.accept(exchange);
    }
  }
}
