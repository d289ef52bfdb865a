package dev.sente.client.net;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The network by an {@link HttpClient}, which any number of clients may share: it has one thread
 * for all its connections, and those of its executor for what comes.
 */
public final class JavaNetwork implements Network {

  private static final long MAX_RETRY_AFTER_SECONDS = 86_400;

  private final HttpClient http;

  private JavaNetwork(HttpClient http) {
    this.http = http;
  }

  /** The network by this client. */
  public static JavaNetwork of(HttpClient http) {
    return new JavaNetwork(http);
  }

  @Override
  public Runnable send(HttpCall call, Consumer<HttpAnswer> done) {
    var over = new AtomicBoolean();
    CompletableFuture<HttpResponse<byte[]>> sent;
    try {
      sent = http.sendAsync(requestOf(call), BoundedBody.handler(call.maxBytes()));
    } catch (RuntimeException e) {
      sent = CompletableFuture.failedFuture(e);
    }
    sent.whenComplete(
        (response, error) -> {
          if (over.compareAndSet(false, true)) {
            done.accept(answerOf(response, error));
          }
        });
    var cancelled = sent;
    return () -> {
      over.set(true);
      cancelled.cancel(true);
    };
  }

  private static HttpRequest requestOf(HttpCall call) {
    var request = HttpRequest.newBuilder(call.uri());
    call.headers().forEach(request::setHeader);
    var body = call.body();
    return body == null
        ? request.GET().build()
        : request.POST(BodyPublishers.ofByteArray(body)).build();
  }

  private static HttpAnswer answerOf(
      @Nullable HttpResponse<byte[]> response, @Nullable Throwable error) {
    if (response == null) {
      return HttpAnswer.none(causeOf(error));
    }
    return new HttpAnswer(
        response.statusCode(), response.body(), retryAfter(response.headers()), null);
  }

  @Override
  public Socket open(SocketCall call, SocketListener listener) {
    var socket = new JavaSocket(listener, call.maxBytes());
    try {
      var builder = http.newWebSocketBuilder();
      call.headers().forEach(builder::header);
      var offered = call.subprotocols();
      if (!offered.isEmpty()) {
        builder.subprotocols(
            offered.getFirst(), offered.subList(1, offered.size()).toArray(String[]::new));
      }
      socket.openedBy(builder.buildAsync(call.uri(), socket));
    } catch (RuntimeException e) {
      listener.onFailed(0, 0, e);
    }
    return socket;
  }

  /** What a future's failure is about. */
  static @Nullable Throwable causeOf(@Nullable Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }

  /** The header {@code Retry-After} where it is a number of seconds, in ms; a day at most. */
  static long retryAfter(HttpHeaders headers) {
    var text = headers.firstValue("retry-after").orElse("").strip();
    if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return 0;
    }
    return 1000 * Math.min(MAX_RETRY_AFTER_SECONDS, Long.parseLong(text));
  }
}
