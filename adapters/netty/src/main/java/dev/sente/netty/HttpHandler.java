package dev.sente.netty;

import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;

/**
 * Answers requests to the application's own pages.
 *
 * <p>Called on a virtual thread for each request, so it may block; many at once.
 */
@FunctionalInterface
public interface HttpHandler {

  /**
   * The answer to a request. {@code Content-Length} and {@code Date} are added to it.
   *
   * @throws Exception logged, and answered 500 without its message
   */
  HttpResponse handle(HttpRequest request) throws Exception;
}
