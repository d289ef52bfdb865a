package dev.sente.testkit;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.WebSocketListener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An adapter without a socket: what a test says as a client reaches the engine, and what the engine
 * answers is kept. Everything happens on the test's thread, when it lets the executor run.
 */
public final class InMemoryChannels {

  private final ChannelEngine engine;
  private final Executor executor;

  /**
   * Channels to this engine.
   *
   * @param executor runs what a web server's own thread would, as {@link FakeTime}
   */
  public InMemoryChannels(ChannelEngine engine, Executor executor) {
    this.engine = engine;
    this.executor = executor;
  }

  /** Sends a GET with this query, as {@code client-id=a&handshake?=1}. */
  public InMemoryAnswer get(String query, String... headers) {
    return http("GET", query, new byte[0], headers);
  }

  /** Sends a POST of a form, as {@code client-id=a&ppstr=…}, encoded already. */
  public InMemoryAnswer post(String form, String... headers) {
    var all = java.util.Arrays.copyOf(headers, headers.length + 2);
    all[headers.length] = "Content-Type";
    all[headers.length + 1] = "application/x-www-form-urlencoded;charset=UTF-8";
    return http("POST", null, form.getBytes(StandardCharsets.UTF_8), all);
  }

  /** Sends a request of any kind; headers as name, value, name, value … */
  public InMemoryAnswer http(
      String method, @Nullable String query, byte[] body, String... headers) {
    var answer = new InMemoryAnswer(request(method, query, body, headers));
    if (body.length > engine.limits().maxBodyBytes()) {
      answer.respond(HttpResponse.text(413, "Body too large"));
    } else {
      engine.accept(answer);
    }
    return answer;
  }

  /** Asks for a WebSocket with this query. */
  public InMemoryAnswer webSocket(String query, String... headers) {
    var upgrade =
        List.of("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Version", "13");
    var all = Stream.concat(Stream.of(headers), upgrade.stream()).toArray(String[]::new);
    return http("GET", query, new byte[0], all);
  }

  private HttpRequest request(
      String method, @Nullable String query, byte[] body, String... headers) {
    var byName = new TreeMap<String, List<String>>();
    for (int i = 0; i < headers.length; i += 2) {
      byName
          .computeIfAbsent(headers[i].toLowerCase(Locale.ROOT), name -> new ArrayList<>())
          .add(headers[i + 1]);
    }
    byName.putIfAbsent("host", List.of("server.test"));
    byName.replaceAll((name, values) -> List.copyOf(values));
    return new HttpRequest(
        method, engine.path(), query, Map.copyOf(byName), "192.0.2.1", false, body);
  }

  /** One request, and what came back. */
  public final class InMemoryAnswer implements HttpExchange {
    private final HttpRequest request;
    private @Nullable HttpResponse response;
    private @Nullable InMemorySocket socket;
    private @Nullable Runnable onAbort;
    private @Nullable Runnable onDone;
    private boolean aborted;

    private InMemoryAnswer(HttpRequest request) {
      this.request = request;
    }

    @Override
    public HttpRequest request() {
      return request;
    }

    @Override
    public void respond(HttpResponse given) {
      if (response == null && socket == null && !aborted) {
        response = given;
        tellDone();
      }
    }

    @Override
    public void acceptWebSocket(@Nullable String subprotocol, WebSocketListener listener) {
      if (response != null || socket != null || aborted) {
        return;
      }
      if (!"13".equals(request.header("sec-websocket-version"))) {
        response =
            HttpResponse.text(426, "Unknown version of WebSocket")
                .with(Map.of("Sec-WebSocket-Version", "13"));
        return;
      }
      socket = new InMemorySocket(listener, executor, engine.limits(), subprotocol);
      listener.onOpen(socket);
      tellDone();
    }

    private void tellDone() {
      if (onDone != null) {
        onDone.run();
      }
    }

    /** Runs the action once the server has answered or accepted the WebSocket. */
    public void whenDone(Runnable action) {
      onDone = action;
      if (response != null || socket != null) {
        action.run();
      }
    }

    /** Whether it became a WebSocket. */
    public boolean isSocket() {
      return socket != null;
    }

    @Override
    public void onAbort(Runnable told) {
      if (aborted) {
        told.run();
      } else {
        onAbort = told;
      }
    }

    /** The client goes away before the answer. */
    public void abort() {
      if (response == null && !aborted) {
        aborted = true;
        if (onAbort != null) {
          onAbort.run();
        }
      }
    }

    /** Whether an answer has come. */
    public boolean isAnswered() {
      return response != null;
    }

    /** The answer; fails where none has come. */
    public HttpResponse response() {
      if (response == null) {
        throw new AssertionError("no answer to " + request.method() + " " + request.rawQuery());
      }
      return response;
    }

    /** The answer's status; fails where none has come. */
    public int status() {
      return response().status();
    }

    /** The answer's body as text; fails where none has come. */
    public String text() {
      return new String(response().body(), StandardCharsets.UTF_8);
    }

    /** The WebSocket; fails where it was not accepted. */
    public InMemorySocket socket() {
      if (socket == null) {
        throw new AssertionError(
            response == null ? "no answer" : "refused: " + status() + " " + text());
      }
      return socket;
    }
  }
}
