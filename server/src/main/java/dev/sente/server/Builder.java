package dev.sente.server;

import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.Round;
import dev.sente.server.gate.AllowedOrigins;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.gate.CsrfToken;
import dev.sente.server.gate.GateRules;
import dev.sente.server.router.Router;
import dev.sente.time.Time;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up a {@link ChannelSocketServer}. Hooks may block; they are called by many threads at once.
 * What each option bounds, and in what unit, is told at {@link ServerOptions}.
 */
public final class Builder {

  private static final Logger log = LoggerFactory.getLogger(ChannelSocketServer.class);

  private String path = "/chsk";
  private List<Packer> packers = List.of();
  private Function<ConnectRequest, @Nullable HttpResponse> reject = request -> null;
  private Function<ConnectRequest, CsrfToken> csrfToken = request -> CsrfToken.skip();
  private AllowedOrigins origins = AllowedOrigins.sameOrigin();
  private Predicate<ConnectRequest> authorized = request -> true;
  private Function<ConnectRequest, HttpResponse> unauthorized =
      request -> HttpResponse.text(401, "Unauthorized request");
  private Function<ConnectRequest, @Nullable String> userId = request -> null;
  private Function<ConnectRequest, @Nullable Object> handshakeData = request -> null;
  private Duration webSocketKeepAlive = Duration.ofSeconds(25);
  private Duration webSocketPingTimeout = Duration.ofSeconds(10);
  private Duration longPollTimeout = Duration.ofSeconds(20);
  private Duration webSocketReconnectGrace = Duration.ofMillis(2500);
  private Duration ajaxReconnectGrace = Duration.ofSeconds(5);
  private Duration webSocketBatchWindow = Duration.ZERO;
  private Duration ajaxBatchWindow = Duration.ofMillis(5);
  private int maxMessageBytes = 1024 * 1024;
  private int outboxMessages = 4096;
  private int outboxBytes = 4 * 1024 * 1024;
  private Duration resumeWindow = Duration.ofMinutes(2);
  private int detachedMessages = 1024;
  private int detachedBytes = 1024 * 1024;
  private int inboxEvents = 64;
  private int sessionsPerUser = 100;
  private int sessionsPerAddress = 1000;
  private Function<HttpRequest, @Nullable String> clientAddress = HttpRequest::remoteAddress;
  private Consumer<Dropped> onDropped = Builder::logDropped;
  private Time time = Time.system();
  private Executor executor = Round.virtualThreads();
  private RandomGenerator random = RandomGenerator.getDefault();
  private RandomGenerator secrets = new SecureRandom();

  Builder() {}

  /** The URL's path. Default {@code /chsk}. */
  public Builder path(String path) {
    this.path = path;
    return this;
  }

  /**
   * The packers that clients may ask for; the first is for those that do not say. Default edn,
   * json, msgpack, and each of them in gzip.
   */
  public Builder packers(Packer... packers) {
    this.packers = List.of(packers);
    return this;
  }

  /** Whose request this is; null for nobody's. It may use the client-id. Default nobody's. */
  public Builder userId(Function<ConnectRequest, @Nullable String> userId) {
    this.userId = userId;
    return this;
  }

  /**
   * Asked before every other hook: an answer refuses the request, null lets it pass. Default null.
   */
  public Builder reject(Function<ConnectRequest, @Nullable HttpResponse> reject) {
    this.reject = reject;
    return this;
  }

  /** Which token a request must bring. Default none: the check of origins guards by itself. */
  public Builder csrfToken(Function<ConnectRequest, CsrfToken> csrfToken) {
    this.csrfToken = csrfToken;
    return this;
  }

  /** Which web pages may connect. Default those of the server's own origin. */
  public Builder allowedOrigins(AllowedOrigins origins) {
    this.origins = origins;
    return this;
  }

  /** Whether a request may pass at all. Default: it may. */
  public Builder authorized(Predicate<ConnectRequest> authorized) {
    this.authorized = authorized;
    return this;
  }

  /** The answer where it may not. Default 401. */
  public Builder unauthorized(Function<ConnectRequest, HttpResponse> unauthorized) {
    this.unauthorized = unauthorized;
    return this;
  }

  /** What a client gets with its handshake. Default nothing. */
  public Builder handshakeData(Function<ConnectRequest, @Nullable Object> handshakeData) {
    this.handshakeData = handshakeData;
    return this;
  }

  /** A silent WebSocket is pinged after half of this. Default 25 s; zero for never. */
  public Builder webSocketKeepAlive(Duration webSocketKeepAlive) {
    this.webSocketKeepAlive = webSocketKeepAlive;
    return this;
  }

  /** How long a ping may go unanswered. Default 10 s. */
  public Builder webSocketPingTimeout(Duration webSocketPingTimeout) {
    this.webSocketPingTimeout = webSocketPingTimeout;
    return this;
  }

  /** How long a poll is held. Default 20 s; below 60 s. */
  public Builder longPollTimeout(Duration longPollTimeout) {
    this.longPollTimeout = longPollTimeout;
    return this;
  }

  /** How long a user stays connected after its last WebSocket closed. Default 2.5 s. */
  public Builder webSocketReconnectGrace(Duration webSocketReconnectGrace) {
    this.webSocketReconnectGrace = webSocketReconnectGrace;
    return this;
  }

  /**
   * The same after its last poll; a classic client that takes longer to its next one loses what
   * waits. For its first one a client has 5 s in any case. Default 5 s.
   */
  public Builder ajaxReconnectGrace(Duration ajaxReconnectGrace) {
    this.ajaxReconnectGrace = ajaxReconnectGrace;
    return this;
  }

  /** How long at most a push over a WebSocket waits for others. Default zero. */
  public Builder webSocketBatchWindow(Duration webSocketBatchWindow) {
    this.webSocketBatchWindow = webSocketBatchWindow;
    return this;
  }

  /** How long at most a held poll's answer waits for more pushes. Default 5 ms. */
  public Builder ajaxBatchWindow(Duration ajaxBatchWindow) {
    this.ajaxBatchWindow = ajaxBatchWindow;
    return this;
  }

  /**
   * The largest message from a client, and to one, in bytes as packed. Default 1 MiB, as clients
   * have it: one that gets a larger message stays away for good.
   */
  public Builder maxMessageBytes(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
    return this;
  }

  /** How many messages may wait for one client. Default 4096. */
  public Builder outboxMessages(int outboxMessages) {
    this.outboxMessages = outboxMessages;
    return this;
  }

  /** How many bytes may wait for one client. Default 4 MiB. */
  public Builder outboxBytes(int outboxBytes) {
    this.outboxBytes = outboxBytes;
    return this;
  }

  /**
   * How many of a client's events may wait for handlers, of 16 times {@link #maxMessageBytes} at
   * most; 16 times as many, of twice the bytes, while the server waits for an answer of the
   * client's. Default 64.
   */
  public Builder inboxEvents(int inboxEvents) {
    this.inboxEvents = inboxEvents;
    return this;
  }

  /** How many clients one user may have at once. Default 100. */
  public Builder sessionsPerUser(int sessionsPerUser) {
    this.sessionsPerUser = sessionsPerUser;
    return this;
  }

  /**
   * How many clients may come from one address, loopback aside; of IPv6, from one network of 64
   * bits. Default 1000.
   */
  public Builder sessionsPerAddress(int sessionsPerAddress) {
    this.sessionsPerAddress = sessionsPerAddress;
    return this;
  }

  /**
   * The address that counts, where a trusted proxy tells it; null for the TCP peer's. A port behind
   * it is not counted. Give it a header that the proxy overwrites, or the last entry of one that it
   * appends to: what stands first in {@code X-Forwarded-For} is what the client likes. Default the
   * TCP peer's.
   */
  public Builder clientAddress(Function<HttpRequest, @Nullable String> clientAddress) {
    this.clientAddress = clientAddress;
    return this;
  }

  /** Told of what was accepted and could not be delivered. Default logs it. */
  public Builder onDropped(Consumer<Dropped> onDropped) {
    this.onDropped = onDropped;
    return this;
  }

  /** Clock and alarms. Default the system's. */
  public Builder time(Time time) {
    this.time = time;
    return this;
  }

  /**
   * Runs hooks and handlers; its threads may block. What it rejects or fails at is logged, and runs
   * on a virtual thread, or a little later where there is no memory for one. Default virtual
   * threads, of which several clients' events may share one where none of them blocks: what a
   * handler puts into a ThreadLocal it should take out again.
   *
   * <p>An adapter may have threads that cost less: {@code LoopThreads} of Netty's. {@code
   * Runnable::run} runs hooks and handlers where the request or event was read, on an event loop,
   * and is for such that never block: one that does stops all clients of its event loop.
   */
  public Builder executor(Executor executor) {
    this.executor = executor;
    return this;
  }

  /** Where chance is needed. Default the platform's. */
  public Builder random(RandomGenerator random) {
    this.random = random;
    return this;
  }

  /** How long a v2 session without connection is kept, after its user's grace. Default 2 min. */
  public Builder resumeWindow(Duration resumeWindow) {
    this.resumeWindow = resumeWindow;
    return this;
  }

  /**
   * How many messages may wait for a v2 client without connection, and still when it is back.
   * Default 1024.
   */
  public Builder detachedMessages(int detachedMessages) {
    this.detachedMessages = detachedMessages;
    return this;
  }

  /**
   * How many bytes may wait for a v2 client without connection, and still when it is back. Default
   * 1 MiB.
   */
  public Builder detachedBytes(int detachedBytes) {
    this.detachedBytes = detachedBytes;
    return this;
  }

  /** Makes session tokens; for tests that must repeat. Default a SecureRandom. */
  public Builder secrets(RandomGenerator secrets) {
    this.secrets = secrets;
    return this;
  }

  /**
   * The server.
   *
   * @throws IllegalArgumentException if an option is out of its bounds; the message names it
   */
  public ChannelSocketServer build() {
    var router = new Router(time);
    var options =
        new ServerOptions(
            path,
            handshakeData,
            webSocketKeepAlive,
            webSocketPingTimeout,
            longPollTimeout,
            webSocketReconnectGrace,
            ajaxReconnectGrace,
            webSocketBatchWindow,
            ajaxBatchWindow,
            maxMessageBytes,
            outboxMessages,
            outboxBytes,
            resumeWindow,
            detachedMessages,
            detachedBytes,
            inboxEvents,
            sessionsPerUser,
            sessionsPerAddress,
            onDropped,
            time,
            new SureExecutor(executor, router, time),
            random,
            secrets);
    var rules =
        new GateRules(reject, csrfToken, origins, authorized, unauthorized, userId, clientAddress);
    return new ChannelSocketServer(options, router, rules, packersByName());
  }

  /** A client that does not come back is everyday's; one that is too slow may be a fault. */
  private static void logDropped(Dropped dropped) {
    if (dropped.reason() == Dropped.Reason.GONE) {
      log.info("could not deliver: {}", dropped);
    } else {
      log.warn("could not deliver: {}", dropped);
    }
  }

  /** All that core has; a decompressed message is bounded like any other. */
  private List<Packer> defaultPackers() {
    List<Packer> plain = List.of(EdnPacker.DEFAULT, JsonPacker.DEFAULT, MsgpackPacker.DEFAULT);
    var all = new ArrayList<>(plain);
    for (var packer : plain) {
      all.add(GzipPacker.of(packer, maxMessageBytes));
    }
    return List.copyOf(all);
  }

  private Map<String, Packer> packersByName() {
    var byName = new LinkedHashMap<String, Packer>();
    for (var packer : packers.isEmpty() ? defaultPackers() : packers) {
      if (byName.put(packer.name(), packer) != null) {
        throw new IllegalArgumentException("packers has two named " + packer.name());
      }
    }
    return byName;
  }
}
