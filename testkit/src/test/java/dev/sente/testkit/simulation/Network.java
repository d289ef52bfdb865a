package dev.sente.testkit.simulation;

import dev.sente.testkit.FakeTime;
import dev.sente.testkit.InMemoryChannels;
import dev.sente.testkit.InMemorySocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What lies between the clients and the server: everything takes time, WebSockets are cut or go
 * silent, requests and answers get lost, requests come twice.
 */
final class Network {

  private final FakeTime time;
  private final RandomGenerator random;
  private final Supplier<InMemoryChannels> server;
  private final Consumer<String> log;
  private final List<Link> links = new ArrayList<>();

  /** The share of requests and answers that get lost; 0 once the network is healed. */
  private double lossRate;

  Network(
      FakeTime time,
      RandomGenerator random,
      Supplier<InMemoryChannels> server,
      Consumer<String> log) {
    this.time = time;
    this.random = random;
    this.server = server;
    this.log = log;
    this.lossRate = random.nextDouble() * 0.3;
  }

  /** No more faults from here on; what is dead already is found dead. */
  void heal() {
    lossRate = 0;
    for (var link : List.copyOf(links)) {
      if (link.dead) {
        link.noticeBoth();
      }
    }
  }

  /** All connections break, as when a server is restarted. */
  void cutAll() {
    List.copyOf(links).forEach(link -> link.cut(0, random.nextInt(300)));
  }

  private Duration delay() {
    int kind = random.nextInt(20);
    return Duration.ofMillis(kind == 0 ? random.nextInt(2000) : random.nextInt(40));
  }

  private boolean lost() {
    return random.nextDouble() < lossRate;
  }

  /** What a client sees of a WebSocket. */
  interface Listener {
    void opened(Link link);

    void message(Link link, byte[] bytes);

    void closed(Link link, int code);
  }

  /** Opens a WebSocket; the listener is told of its opening or its failure. */
  void webSocket(String query, String protocols, Listener listener) {
    var link = new Link(listener);
    links.add(link);
    time.after(
        delay(),
        () -> {
          if (lost()) {
            link.cut(0, random.nextInt(5000));
            return;
          }
          var answer = server.get().webSocket(query, "Sec-WebSocket-Protocol", protocols);
          answer.whenDone(
              () -> {
                if (answer.isSocket()) {
                  link.attach(answer.socket());
                } else {
                  link.cut(0, random.nextInt(100));
                }
              });
        });
  }

  /** A WebSocket with time between its ends. */
  final class Link {
    private final Listener listener;
    private @Nullable InMemorySocket socket;
    private long lastUp;
    private long lastDown;
    private boolean dead;
    private boolean serverKnows;
    private boolean clientKnows;

    private Link(Listener listener) {
      this.listener = listener;
    }

    private void attach(InMemorySocket opened) {
      socket = opened;
      if (dead) {
        opened.cut();
        return;
      }
      down(() -> listener.opened(this));
      opened.listen(
          bytes -> down(() -> listener.message(this, bytes)),
          code -> down(() -> noticeByClient(code)));
    }

    private void down(Runnable arrival) {
      lastDown = Math.max(lastDown, time.millis() + delay().toMillis());
      time.after(
          Duration.ofMillis(lastDown - time.millis()),
          () -> {
            if (!dead && !clientKnows) {
              arrival.run();
            }
          });
    }

    /** The client sends. */
    void send(byte[] bytes) {
      lastUp = Math.max(lastUp, time.millis() + delay().toMillis());
      time.after(
          Duration.ofMillis(lastUp - time.millis()),
          () -> {
            var open = socket;
            if (!dead && open != null && open.isOpen()) {
              open.sendBytes(bytes, false);
            }
          });
    }

    /** The client closes; what it sent before still arrives. */
    void close() {
      clientKnows = true;
      lastUp = Math.max(lastUp, time.millis() + delay().toMillis());
      time.after(Duration.ofMillis(lastUp - time.millis()), () -> noticeByServer(1000));
      links.remove(this);
    }

    /** Breaks: what is under way is gone; a negative time means that a side never notices. */
    void cut(int serverNoticesMillis, int clientNoticesMillis) {
      dead = true;
      if (serverNoticesMillis >= 0) {
        time.after(Duration.ofMillis(serverNoticesMillis), () -> noticeByServer(1006));
      }
      if (clientNoticesMillis >= 0) {
        time.after(Duration.ofMillis(clientNoticesMillis), () -> noticeByClient(1006));
      }
    }

    private void noticeBoth() {
      noticeByServer(1006);
      noticeByClient(1006);
    }

    private void noticeByServer(int code) {
      var open = socket;
      if (!serverKnows && open != null) {
        serverKnows = true;
        if (open.isOpen()) {
          open.closeByClient(code);
        }
      }
    }

    private void noticeByClient(int code) {
      if (!clientKnows) {
        clientKnows = true;
        links.remove(this);
        listener.closed(this, code);
      }
    }

    /** The client's end stops or goes on taking bytes. */
    void stall(boolean now) {
      var open = socket;
      if (open != null) {
        open.stall(now);
      }
    }
  }

  /**
   * Sends an HTTP request.
   *
   * @param done given the status and the body; -1 where the request or its answer got lost
   */
  void http(
      String method,
      String query,
      byte[] body,
      BiConsumer<Integer, byte[]> done,
      String... headers) {
    var once = new Once(done);
    int times = lossRate > 0 && random.nextInt(20) == 0 ? 2 : 1;
    if (times == 2) {
      log.accept("a request comes twice");
    }
    for (int i = 0; i < times; i++) {
      time.after(delay(), () -> deliver(method, query, body, once, headers));
    }
  }

  private void deliver(String method, String query, byte[] body, Once done, String... headers) {
    if (lost()) {
      log.accept("a request is lost");
      time.after(Duration.ofMillis(random.nextInt(5000)), () -> done.accept(-1, new byte[0]));
      return;
    }
    var reached = server.get();
    var answer = reached.http(method, query, body, headers);
    if (lost()) {
      log.accept("an answer will be lost");
      time.after(
          Duration.ofMillis(random.nextInt(30_000)),
          () -> {
            if (random.nextBoolean()) {
              answer.abort();
            }
            done.accept(-1, new byte[0]);
          });
      return;
    }
    answer.whenDone(
        () -> time.after(delay(), () -> done.accept(answer.status(), answer.response().body())));
  }

  /** Passes the first call on. */
  private static final class Once {
    private final BiConsumer<Integer, byte[]> done;
    private boolean called;

    Once(BiConsumer<Integer, byte[]> done) {
      this.done = done;
    }

    void accept(int status, byte[] body) {
      if (!called) {
        called = true;
        done.accept(status, body);
      }
    }
  }
}
