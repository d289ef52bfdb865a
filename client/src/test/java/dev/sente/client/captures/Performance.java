package dev.sente.client.captures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.ClientOptionsBuilder;
import dev.sente.client.Protocol;
import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.client.net.Network;
import dev.sente.client.net.Socket;
import dev.sente.client.net.SocketCall;
import dev.sente.client.net.SocketListener;
import dev.sente.packer.Packer;
import dev.sente.testkit.FakeTime;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Plays a recorded server to the client, in virtual time, and compares what the client says. */
final class Performance {

  private final Packer packer;
  private final FakeTime time = new FakeTime();
  private final ArrayDeque<Said> said = new ArrayDeque<>();
  private final Map<Integer, Peer> peers = new HashMap<>();
  private final Set<Integer> closedByServer = new HashSet<>();

  /** Answers that were given before their time. */
  private final Set<Recording.Entry> early = new HashSet<>();

  /** Callback ids: the recorded one, and the client's. */
  private final Map<String, String> ids = new LinkedHashMap<>();

  private @Nullable ChannelSocketClient client;

  Performance(Packer packer) {
    this.packer = packer;
  }

  /** What the client said, and where. */
  private record Said(String line, Peer by) {}

  /** The other end of what the client opened. */
  private sealed interface Peer {}

  /** A client for the scenes until the next one; it is not connected yet. */
  ChannelSocketClient client(UnaryOperator<ClientOptionsBuilder> options) {
    var builder =
        ClientOptions.builder()
            .protocol(Protocol.CLASSIC)
            .packer(packer)
            .wsKeepAlive(Duration.ZERO)
            .time(time)
            .executor(time)
            .random(() -> 0)
            .network(new PlayedNetwork())
            .onError((error, where) -> {});
    client =
        ChannelSocketClient.open(
            URI.create("http://127.0.0.1/chsk"), options.apply(builder).build());
    return client;
  }

  /** The one of the last call. */
  ChannelSocketClient client() {
    return Objects.requireNonNull(client);
  }

  /**
   * Plays a whole recording.
   *
   * @param script what the application does in each scene, each when the recording needs it
   * @param cuts the scenes that end after so many messages of the client's, since it goes on
   *     otherwise than the recorded one
   */
  void play(Recording recording, Map<String, List<Runnable>> script, Map<String, Integer> cuts) {
    for (var scene : recording.scenes()) {
      try {
        play(
            scene,
            new ArrayDeque<>(script.getOrDefault(scene.title(), List.of())),
            cuts.getOrDefault(scene.title(), Integer.MAX_VALUE));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("in the scene \"" + scene.title() + "\": " + e.getMessage(), e);
      }
    }
    client().close();
    time.advance(Duration.ZERO);
  }

  private void play(Recording.Scene scene, ArrayDeque<Runnable> steps, int cutAfter) {
    int messages = 0;
    long last = scene.entries().isEmpty() ? 0 : scene.entries().getFirst().at();
    for (var entry : scene.entries()) {
      if (messages == cutAfter && entry.isByClient()) {
        break;
      }
      time.advance(Duration.ofMillis(entry.at() - last));
      last = entry.at();
      var peer = peers.get(entry.connection());
      if (entry.isKind("tcp-fin")) {
        if (entry.isEndByClient() && peer instanceof Request request && !request.isAnswered) {
          givesUp(request, steps);
        }
      } else if (entry.isByClient()) {
        // The platform itself answers a server's closing frame.
        if (!entry.isClose() || !closedByServer.contains(entry.connection())) {
          says(entry, scene, steps);
          messages++;
        }
      } else if (!early.remove(entry)) {
        deliver(entry, peer);
      }
    }
    while (!steps.isEmpty()) {
      next(steps);
    }
    assertThat(said).as("what else is said").isEmpty();
  }

  private void next(ArrayDeque<Runnable> steps) {
    if (!steps.isEmpty()) {
      steps.remove().run();
      time.advance(Duration.ZERO);
    }
  }

  private void givesUp(Request request, ArrayDeque<Runnable> steps) {
    if (!request.isGivenUp) {
      next(steps);
    }
    if (!request.isGivenUp) {
      // The recorded clocks of client and recorder are not the same to the millisecond.
      time.advance(Duration.ofMillis(10));
    }
    assertThat(request.isGivenUp).as("the request is given up").isTrue();
  }

  private void says(Recording.Entry entry, Recording.Scene scene, ArrayDeque<Runnable> steps) {
    while (said.isEmpty() && !steps.isEmpty()) {
      next(steps);
    }
    if (said.isEmpty()) {
      answerEarly(scene);
    }
    assertThat(said).as("expected \"%s\"", entry.line()).isNotEmpty();
    var own = said.remove();
    assertThat(Lines.own(own.line())).isEqualTo(Lines.recorded(entry.line()));
    var callback = Lines.callback(entry.line());
    if (!callback.isEmpty()) {
      ids.put(callback, Lines.callback(own.line()));
    }
    peers.put(entry.connection(), own.by());
  }

  /**
   * The recorded client sent POSTs side by side; this one waits for the answer to the one before.
   */
  private void answerEarly(Recording.Scene scene) {
    for (var entry : scene.entries()) {
      if (entry.isKind("http-response")
          && !early.contains(entry)
          && peers.get(entry.connection()) instanceof Request request
          && !request.isAnswered
          && request.call.body() != null) {
        early.add(entry);
        deliver(entry, request);
        return;
      }
    }
  }

  private void deliver(Recording.Entry entry, @Nullable Peer peer) {
    switch (peer) {
      case PlayedSocket socket -> {
        if (entry.isKind("http-response")) {
          if (entry.status() == 101) {
            socket.listener.onOpen("");
          } else if (!socket.isOver) {
            socket.isOver = true;
            socket.listener.onFailed(entry.status(), 0, null);
          }
        } else if (entry.isClose()) {
          if (!socket.isOver) {
            socket.isOver = true;
            closedByServer.add(entry.connection());
            socket.listener.onClosed(entry.closeCode(), "");
          }
        } else if (!socket.isOver) {
          socket.listener.onMessage(Lines.withIds(entry.payload(), ids), packer.isBinary());
        }
      }
      case Request request when !request.isAnswered -> {
        request.isAnswered = true;
        if (!request.isGivenUp) {
          request.done.accept(new HttpAnswer(entry.status(), entry.body(), 0, null));
        }
      }
      case Request request -> throw new AssertionError("answered twice: " + request.call);
      case null -> throw new AssertionError("nobody is there for " + entry);
    }
    time.advance(Duration.ZERO);
  }

  private final class PlayedNetwork implements Network {

    @Override
    public Runnable send(HttpCall call, Consumer<HttpAnswer> done) {
      var request = new Request(call, done);
      var query = call.uri().getRawQuery();
      var body = call.body();
      said.add(
          new Said(
              Lines.ofRequest(
                  body == null ? "GET" : "POST",
                  query == null ? "" : "?" + query,
                  request::header,
                  body == null ? "" : Lines.ofPacked(body)),
              request));
      return () -> request.isGivenUp = true;
    }

    @Override
    public Socket open(SocketCall call, SocketListener listener) {
      var socket = new PlayedSocket(listener);
      said.add(new Said("upgrade ?" + call.uri().getRawQuery(), socket));
      return socket;
    }
  }

  private static final class Request implements Peer {
    final HttpCall call;
    final Consumer<HttpAnswer> done;
    boolean isAnswered;
    boolean isGivenUp;

    Request(HttpCall call, Consumer<HttpAnswer> done) {
      this.call = call;
      this.done = done;
    }

    String header(String name) {
      return call.headers().entrySet().stream()
          .filter(header -> header.getKey().equalsIgnoreCase(name))
          .map(Map.Entry::getValue)
          .findFirst()
          .orElse("");
    }
  }

  private final class PlayedSocket implements Peer, Socket {
    final SocketListener listener;
    boolean isOver;

    PlayedSocket(SocketListener listener) {
      this.listener = listener;
    }

    @Override
    public void request() {}

    @Override
    public void send(byte[] message, boolean isBinary, Runnable sent) {
      assertThat(isBinary).isEqualTo(packer.isBinary());
      said.add(new Said(Lines.ofPacked(message), this));
      sent.run();
    }

    @Override
    public void close(int code, String reason) {
      if (!isOver) {
        isOver = true;
        said.add(new Said("close " + code + " " + reason, this));
      }
    }

    @Override
    public void abort() {
      isOver = true;
    }
  }
}
