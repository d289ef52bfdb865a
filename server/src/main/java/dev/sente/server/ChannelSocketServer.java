package dev.sente.server;

import dev.sente.event.Event;
import dev.sente.packer.Packer;
import dev.sente.server.channel.ChannelEngine;
import dev.sente.server.channel.ChannelLimits;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.gate.Gate;
import dev.sente.server.gate.GateRules;
import dev.sente.server.router.ErrorHandler;
import dev.sente.server.router.Handler;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.router.Router;
import dev.sente.server.router.TypedHandler;
import dev.sente.server.session.Sessions;
import dev.sente.server.session.SignOuts;
import dev.sente.server.users.ConnectedUsers;
import dev.sente.server.users.UserClient;
import dev.sente.server.users.Users;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of all channel sockets: takes connections from a web server's adapter, routes
 * events to handlers, and pushes events to users. For any thread; nothing here blocks.
 *
 * <pre>{@code
 * var chsk = ChannelSocketServer.builder()
 *     .userId(request -> request.cookie("session").map(logins::userOf).orElse(null))
 *     .build();
 *
 * chsk.on("chat/say", Say.class, (say, event) -> {
 *   chsk.push("bob", Event.of("chat/said", say));
 *   event.reply(Map.of("ok", true));
 * });
 * }</pre>
 */
public final class ChannelSocketServer implements ChannelEngine, AutoCloseable {

  private static final String CLOSE = "chsk/close";

  private final ServerOptions options;
  private final Gate gate;
  private final Router router;
  private final Users users;
  private final Sessions sessions;
  private final ChannelLimits limits;

  ChannelSocketServer(
      ServerOptions options, Router router, GateRules rules, Map<String, Packer> packers) {
    this.options = options;
    this.router = router;
    this.users = new Users(router, options.executor());
    this.sessions = new Sessions(options, router, users);
    this.gate =
        new Gate(
            rules,
            packers,
            sessions.signOuts()::now,
            (request, error) -> router.logFailure("a hook", request, error));
    // Form encoding takes up to three bytes for one.
    this.limits =
        new ChannelLimits(
            options.maxMessageBytes(),
            (int) Math.min(Integer.MAX_VALUE, 3L * options.maxMessageBytes() + 4096));
  }

  /** A server to be set up. Every option has a default that is safe. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String path() {
    return options.path();
  }

  @Override
  public ChannelLimits limits() {
    return limits;
  }

  @Override
  public void accept(HttpExchange exchange) {
    options.executor().execute(() -> gate.admit(exchange).ifPresent(sessions::admit));
  }

  /**
   * Sets the handler for an id, in place of an earlier one. A client's events are handled one at a
   * time in the order sent; different clients' side by side.
   *
   * @throws IllegalArgumentException if the id is not {@code namespace/name}
   */
  public ChannelSocketServer on(String id, Handler handler) {
    router.on(id, handler);
    return this;
  }

  /**
   * The same, with the event's data bound to a class. Data that does not fit answers the requester
   * {@code bad-data}, naming the field.
   */
  public <T> ChannelSocketServer on(String id, Class<T> type, TypedHandler<T> handler) {
    router.on(id, type, handler);
    return this;
  }

  /**
   * Sets the handler for events without one, those of the protocol included: {@code
   * chsk/uidport-open}, {@code chsk/uidport-close} and {@code chsk/bad-event}. The default answers
   * {@code no-handler}.
   */
  public ChannelSocketServer otherwise(Handler handler) {
    router.otherwise(handler);
    return this;
  }

  /**
   * Sets who is told of what handlers throw. The default logs it: for a handler and a class of
   * error, the first in a minute with its trace, and how many more there were when it is over. Data
   * that does not fit is logged at debug level only.
   */
  public ChannelSocketServer onError(ErrorHandler handler) {
    router.onError(handler);
    return this;
  }

  /**
   * Sets who is shown every event before its handler, on the handler's thread; null for nobody.
   * What it throws is taken for the handler's own, which is not called then.
   */
  public ChannelSocketServer trace(@Nullable Consumer<IncomingEvent> tracer) {
    router.trace(tracer);
    return this;
  }

  /**
   * Sends an event to all of a user's clients, after what was pushed to them before. A client
   * without connection gets it when it is back. {@code chsk/close} closes the user's connections.
   *
   * <p>Clients choose their packers. What one's packer cannot pack and another's can, that one does
   * not get: it is told as {@link Dropped}, {@code UNPACKABLE}.
   *
   * @param uid the user; for clients without one, see {@link #pushAnonymous}
   * @return tells, to who asks, when the clients have it
   * @throws dev.sente.packer.PackException if no client's packer can pack the data, or it gets too
   *     large; nobody then gets it
   * @throws IllegalArgumentException if the id is another one in the namespace {@code chsk}
   * @throws NullPointerException if uid is null
   */
  public Delivery push(String uid, Event event) {
    return push(uid, event, false);
  }

  /**
   * The same.
   *
   * @param flush whether it leaves at once, with what waits already, not waiting for the batch
   *     window
   */
  public Delivery push(String uid, Event event, boolean flush) {
    return pushTo(named(uid), event, flush);
  }

  /**
   * Sends an event to all clients without a user, as {@link #push} does to a user's: every stranger
   * gets it.
   */
  public Delivery pushAnonymous(Event event) {
    return pushAnonymous(event, false);
  }

  /**
   * The same.
   *
   * @param flush whether it leaves at once, with what waits already, not waiting for the batch
   *     window
   */
  public Delivery pushAnonymous(Event event, boolean flush) {
    return pushTo(null, event, flush);
  }

  private Delivery pushTo(@Nullable String uid, Event event, boolean flush) {
    if (event.id().equals(CLOSE)) {
      users.clientsOf(uid).forEach(UserClient::close);
      return new Delivery(List.of(Outgoing.event(event)), List.of(), options.executor());
    }
    return pushTo(uid, List.of(outgoing(event)), flush);
  }

  /**
   * Sends several events to all of a user's clients, with nothing between them, and in one message
   * as far as it holds them (64 KiB): cheaper than one after the other.
   *
   * @param uid the user; for clients without one, see {@link #pushAnonymous}
   * @param events at least one
   * @return tells, to who asks, when the clients have them all
   * @throws dev.sente.packer.PackException if there is no client whose packer can pack all the
   *     data, or it gets too large; nobody then gets any
   * @throws IllegalArgumentException if there is no event, or one's id is in the namespace {@code
   *     chsk}
   * @throws NullPointerException if uid is null
   */
  public Delivery push(String uid, List<Event> events) {
    return pushTo(named(uid), outgoing(events), false);
  }

  /** Sends several events to all clients without a user, as {@link #push} does to a user's. */
  public Delivery pushAnonymous(List<Event> events) {
    return pushTo(null, outgoing(events), false);
  }

  private Delivery pushTo(@Nullable String uid, List<Outgoing> events, boolean flush) {
    var clients = users.push(uid, events, flush);
    return new Delivery(events, clients, options.executor());
  }

  /**
   * A uid that is null by accident, as an anonymous sender's is, must not reach everybody else who
   * has none.
   */
  @SuppressWarnings("ConstantValue")
  private static String named(String uid) {
    return Objects.requireNonNull(
        uid, "uid must not be null: clients without a user are many, and strangers to each other");
  }

  private List<Outgoing> outgoing(List<Event> events) {
    if (events.isEmpty()) {
      throw new IllegalArgumentException("expected at least one event");
    }
    var all = new ArrayList<Outgoing>(events.size());
    for (var event : events) {
      all.add(outgoing(event));
    }
    return all;
  }

  private Outgoing outgoing(Event event) {
    return Outgoing.event(checked(event), options.maxMessageBytes());
  }

  /**
   * Asks one client. Classic clients cannot be asked.
   *
   * @param uid the client's user; null for none: this client alone is asked
   * @param timeout how long to wait for the answer, the time without connection included
   * @return always completed with a {@link Reply}, within the time-out
   * @throws dev.sente.packer.PackException if the client's packer cannot pack the data, or it gets
   *     too large
   * @throws IllegalArgumentException if the id is in the namespace {@code chsk}
   */
  public CompletableFuture<Reply> request(
      @Nullable String uid, String clientId, Event event, Duration timeout) {
    var clients =
        users.clientsOf(uid).stream().filter(client -> client.clientId().equals(clientId)).toList();
    return request(clients, event, timeout, "there is no such client");
  }

  /**
   * Asks all of a user's clients whose packers can pack it; the first value that comes is the
   * answer. Where none comes, the last other outcome is. Who cancels the future waits for none.
   *
   * @param timeout how long to wait for the answer, the time without connection included
   * @return always completed with a {@link Reply}, within the time-out
   * @throws dev.sente.packer.PackException if no client's packer can pack the data, or it gets too
   *     large; nobody is then asked
   * @throws IllegalArgumentException if the id is in the namespace {@code chsk}
   * @throws NullPointerException if uid is null
   */
  public CompletableFuture<Reply> request(String uid, Event event, Duration timeout) {
    return request(users.clientsOf(named(uid)), event, timeout, "the user is not connected");
  }

  private CompletableFuture<Reply> request(
      List<UserClient> clients, Event event, Duration timeout, String none) {
    checked(event);
    if (clients.isEmpty()) {
      return CompletableFuture.completedFuture(new Reply.Refused(none));
    }
    // With a number as long as any: it is counted by client.
    var packable = StreamWire.request(Integer.MAX_VALUE, event, options.maxMessageBytes());
    users.pack(packable, clients);
    var first = new CompletableFuture<Reply>();
    var open = new AtomicInteger(clients.size());
    for (var client : clients) {
      var asked = client.request(event, timeout);
      asked.thenAccept(
          reply -> {
            // A value first: the last of the others must not come between.
            if (reply instanceof Reply.Value) {
              first.complete(reply);
            }
            if (open.decrementAndGet() == 0) {
              first.complete(reply);
            }
          });
      // Nobody waits for the others any more.
      first.whenComplete((reply, error) -> asked.cancel(false));
    }
    return first;
  }

  /**
   * Sends an event to every connected client, those without a user included.
   *
   * @throws dev.sente.packer.PackException if no client's packer can pack the data, or it gets too
   *     large; nobody then gets it
   * @throws IllegalArgumentException if the id is in the namespace {@code chsk}
   */
  public void broadcast(Event event) {
    broadcast(List.of(event));
  }

  /**
   * Sends several events to every connected client, with nothing between them, and in one message
   * as far as it holds them (64 KiB): much cheaper than one after the other.
   *
   * @param events at least one
   * @throws dev.sente.packer.PackException as above
   * @throws IllegalArgumentException as above, or if there is no event
   */
  public void broadcast(List<Event> events) {
    users.broadcast(outgoing(events), false);
  }

  private static Event checked(Event event) {
    if (dev.sente.event.EventIds.isProtocol(event.id())) {
      throw new IllegalArgumentException(
          "ids in the namespace chsk belong to the protocol, was " + event.id());
    }
    return event;
  }

  /**
   * Closes all of a user's connections, after what was pushed to them before. Clients come back by
   * themselves, and v2's go on where they were: who is to stay away is for {@link #signOut}.
   *
   * @throws NullPointerException if uid is null
   */
  public void close(String uid) {
    users.clientsOf(named(uid)).forEach(UserClient::close);
  }

  /**
   * Ends all of a user's sessions at once and tells its v2 clients to stay away (4500); those too
   * that are being let in just now, if their hooks take less than ten minutes. Events that were
   * read before may still be handled after this has returned.
   *
   * @throws NullPointerException if uid is null
   */
  public void signOut(String uid) {
    sessions.signOuts().signedOut(named(uid));
    users.clientsOf(uid).forEach(client -> client.remove(4500, SignOuts.REASON));
  }

  /**
   * Gets ready to stop: closes all connections, answers held polls, refuses new ones with 503. v2's
   * clients are told to come back, not all at once: at moments spread over this time. Sessions are
   * kept, so that who comes back after {@link #undrain} goes on where it was.
   *
   * @param over zero for at once
   * @throws IllegalArgumentException if it is negative
   */
  public void drain(Duration over) {
    if (over.isNegative()) {
      throw new IllegalArgumentException("over must not be negative, was " + over);
    }
    sessions.drain(over);
  }

  /** Takes connections again after {@link #drain}; not after {@link #close()}. */
  public void undrain() {
    sessions.undrain();
  }

  /** Who is connected. */
  public ConnectedUsers connectedUsers() {
    return users;
  }

  /**
   * Simulates bad connections, for testing an application.
   *
   * @param rate the share of messages, 0 to 1, at which a connection is cut instead; 0 ends it
   */
  public void simulateBadConnections(double rate) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new IllegalArgumentException("rate must be from 0 to 1, was " + rate);
    }
    sessions.simulateFailures(rate);
  }

  /**
   * Closes all connections, answers held polls, and refuses new ones with 503, for good. Sessions
   * end as soon as their connections are closed: what cannot be delivered any more is told as
   * {@link Dropped}, and what waits for an answer or an acknowledgement completes. After {@link
   * #drain} clients come back over the time that it was given.
   */
  @Override
  public void close() {
    sessions.stop();
  }
}
