package dev.sente.example;

import dev.sente.event.Event;
import dev.sente.netty.NettyServer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.gate.CsrfToken;
import dev.sente.server.router.IncomingEvent;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The reference example: all that a page and a server can do with each other, on one screen. */
public final class ExampleServer {

  record Ping(int n) {}

  record Say(@Nullable String to, @Nullable String text) {} // null is what a client leaves out

  record Said(@Nullable String from, String text) {}

  record Quick(int n, int of) {}

  record Switch(boolean on) {}

  record Rate(int percent) {}

  record Level(String level) {}

  record Tick(long n) {}

  record Users(List<String> any, List<String> webSocket, List<String> ajax) {}

  record Welcome(Settings settings, Users users) {}

  private final BrowserSessions browsers = new BrowserSessions();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Settings settings = Settings.AT_FIRST; // changed under the lock

  private final ChannelSocketServer chsk =
      ChannelSocketServer.builder()
          .packers(JsonPacker.create(), EdnPacker.create())
          .csrfToken(request -> CsrfToken.expected(browsers.csrfToken(request.http())))
          .userId(request -> browsers.userId(request.http()))
          .handshakeData(request -> new Welcome(settings, users()))
          .build();

  private ExampleServer() {
    chsk.on("example/ping", Ping.class, (ping, event) -> event.reply(ping));
    chsk.on("example/say", Say.class, this::say);
    chsk.on("example/test-broadcast", event -> testBroadcast());
    chsk.on("example/connected-users", event -> event.reply(users()));
    chsk.on("example/broadcast-loop", Switch.class, (loop, event) -> event.reply(setLoop(loop)));
    chsk.on("example/bad-connections", Rate.class, (rate, event) -> event.reply(setRate(rate)));
    chsk.on("example/log-level", Level.class, (level, event) -> event.reply(setLevel(level)));

    chsk.connectedUsers().onChange(change -> chsk.broadcast(Event.of("example/users", users())));
  }

  private void say(Say say, IncomingEvent event) {
    var to = say.to();
    var text = say.text();
    if (to == null || text == null) {
      event.replyError("incomplete", "expected to and text");
      return;
    }
    var said = Event.of("example/said", new Said(event.uid(), text));
    if (to.isEmpty()) {
      chsk.broadcast(said);
      event.reply("said to everyone");
    } else {
      chsk.push(to, said); // to all clients of that user
      event.reply("said to " + to);
    }
  }

  private void testBroadcast() {
    for (int n = 1; n <= 100; n++) {
      chsk.broadcast(Event.of("example/quick", new Quick(n, 100)));
    }
  }

  private Settings setLoop(Switch loop) {
    return set(now -> now.withBroadcastLoop(loop.on()));
  }

  private Settings setRate(Rate rate) {
    int percent = Math.clamp(rate.percent(), 0, 100);
    chsk.simulateBadConnections(percent / 100.0);
    return set(now -> now.withBadConnectionPercent(percent));
  }

  private Settings setLevel(Level level) {
    var name = LogLevel.set(level.level());
    return set(now -> now.withLogLevel(name));
  }

  /** Changes the settings, and tells everyone. */
  private Settings set(UnaryOperator<Settings> change) {
    lock.lock();
    try {
      settings = change.apply(settings);
      chsk.broadcast(Event.of("example/settings", settings));
      return settings;
    } finally {
      lock.unlock();
    }
  }

  private Users users() {
    var users = chsk.connectedUsers();
    return new Users(sorted(users.any()), sorted(users.webSocket()), sorted(users.ajax()));
  }

  private static List<String> sorted(Set<String> uids) {
    return uids.stream().sorted().toList();
  }

  /** The broadcast loop: an event a second to everyone, while it is switched on. */
  private void broadcastTicks() throws InterruptedException {
    for (long n = 1; true; n++) {
      Thread.sleep(Duration.ofSeconds(1));
      if (settings.broadcastLoop()) {
        chsk.broadcast(Event.of("example/tick", new Tick(n)));
      }
    }
  }

  /** Runs the example until it is interrupted; {@code --port N}, {@code --host NAME}. */
  public static void main(String[] args) throws InterruptedException {
    var address = Address.of(args);
    var example = new ExampleServer();
    var pages = new Pages(example.browsers);
    var server =
        Start.orEnd(
            NettyServer.builder()
                .engine(example.chsk)
                .fallback(pages)
                .host(address.host())
                .port(address.port()));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  example.chsk.close(); // tells every client, so that none waits in vain
                  server.close();
                }));
    System.out.println("The example is at http://localhost:" + server.port() + "/");
    example.broadcastTicks();
  }
}
