package dev.sente.netty;

import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpResponse;
import java.util.concurrent.Executor;

/**
 * The door to the application's own pages.
 *
 * @param executor where the handler may block: a virtual thread for each request. Connections bound
 *     their number, since each has one request at a time
 */
record ApplicationDoor(HttpHandler handler, int maxBodyBytes, Executor executor) implements Door {

  @Override
  public int maxMessageBytes() {
    return 1; // No WebSocket opens here.
  }

  @Override
  public void accept(HttpExchange exchange) {
    executor.execute(() -> exchange.respond(answer(exchange)));
  }

  private HttpResponse answer(HttpExchange exchange) {
    try {
      return handler.handle(exchange.request());
    } catch (Exception e) {
      NettyServer.LOG.error("A page's handler has thrown", e);
    } catch (StackOverflowError e) {
      NettyServer.LOG.error("A page's handler has overflown its stack", e);
    }
    return HttpResponse.text(500, "Internal error");
  }
}
