package dev.sente.client.simulation;

import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.client.net.Network;
import dev.sente.client.net.Socket;
import dev.sente.client.net.SocketCall;
import dev.sente.client.net.SocketListener;
import dev.sente.testkit.FakeTime;
import dev.sente.testkit.InMemoryChannels;
import dev.sente.testkit.InMemorySocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What lies between clients and server: everything takes time; WebSockets are cut or go silent or
 * do not open; requests and answers get lost, and requests come twice. All by a seed.
 */
final class SimulatedNetwork implements Network {

  private final FakeTime time;
  private final RandomGenerator random;
  private final Supplier<InMemoryChannels> server;
  private final Consumer<String> log;
  private final List<Line> lines = new ArrayList<>();

  /** The share of what is sent that gets lost; 0 once the network is healed. */
  private double lossRate;

  /** Whether WebSockets are let through at all. */
  private boolean socketsPass = true;

  SimulatedNetwork(
      FakeTime time,
      RandomGenerator random,
      Supplier<InMemoryChannels> server,
      Consumer<String> log) {
    this.time = time;
    this.random = random;
    this.server = server;
    this.log = log;
    this.lossRate = random.nextDouble() * 0.25;
  }

  void letSocketsPass(boolean now) {
    socketsPass = now;
  }

  /** No more faults from here on; what is dead already is found dead. */
  void heal() {
    lossRate = 0;
    socketsPass = true;
    for (var line : List.copyOf(lines)) {
      if (line.dead) {
        line.noticeByServer();
        line.noticeByClient(0);
      }
    }
  }

  /** All WebSockets break, each side noticing soon, late or never. */
  void breakLines() {
    List.copyOf(lines).forEach(Line::cut);
  }

  private long delay() {
    return random.nextInt(20) == 0 ? random.nextInt(2000) : random.nextInt(40);
  }

  private void after(long millis, Runnable task) {
    time.after(Duration.ofMillis(millis), task);
  }

  private boolean isLost() {
    return random.nextDouble() < lossRate;
  }

  private static String[] headersOf(Map<String, String> headers, String... more) {
    var all = new ArrayList<String>(List.of(more));
    headers.forEach(
        (name, value) -> {
          all.add(name);
          all.add(value);
        });
    return all.toArray(String[]::new);
  }

  // Requests.

  @Override
  public Runnable send(HttpCall call, Consumer<HttpAnswer> done) {
    var over = new AtomicBoolean();
    Consumer<HttpAnswer> once =
        answer -> {
          if (over.compareAndSet(false, true)) {
            done.accept(answer);
          }
        };
    var reached = new ArrayList<InMemoryChannels.InMemoryAnswer>();
    int times = lossRate > 0 && random.nextInt(25) == 0 ? 2 : 1;
    for (int i = 0; i < times; i++) {
      after(delay(), () -> deliver(call, once, reached));
    }
    return () -> {
      if (over.compareAndSet(false, true)) {
        after(delay(), () -> reached.forEach(InMemoryChannels.InMemoryAnswer::abort));
      }
    };
  }

  private void deliver(
      HttpCall call, Consumer<HttpAnswer> done, List<InMemoryChannels.InMemoryAnswer> reached) {
    if (isLost()) {
      log.accept("a request is lost");
      after(random.nextInt(5000), () -> done.accept(HttpAnswer.none(null)));
      return;
    }
    var body = call.body();
    log.accept((body == null ? "a poll comes: " : "a POST comes: ") + call.uri().getRawQuery());
    var answer =
        server
            .get()
            .http(
                body == null ? "GET" : "POST",
                call.uri().getRawQuery(),
                body == null ? new byte[0] : body,
                headersOf(call.headers()));
    reached.add(answer);
    if (isLost()) {
      log.accept("an answer will be lost");
      after(
          random.nextInt(30_000),
          () -> {
            if (random.nextBoolean()) {
              answer.abort();
            }
            done.accept(HttpAnswer.none(null));
          });
      return;
    }
    answer.whenDone(
        () ->
            after(
                delay(),
                () ->
                    done.accept(
                        new HttpAnswer(answer.status(), answer.response().body(), 0, null))));
  }

  // WebSockets.

  @Override
  public Socket open(SocketCall call, SocketListener listener) {
    var line = new Line(listener);
    lines.add(line);
    if (!socketsPass) {
      // Half of what does not let WebSockets pass says so, the other half is silent.
      if (random.nextBoolean()) {
        after(delay(), () -> line.noticeByClient(502));
      }
      return line;
    }
    after(
        delay(),
        () -> {
          if (isLost()) {
            after(random.nextInt(5000), () -> line.noticeByClient(0));
            return;
          }
          log.accept("a WebSocket comes: " + call.uri().getRawQuery());
          var answer =
              server
                  .get()
                  .webSocket(
                      call.uri().getRawQuery(),
                      headersOf(
                          call.headers(),
                          "Sec-WebSocket-Protocol",
                          String.join(", ", call.subprotocols())));
          answer.whenDone(
              () -> {
                if (answer.isSocket()) {
                  line.attach(answer.socket());
                } else {
                  after(delay(), () -> line.noticeByClient(answer.status()));
                }
              });
        });
    return line;
  }

  /** A WebSocket with time between its ends. */
  private final class Line implements Socket {
    private final SocketListener listener;
    private final ArrayDeque<Runnable> arrived = new ArrayDeque<>();
    private long asked;
    private @Nullable InMemorySocket socket;
    private long lastUp;
    private long lastDown;
    private boolean dead;
    private boolean serverKnows;
    private boolean clientKnows;

    Line(SocketListener listener) {
      this.listener = listener;
    }

    private void attach(InMemorySocket opened) {
      socket = opened;
      if (dead || clientKnows) {
        opened.cut();
        return;
      }
      var subprotocol = opened.subprotocol();
      down(() -> listener.onOpen(subprotocol == null ? "" : subprotocol));
      opened.listen(
          bytes ->
              down(
                  () -> {
                    arrived.add(() -> listener.onMessage(bytes, false));
                    read();
                  }),
          code ->
              down(
                  () -> {
                    arrived.add(() -> end(() -> listener.onClosed(code, "")));
                    read();
                  }));
    }

    private void read() {
      while (asked > 0 && !clientKnows) {
        var next = arrived.poll();
        if (next == null) {
          return;
        }
        asked--;
        next.run();
      }
    }

    private void down(Runnable arrival) {
      lastDown = Math.max(lastDown, time.millis() + delay());
      after(
          lastDown - time.millis(),
          () -> {
            if (!dead && !clientKnows) {
              arrival.run();
            }
          });
    }

    private void up(Runnable arrival) {
      lastUp = Math.max(lastUp, time.millis() + delay());
      after(lastUp - time.millis(), arrival);
    }

    @Override
    public void request() {
      asked++;
      time.execute(this::read);
    }

    @Override
    public void send(byte[] message, boolean isBinary, Runnable sent) {
      up(
          () -> {
            var open = socket;
            if (!dead && open != null && open.isOpen()) {
              open.sendBytes(message, isBinary);
            }
          });
      after(
          random.nextInt(5) == 0 ? delay() : 0,
          () -> {
            if (!dead && !clientKnows) {
              sent.run();
            }
          });
    }

    @Override
    public void close(int code, String reason) {
      clientKnows = true;
      lines.remove(this);
      if (!dead) {
        up(this::noticeByServer);
      }
    }

    @Override
    public void abort() {
      close(1006, "");
    }

    /** Breaks: what is under way is gone. */
    void cut() {
      dead = true;
      log.accept("a line is cut");
      if (random.nextInt(3) > 0) {
        after(random.nextInt(3000), this::noticeByServer);
      }
      if (random.nextInt(3) > 0) {
        after(random.nextInt(3000), () -> noticeByClient(0));
      }
    }

    void noticeByServer() {
      var open = socket;
      if (!serverKnows && open != null) {
        serverKnows = true;
        if (open.isOpen()) {
          open.closeByClient(1006);
        }
      }
    }

    void noticeByClient(int status) {
      end(() -> listener.onFailed(status, 0, null));
    }

    private void end(Runnable told) {
      if (!clientKnows) {
        clientKnows = true;
        lines.remove(this);
        told.run();
      }
    }
  }
}
