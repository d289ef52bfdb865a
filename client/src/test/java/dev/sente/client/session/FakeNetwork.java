package dev.sente.client.session;

import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.client.net.Network;
import dev.sente.client.net.Socket;
import dev.sente.client.net.SocketCall;
import dev.sente.client.net.SocketListener;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A network whose other end is the test. Everything happens at once, when the test says so. */
final class FakeNetwork implements Network {

  final List<FakeSocket> sockets = new ArrayList<>();
  final List<FakeRequest> requests = new ArrayList<>();

  @Override
  public Runnable send(HttpCall call, Consumer<HttpAnswer> done) {
    var request = new FakeRequest(call, done);
    requests.add(request);
    return () -> request.aborted = true;
  }

  @Override
  public Socket open(SocketCall call, SocketListener listener) {
    var socket = new FakeSocket(call, listener);
    sockets.add(socket);
    return socket;
  }

  FakeSocket socket() {
    return sockets.getLast();
  }

  /** The newest request of a kind that is not answered. */
  FakeRequest request(String method) {
    for (int i = requests.size() - 1; i >= 0; i--) {
      var request = requests.get(i);
      if (request.method().equals(method) && request.isWaiting()) {
        return request;
      }
    }
    throw new AssertionError("no " + method + " waits");
  }

  boolean isWaiting(String method) {
    return requests.stream().anyMatch(r -> r.method().equals(method) && r.isWaiting());
  }

  /** A request under way. */
  static final class FakeRequest {
    final HttpCall call;
    private final Consumer<HttpAnswer> done;
    boolean aborted;
    boolean answered;

    FakeRequest(HttpCall call, Consumer<HttpAnswer> done) {
      this.call = call;
      this.done = done;
    }

    String method() {
      return call.body() == null ? "GET" : "POST";
    }

    String body() {
      var body = call.body();
      return body == null ? "" : new String(body, StandardCharsets.UTF_8);
    }

    /** A query parameter; null for none. */
    @Nullable String param(String name) {
      return paramIn(call.uri().getRawQuery(), name);
    }

    boolean isWaiting() {
      return !answered && !aborted;
    }

    void answer(String text) {
      answer(200, text, 0);
    }

    void answer(int status, String text, long retryAfterMillis) {
      end(new HttpAnswer(status, text.getBytes(StandardCharsets.UTF_8), retryAfterMillis, null));
    }

    void fail() {
      end(HttpAnswer.none(null));
    }

    /** Ends otherwise than by an answer that can be read. */
    void end(HttpAnswer answer) {
      answered = true;
      if (!aborted) {
        done.accept(answer);
      }
    }
  }

  static @Nullable String paramIn(@Nullable String query, String name) {
    for (var pair : (query == null ? "" : query).split("&", -1)) {
      var parts = pair.split("=", 2);
      if (URLDecoder.decode(parts[0], StandardCharsets.UTF_8).equals(name)) {
        return URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  /** A WebSocket's other end. */
  static final class FakeSocket implements Socket {
    final SocketCall call;
    final SocketListener listener;
    final List<String> sent = new ArrayList<>();
    private final ArrayDeque<byte[]> unread = new ArrayDeque<>();
    private final ArrayDeque<Runnable> taken = new ArrayDeque<>();
    private long asked;

    /** Whether the network takes what is sent; if not, {@link #take} does. */
    boolean takesAll = true;

    int closeCode = -1;
    boolean aborted;

    FakeSocket(SocketCall call, SocketListener listener) {
      this.call = call;
      this.listener = listener;
    }

    void open() {
      listener.onOpen(call.subprotocols().isEmpty() ? "" : call.subprotocols().getFirst());
    }

    void say(String text) {
      unread.add(text.getBytes(StandardCharsets.UTF_8));
      deliver();
    }

    private void deliver() {
      while (asked > 0 && !unread.isEmpty()) {
        asked--;
        listener.onMessage(unread.remove(), false);
      }
    }

    int unread() {
      return unread.size();
    }

    /** The network takes what has been sent so far. */
    void take() {
      while (!taken.isEmpty()) {
        taken.remove().run();
      }
    }

    List<String> takeSent() {
      var all = List.copyOf(sent);
      sent.clear();
      return all;
    }

    @Override
    public void request() {
      asked++;
      deliver();
    }

    @Override
    public void send(byte[] message, boolean isBinary, Runnable done) {
      sent.add(new String(message, StandardCharsets.UTF_8));
      if (takesAll) {
        done.run();
      } else {
        taken.add(done);
      }
    }

    @Override
    public void close(int code, String reason) {
      if (closeCode < 0) {
        closeCode = code;
      }
    }

    @Override
    public void abort() {
      aborted = true;
    }
  }
}
