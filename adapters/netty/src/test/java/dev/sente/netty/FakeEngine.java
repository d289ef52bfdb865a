package dev.sente.netty;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.server.channel.ChannelLimits;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpResponse;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * An engine that echoes: WebSocket messages, and bodies of POST. A GET is held if its query is
 * {@code hold}, refused 403 if it is {@code refuse}, answered with {@value #BIG} bytes if it is
 * {@code big}, and with its query otherwise.
 */
final class FakeEngine implements ChannelEngine {

  static final int BIG = 64 * 1024;

  static final ChannelLimits LIMITS = new ChannelLimits(64 * 1024, 64 * 1024);

  private final ChannelLimits limits;

  /** Requests that wait for the test to answer them. */
  final BlockingQueue<HttpExchange> held = new LinkedBlockingQueue<>();

  /** The queries of requests that were aborted. */
  final BlockingQueue<String> aborted = new LinkedBlockingQueue<>();

  final BlockingQueue<FakeListener> listeners = new LinkedBlockingQueue<>();

  FakeEngine() {
    this(LIMITS);
  }

  FakeEngine(ChannelLimits limits) {
    this.limits = limits;
  }

  @Override
  public String path() {
    return "/chsk";
  }

  @Override
  public ChannelLimits limits() {
    return limits;
  }

  @Override
  public void accept(HttpExchange exchange) {
    var request = exchange.request();
    String query = request.rawQuery() == null ? "" : request.rawQuery();
    if (query.startsWith("hold")) {
      exchange.onAbort(() -> aborted.add(query));
      held.add(exchange);
    } else if (query.equals("big")) {
      exchange.respond(new HttpResponse(200, Map.of(), new byte[BIG]));
    } else if (query.equals("refuse")) {
      exchange.respond(HttpResponse.text(403, "Refused"));
    } else if (request.isWebSocketUpgrade()) {
      var listener = new FakeListener(!query.equals("quiet"));
      listeners.add(listener);
      exchange.acceptWebSocket(
          request.header("sec-websocket-protocol") == null ? null : "sente.v2", listener);
    } else {
      exchange.respond(
          request.method().equals("POST")
              ? new HttpResponse(200, Map.of("Content-Type", "text/plain"), request.body())
              : HttpResponse.text(200, query));
    }
  }

  FakeListener listener() {
    return Await.next(listeners);
  }
}
