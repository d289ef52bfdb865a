package dev.sente.netty;

import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpResponse;
import java.util.concurrent.Executor;

/**
 * The door to the application's own pages.
 *
 * @param executor where the handler may block: a virtual thread for each request. A connection has
 *     one at a time, but a page whose peer has gone runs to its end: who asks and leaves again and
 *     again has as many as its pages take time
 */
record ApplicationDoor(HttpHandler handler, int maxBodyBytes, Executor executor) implements Door {

  @Override
  public int maxMessageBytes() {
    return 1; // No WebSocket opens here.
  }

  @Override
  public void accept(HttpExchange exchange) {
    executor.execute(() -> answer(exchange));
  }

  /** Answers whatever happens: a request that waits for its page has no time limit. */
  private void answer(HttpExchange exchange) {
    var answer = HttpResponse.text(500, "Internal error");
    try {
      answer = handler.handle(exchange.request());
    } catch (Exception | StackOverflowError | AssertionError | LinkageError e) {
      NettyServer.LOG.error("A page's handler has thrown", e);
    } finally {
      exchange.respond(answer);
    }
  }
}
