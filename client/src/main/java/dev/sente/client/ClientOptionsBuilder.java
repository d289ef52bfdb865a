package dev.sente.client;

import dev.sente.client.net.JavaNetwork;
import dev.sente.client.net.Network;
import dev.sente.packer.Packer;
import dev.sente.packer.json.JsonPacker;
import dev.sente.time.Time;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets up {@link ClientOptions}. What each option means, in what unit and with which default, is
 * told there.
 */
public final class ClientOptionsBuilder {

  private static final Logger log = LoggerFactory.getLogger(ChannelSocketClient.class);

  private TransportChoice type = TransportChoice.AUTO;
  private Protocol protocol = Protocol.V2;
  private Packer packer = JsonPacker.DEFAULT;
  private @Nullable String clientId;
  private Supplier<Map<String, String>> params = Map::of;
  private Supplier<Map<String, String>> headers = Map::of;
  private Supplier<@Nullable String> csrfToken = () -> null;
  private Supplier<@Nullable String> authorization = () -> null;
  private Duration wsKeepAlive = Duration.ofSeconds(20);
  private Duration wsPingTimeout = Duration.ofSeconds(5);
  private Duration handshakeTimeout = Duration.ofSeconds(5);
  private Duration pollTimeout = Duration.ofSeconds(60);
  private Duration requestTimeout = Duration.ofSeconds(10);
  private int maxQueuedMessages = 1024;
  private int maxQueuedBytes = 1024 * 1024;
  private int maxMessageBytes = 1024 * 1024;
  private int inboxEvents = 64;
  private ErrorHandler onError = (error, where) -> log.warn("{}: {}", where, error, error);
  private Executor executor = Shared.EXECUTOR;
  private Time time = Time.system();
  private InstantSource dates = InstantSource.system();
  private RandomGenerator random = RandomGenerator.getDefault();
  private @Nullable Network network;
  private @Nullable HttpClient httpClient;
  private @Nullable CookieHandler cookies;
  private @Nullable SSLContext tls;
  private @Nullable ProxySelector proxy;

  ClientOptionsBuilder() {}

  /** What carries the events. */
  public ClientOptionsBuilder type(TransportChoice type) {
    this.type = type;
    return this;
  }

  /** The wire protocol. */
  public ClientOptionsBuilder protocol(Protocol protocol) {
    this.protocol = protocol;
    return this;
  }

  /** How values are packed. */
  public ClientOptionsBuilder packer(Packer packer) {
    this.packer = packer;
    return this;
  }

  /** Names this client among the user's others; not for options that several clients share. */
  public ClientOptionsBuilder clientId(String clientId) {
    this.clientId = clientId;
    return this;
  }

  /** Query parameters of every request. */
  public ClientOptionsBuilder params(Map<String, String> params) {
    return params(() -> params);
  }

  /** The same, asked anew for each connection. */
  public ClientOptionsBuilder params(Supplier<Map<String, String>> params) {
    this.params = params;
    return this;
  }

  /** Headers of every request. */
  public ClientOptionsBuilder headers(Map<String, String> headers) {
    return headers(() -> headers);
  }

  /** The same, asked anew for each connection. */
  public ClientOptionsBuilder headers(Supplier<Map<String, String>> headers) {
    this.headers = headers;
    return this;
  }

  /** The CSRF token, asked anew for each connection; null for none. */
  public ClientOptionsBuilder csrfToken(Supplier<@Nullable String> csrfToken) {
    this.csrfToken = csrfToken;
    return this;
  }

  /**
   * The value of the header {@code Authorization}, as {@code Bearer …}, asked anew for each
   * connection; null for none.
   */
  public ClientOptionsBuilder authorization(Supplier<@Nullable String> authorization) {
    this.authorization = authorization;
    return this;
  }

  /** Classic mode: ping a server that is silent for so long. */
  public ClientOptionsBuilder wsKeepAlive(Duration wsKeepAlive) {
    this.wsKeepAlive = wsKeepAlive;
    return this;
  }

  /** Classic mode: how long a ping may go unanswered. */
  public ClientOptionsBuilder wsPingTimeout(Duration wsPingTimeout) {
    this.wsPingTimeout = wsPingTimeout;
    return this;
  }

  /** How long a WebSocket may take to bring a handshake. */
  public ClientOptionsBuilder handshakeTimeout(Duration handshakeTimeout) {
    this.handshakeTimeout = handshakeTimeout;
    return this;
  }

  /** How long a poll may stay unanswered. */
  public ClientOptionsBuilder pollTimeout(Duration pollTimeout) {
    this.pollTimeout = pollTimeout;
    return this;
  }

  /** How long a request waits for its answer unless it says so itself. */
  public ClientOptionsBuilder requestTimeout(Duration requestTimeout) {
    this.requestTimeout = requestTimeout;
    return this;
  }

  /** How many messages may wait to be sent or acknowledged. */
  public ClientOptionsBuilder maxQueuedMessages(int maxQueuedMessages) {
    this.maxQueuedMessages = maxQueuedMessages;
    return this;
  }

  /** How many bytes of messages may wait to be sent or acknowledged. */
  public ClientOptionsBuilder maxQueuedBytes(int maxQueuedBytes) {
    this.maxQueuedBytes = maxQueuedBytes;
    return this;
  }

  /** How long a frame of the server may be, in bytes. */
  public ClientOptionsBuilder maxMessageBytes(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
    return this;
  }

  /** How many events may wait for handlers. */
  public ClientOptionsBuilder inboxEvents(int inboxEvents) {
    this.inboxEvents = inboxEvents;
    return this;
  }

  /** Is told what goes wrong without anybody waiting for it. */
  public ClientOptionsBuilder onError(ErrorHandler onError) {
    this.onError = onError;
    return this;
  }

  /**
   * Runs handlers and suppliers, and completes futures; its threads may block, as long as one is
   * left for the completions that handlers wait for. What it rejects is reported, and runs on a
   * virtual thread, as does what it runs on the thread that brings it.
   */
  public ClientOptionsBuilder executor(Executor executor) {
    this.executor = executor;
    return this;
  }

  /**
   * The HTTP client to use, with its cookies, TLS, proxy, authenticator and executor. Default one
   * for the whole process, with a thread of its own and virtual ones.
   */
  public ClientOptionsBuilder httpClient(HttpClient httpClient) {
    this.httpClient = httpClient;
    return this;
  }

  /**
   * Keeps cookies. As {@link #tls} and {@link #proxy} it makes an HTTP client for these options.
   */
  public ClientOptionsBuilder cookies(CookieHandler cookies) {
    this.cookies = cookies;
    return this;
  }

  /** Whom to trust, and as whom to be known, over TLS. Default the platform's. */
  public ClientOptionsBuilder tls(SSLContext tls) {
    this.tls = tls;
    return this;
  }

  /** Which proxy to go by. Default the platform's ({@link ProxySelector#getDefault}). */
  public ClientOptionsBuilder proxy(ProxySelector proxy) {
    this.proxy = proxy;
    return this;
  }

  /** What carries requests and WebSockets in place of an HTTP client; for tests. */
  public ClientOptionsBuilder network(Network network) {
    this.network = network;
    return this;
  }

  /** Clock and alarms. */
  public ClientOptionsBuilder time(Time time) {
    this.time = time;
    return this;
  }

  /** Tells the dates in the state. */
  public ClientOptionsBuilder dates(InstantSource dates) {
    this.dates = dates;
    return this;
  }

  /** Where chance is needed. */
  public ClientOptionsBuilder random(RandomGenerator random) {
    this.random = random;
    return this;
  }

  /**
   * The options.
   *
   * @throws IllegalArgumentException if one is out of its bounds, or {@code httpClient} is given
   *     together with what would make another; the message names it
   */
  public ClientOptions build() {
    return new ClientOptions(
        type,
        protocol,
        packer,
        clientId,
        params,
        headers,
        csrfToken,
        authorization,
        wsKeepAlive,
        wsPingTimeout,
        handshakeTimeout,
        pollTimeout,
        requestTimeout,
        maxQueuedMessages,
        maxQueuedBytes,
        maxMessageBytes,
        inboxEvents,
        onError,
        executor,
        networkChosen(),
        time,
        dates,
        random);
  }

  private Network networkChosen() {
    boolean isOwn = cookies != null || tls != null || proxy != null;
    if ((network != null || httpClient != null) && isOwn) {
      throw new IllegalArgumentException(
          "cookies, tls and proxy are the httpClient's own where one is given");
    }
    if (network != null) {
      return network;
    }
    if (httpClient != null) {
      return JavaNetwork.of(httpClient);
    }
    if (!isOwn) {
      return Shared.NETWORK;
    }
    var own = Shared.httpClient();
    if (cookies != null) {
      own.cookieHandler(cookies);
    }
    if (tls != null) {
      own.sslContext(tls);
    }
    if (proxy != null) {
      own.proxy(proxy);
    }
    return JavaNetwork.of(own.build());
  }

  /** What all clients of the process share unless told otherwise. */
  private static final class Shared {

    static final Executor EXECUTOR = Executors.newVirtualThreadPerTaskExecutor();

    static final Network NETWORK = JavaNetwork.of(httpClient().build());

    /**
     * HTTP/1.1, since a cleartext request that offers HTTP/2 is itself an upgrade; and the longest
     * wait for a TCP connection, so that none hangs for minutes.
     */
    static HttpClient.Builder httpClient() {
      return HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .executor(EXECUTOR);
    }
  }
}
