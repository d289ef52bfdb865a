package dev.sente.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.server.Builder;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.Dropped;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.gate.CsrfToken;
import dev.sente.server.router.IncomingEvent;
import dev.sente.testkit.FaultProxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A scene under way: a server with its application, a network that can be broken, and clients. */
final class Stage implements AutoCloseable {

  static final String UP = "scene/up";
  static final String DOWN = "scene/down";

  /** What came from a client, handled. */
  record Heard(String id, @Nullable Object data, @Nullable String uid) {}

  /** For data that is bound. */
  record Said(String text, int number) {}

  final Setting setting;
  final Watch watch = new Watch();
  final FaultProxy network;
  final List<Dropped> dropped = new CopyOnWriteArrayList<>();

  /** How many requests there were, WebSockets' among them. */
  final AtomicInteger requests = new AtomicInteger();

  /** How many requests have come that get no answer. */
  final AtomicInteger unanswered = new AtomicInteger();

  /** The CSRF token that requests must bring; null for none. */
  volatile @Nullable String csrfToken;

  /** What must stand in the header {@code Authorization}; null for nothing. */
  volatile @Nullable String authorization;

  /** Whether WebSockets are refused, as some networks do. */
  volatile boolean isWebSocketBlocked;

  private final TestedClients clients;
  private final Function<ChannelSocketServer, ServerOnPort> serve;
  private final UnaryOperator<Builder> options;
  private final List<Heard> heard = new CopyOnWriteArrayList<>();

  /** Who was last behind a client-id. */
  private final Map<String, String> users = new ConcurrentHashMap<>();

  private final List<Actor> actors = new ArrayList<>();
  private ChannelSocketServer server;
  private ServerOnPort running;

  Stage(
      Setting setting,
      TestedClients clients,
      Function<ChannelSocketServer, ServerOnPort> serve,
      UnaryOperator<Builder> options) {
    this.setting = setting;
    this.clients = clients;
    this.serve = serve;
    this.options = options;
    this.server = application();
    this.running = serve.apply(server);
    this.network = FaultProxy.to(running.port());
  }

  private ChannelSocketServer application() {
    var builder =
        ChannelSocketServer.builder()
            .packers(setting.packer())
            .userId(this::userOf)
            .handshakeData(request -> Map.of("motd", "hello"))
            .reject(
                request -> {
                  requests.incrementAndGet();
                  watch.tell();
                  return isWebSocketBlocked && request.isWebSocket()
                      ? HttpResponse.text(502, "no WebSockets here")
                      : null;
                })
            .csrfToken(
                request -> csrfToken == null ? CsrfToken.skip() : CsrfToken.expected(csrfToken))
            .authorized(
                request ->
                    authorization == null
                        || request.header("authorization").orElse("").equals(authorization))
            .onDropped(dropped::add);
    var chsk = options.apply(builder).build();
    chsk.onError((event, error) -> {});
    chsk.on("scene/echo", event -> event.reply(event.data()));
    chsk.on("scene/fail", event -> event.replyError("nope", "not today"));
    chsk.on(
        "scene/never",
        event -> {
          unanswered.incrementAndGet();
          watch.tell();
        });
    chsk.on("scene/bound", Said.class, (said, event) -> event.reply(said.number() + 1));
    chsk.on(
        "scene/throw",
        event -> {
          throw new IllegalStateException("as asked for");
        });
    chsk.on(UP, this::hear);
    return chsk;
  }

  /** In classic mode the POSTs of long-polling bring no parameters: they are their client's. */
  private @Nullable String userOf(ConnectRequest request) {
    var uid = request.param("uid");
    if (setting.classic() && request.http().method().equals("POST")) {
      return users.get(request.clientId());
    }
    if (uid.isPresent()) {
      users.put(request.clientId(), uid.get());
    }
    return uid.orElse(null);
  }

  private void hear(IncomingEvent event) {
    heard.add(new Heard(event.id(), Plain.of(event.data()), event.uid()));
    watch.tell();
  }

  ChannelSocketServer server() {
    return server;
  }

  /** How clients are made unless a scene says otherwise. */
  TestedOptions options() {
    return new TestedOptions(
        setting.type(),
        setting.classic(),
        setting.packer(),
        "client-1",
        Credentials.of("ann"),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        100_000);
  }

  /** A client of ann's, that begins to connect. */
  Actor client() {
    return client(options());
  }

  Actor client(TestedOptions options) {
    var actor = new Actor(watch);
    actors.add(actor);
    var uri = URI.create("http://127.0.0.1:" + network.port() + "/chsk");
    actor.plays(clients.connect(uri, options, actor));
    return actor;
  }

  /** A client of ann's that is connected, and known to be. */
  Actor openClient() throws Exception {
    return openClient(options());
  }

  Actor openClient(TestedOptions options) throws Exception {
    var actor = client(options);
    actor.nextOpen();
    isPresent(options.credentials().uid());
    return actor;
  }

  void isPresent(@Nullable String uid) throws InterruptedException {
    if (uid != null) {
      until(uid + " is connected", () -> server.connectedUsers().any().contains(uid));
    }
  }

  void push(String uid, @Nullable Object data) {
    server.push(uid, Event.of(DOWN, data));
  }

  /** What has come from clients. */
  List<Heard> heard() {
    return List.copyOf(heard);
  }

  /** The data of what has come from clients. */
  List<@Nullable Object> heardData() {
    var data = new ArrayList<@Nullable Object>();
    heard().forEach(event -> data.add(event.data()));
    return data;
  }

  /** Waits until so many events have come from clients. */
  void hears(int events) throws InterruptedException {
    watch.until(
        () -> events + " events at the server, has " + heard.size() + "; " + actors,
        () -> heard.size() >= events);
  }

  void until(String what, BooleanSupplier isSo) throws InterruptedException {
    watch.until(() -> what + "; " + actors, isSo);
  }

  /** The numbers from 1 on. */
  static List<@Nullable Object> numbers(int count) {
    var numbers = new ArrayList<@Nullable Object>();
    for (long i = 1; i <= count; i++) {
      numbers.add(i);
    }
    return numbers;
  }

  /** The network is gone: connections end, and there will be no others. */
  void cutOff() {
    network.refuse(true);
    network.breakAll(dev.sente.testkit.Fault.Kind.CUT);
  }

  /** The server's process ends, and another one takes its place. */
  void restartServer() {
    var before = server;
    var beforeRunning = running;
    server = application();
    running = serve.apply(server);
    network.target(running.port());
    before.close();
    beforeRunning.stop().run();
    network.breakAll(dev.sente.testkit.Fault.Kind.CUT);
  }

  /** Nothing came twice or out of order, either way. */
  void allCame(Actor actor, int up, int down) throws InterruptedException {
    hears(up);
    actor.hears(down);
    assertThat(heardData()).as("at the server").isEqualTo(numbers(up));
    assertThat(actor.data()).as("at the client").isEqualTo(numbers(down));
  }

  @Override
  public void close() {
    actors.forEach(actor -> actor.client().close());
    network.close();
    server.close();
    running.stop().run();
  }
}
