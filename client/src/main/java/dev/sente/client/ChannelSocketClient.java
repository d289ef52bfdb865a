package dev.sente.client;

import dev.sente.client.session.ClientSession;
import dev.sente.event.Event;
import dev.sente.wire.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client's end of the channel: events both ways between this process and a server, over a
 * WebSocket or, where that does not get through, HTTP long-polling. It comes back by itself when a
 * connection breaks, and in v2 loses and repeats nothing.
 *
 * <pre>{@code
 * record Said(String text) {}
 *
 * try (var chsk = ChannelSocketClient.connect(URI.create("https://example.org/chsk"))) {
 *   chsk.on("chat/said", Said.class, (said, event) -> show(said.text()));
 *   chsk.send("chat/typing");
 *   var reply = chsk.request("chat/say", Map.of("text", "hi")).join();
 *   if (reply instanceof Reply.Value value) { … }
 * }
 * }</pre>
 *
 * <p>For any thread; nothing here blocks. Handlers run one at a time and in order, see {@link
 * EventHandler}. No thread of a client's keeps the process alive, unless the {@code executor} or
 * {@code httpClient} it was given does: a {@code main} that only listens must wait for something.
 */
public final class ChannelSocketClient implements AutoCloseable {

  private final ClientSession session;

  private ChannelSocketClient(ClientSession session) {
    this.session = session;
  }

  /** Connects with the default options. */
  public static ChannelSocketClient connect(URI uri) {
    return connect(uri, ClientOptions.defaults());
  }

  /**
   * Begins to connect, and returns at once; what is sent meanwhile waits.
   *
   * @param uri the server's, of the scheme http, https, ws or wss; which of a pair does not matter
   * @throws IllegalArgumentException if the URI is not of one of these schemes, or has no host
   */
  public static ChannelSocketClient connect(URI uri, ClientOptions options) {
    var client = open(uri, options);
    client.connect();
    return client;
  }

  /**
   * A client that does not connect before {@link #connect()}: for who must have handlers there
   * before the first event can come.
   *
   * @throws IllegalArgumentException as {@link #connect(URI, ClientOptions)}
   */
  public static ChannelSocketClient open(URI uri, ClientOptions options) {
    return new ChannelSocketClient(new ClientSession(uri, options));
  }

  /** What can be known of the connection now. */
  public ClientState state() {
    return session.state();
  }

  /** Names this client among the user's others. */
  public String clientId() {
    return session.clientId();
  }

  /**
   * Calls the handler for each event of this id that the server sends, in the order sent.
   *
   * @throws IllegalArgumentException if the id is not {@code namespace/name}
   */
  public Registration on(String id, EventHandler handler) {
    return session.handlers().on(id, handler);
  }

  /**
   * The same, with the event's data bound to a class. Data that does not fit goes to the option
   * {@code onError}.
   */
  public <T> Registration on(String id, Class<T> type, TypedEventHandler<T> handler) {
    return on(id, event -> handler.handle(event.data(type), event));
  }

  /** Calls the handler for each event that the server sends, after the event's own handlers. */
  public Registration onAny(AnyEventHandler handler) {
    return session.handlers().onAny(handler);
  }

  /**
   * Answers the server's requests of this id; those without a handler are answered {@code
   * no-handler}. The handlers of {@link #on} do not hear of requests. In classic mode servers do
   * not ask.
   *
   * @throws IllegalArgumentException if the id is not {@code namespace/name}
   * @throws IllegalStateException if the id has a handler already
   */
  public Registration answer(String id, RequestHandler handler) {
    return session.handlers().answer(id, handler);
  }

  /** The same, with the request's data bound to a class. */
  public <T> Registration answer(String id, Class<T> type, TypedRequestHandler<T> handler) {
    return answer(id, request -> handler.answer(request.data(type), request));
  }

  /** Calls the handler after each change of the state, not with the state there is already. */
  public Registration onState(StateHandler handler) {
    return session.handlers().onState(handler);
  }

  /** Sends an event without data. */
  public boolean send(String id) {
    return send(Event.of(id));
  }

  /** Sends an event. */
  public boolean send(String id, @Nullable Object data) {
    return send(Event.of(id, data));
  }

  /**
   * Sends an event. Without a connection it waits in a queue. It arrives exactly once and in order,
   * unless its session is lost (see {@link ClientState#lost}); in classic mode at most once. Do not
   * change the data afterwards. What was taken before a first handshake tells how large a message
   * the server takes, and is larger, is reported then and left out.
   *
   * @return false if it was not taken: the queue is full, the message larger than the server takes,
   *     the client disconnected, or refused by the server
   * @throws IllegalArgumentException if the id is in the namespace {@code chsk}
   * @throws dev.sente.packer.PackException if the data cannot be packed
   */
  public boolean send(Event event) {
    return session.send(event);
  }

  /** Asks the server, for as long as the option {@code requestTimeout} says. */
  public CompletableFuture<Reply> request(String id, @Nullable Object data) {
    return request(Event.of(id, data));
  }

  /** The same. */
  public CompletableFuture<Reply> request(Event event) {
    return request(event, session.options().requestTimeout());
  }

  /**
   * Sends an event and waits for the server's answer. Without a connection it waits in the queue,
   * like an event; a connection that breaks does not end it, but in classic mode. Do not change the
   * data afterwards: a request that cannot be packed any more ends as {@link Reply.Refused}.
   *
   * @param timeout how long to wait, the time before there is a connection included
   * @return completed with a {@link Reply} within the time-out, never exceptionally, on a thread of
   *     the option {@code executor}. Cancelling it takes the request back where it has not left
   * @throws IllegalArgumentException if the id is in the namespace {@code chsk}
   * @throws dev.sente.packer.PackException if the data cannot be packed
   */
  public CompletableFuture<Reply> request(Event event, Duration timeout) {
    return session.request(event, timeout);
  }

  /**
   * Tells when the server has everything that was sent before this call, say to end a process after
   * it. A server acknowledges within a second.
   *
   * @return completed with true once the server has it, in classic mode once the network does; with
   *     false if some of it may be lost, be it that {@link #disconnect} dropped it. What was lost
   *     with an earlier session is told by {@link ClientState#lost} only. Completed on a thread of
   *     the option {@code executor}, and as late as there is a connection
   */
  public CompletableFuture<Boolean> delivered() {
    return session.delivered();
  }

  /**
   * Connects again after {@link #disconnect} or a refusal; at once if an attempt is due later.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public void connect() {
    session.connect();
  }

  /**
   * Ends the connection and opens another one at once, say after the user has logged in. The
   * session goes on if the user is the same. If not, what was queued and never sent goes into the
   * new user's session: {@link #disconnect} and {@link #connect} drop it.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public void reconnect() {
    session.reconnect();
  }

  /**
   * Ends the connection and the session. What is queued or not acknowledged is dropped, and pending
   * requests end with {@link Reply.Closed}. The server is told, but that is not waited for: where
   * it does not hear of it, the user is present until its grace is over.
   */
  public void disconnect() {
    session.disconnect();
  }

  /**
   * Tells that the machine's network has changed, as a phone's does: an attempt that is due later
   * is made at once, an open connection is checked, and a WebSocket tried again beside
   * long-polling.
   */
  public void networkChanged() {
    session.networkChanged();
  }

  /**
   * For tests: breaks the connection as a bad network would; the client comes back by itself.
   *
   * @param close true closes a WebSocket with code 3000; false ends its TCP connection
   */
  public void breakConnection(boolean close) {
    session.breakConnection(close);
  }

  /**
   * {@link #disconnect}, for good. Does not wait for handlers: those for what has come already are
   * still called, so what they use should outlast the client, or bear it.
   */
  @Override
  public void close() {
    session.close();
  }
}
