package dev.sente.server.session;

import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
import dev.sente.server.Dropped;
import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Admission;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.router.Answer;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.router.Router;
import dev.sente.server.users.UserClient;
import dev.sente.server.users.Users;
import dev.sente.wire.ClassicMessage;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All sessions. Finds or begins the one that an admitted request belongs to. */
public final class Sessions {

  private static final Logger log = LoggerFactory.getLogger(Sessions.class);

  private final ServerOptions options;
  private final Router router;
  private final Users users;
  private final ConcurrentHashMap<SessionKey, ClassicSession> sessions = new ConcurrentHashMap<>();

  /** v2's sessions, by token and by whose they are. */
  private final ConcurrentHashMap<String, StreamSession> streams = new ConcurrentHashMap<>();

  private final ConcurrentHashMap<SessionKey, StreamSession> streamsByKey =
      new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Integer> perAddress = new ConcurrentHashMap<>();
  private final AtomicLong connections = new AtomicLong();

  /** The share of messages at which a failure is simulated. */
  private volatile double failureRate;

  private volatile boolean stopped;

  /** No sessions yet. */
  public Sessions(ServerOptions options, Router router, Users users) {
    this.options = options;
    this.router = router;
    this.users = users;
  }

  ServerOptions options() {
    return options;
  }

  Users users() {
    return users;
  }

  /** Simulates bad connections: this share of messages, 0 to 1, ends its connection instead. */
  public void simulateFailures(double rate) {
    failureRate = rate;
  }

  boolean simulatesFailure() {
    return failureRate > 0 && options.random().nextDouble() < failureRate;
  }

  /** Ends all connections and takes no new ones. */
  public void stop() {
    stopped = true;
    sessions.values().forEach(session -> session.stop(1001, "going away"));
    streams.values().forEach(session -> session.stop(new Frame.Close(4000, "going away", 0)));
  }

  /** The same, v2's clients told to come back at moments spread over this time. */
  public void drain(Duration over) {
    stopped = true;
    sessions.values().forEach(session -> session.stop(1001, "going away"));
    for (var session : streams.values()) {
      long retry = over.isZero() ? 0 : options.random().nextLong(over.toMillis() + 1);
      session.stop(new Frame.Close(4000, "going away", retry));
    }
  }

  /** Takes connections again. */
  public void undrain() {
    stopped = false;
  }

  /** The same, once more: what it was admitted to has changed meanwhile. */
  void admitAgain(Admission admission) {
    options.executor().execute(() -> admit(admission));
  }

  /** Takes a request that the gate let in. Runs the handshake hook. */
  public void admit(Admission admission) {
    if (stopped) {
      admission.refuse(503, "Going away");
      return;
    }
    if (simulatesFailure()) {
      admission.refuse(503, "Simulated failure");
      return;
    }
    if (admission.isStream()) {
      admitStream(admission);
    } else {
      admitClassic(admission);
    }
  }

  private void admitClassic(Admission admission) {
    var session = sessionFor(admission);
    if (session == null) {
      admission.refuse(429, "Too many clients");
      return;
    }
    var http = admission.request().http();
    if (http.isWebSocketUpgrade()) {
      var socket =
          new ClassicSocket(
              this, session, admission, handshake(admission), connections.incrementAndGet());
      admission.exchange().acceptWebSocket(null, socket);
    } else if (http.method().equals("POST")) {
      post(session, admission);
    } else if (admission.request().param("handshake?").isPresent() || !session.pollsBegun()) {
      byte[] handshake = handshake(admission);
      session.pollsBegin(admission);
      admission.respond(handshake);
    } else {
      session.opened(held(admission));
    }
  }

  private HeldPoll held(Admission admission) {
    return new HeldPoll(
        connections.incrementAndGet(), admission, options.time(), options.longPollTimeout());
  }

  private void admitStream(Admission admission) {
    var key = new SessionKey(admission.uid(), admission.clientId());
    var token = admission.request().sessionToken().orElse(null);
    var known = token == null ? null : streams.get(token);
    var session = known != null && known.key().equals(key) ? known : null;
    var lost = token == null || session != null ? null : "unknown-session";
    if (known != null && session == null && known.clientId().equals(admission.clientId())) {
      lost = "uid-changed";
      known.remove(4500, "the user has changed");
    }
    var http = admission.request().http();
    if (http.isWebSocketUpgrade()) {
      var data = options.handshakeData().apply(admission.request());
      long number = connections.incrementAndGet();
      var socket = new StreamSocket(this, session, lost, admission, data, number);
      admission.exchange().acceptWebSocket(ConnectRequest.STREAM_SUBPROTOCOL, socket);
    } else if (http.method().equals("POST")) {
      postStream(session, admission);
    } else if (session == null) {
      begin(held(admission), options.handshakeData().apply(admission.request()), lost);
    } else if (admission.request().param("handshake?").isPresent()) {
      var data = options.handshakeData().apply(admission.request());
      session.handshake(held(admission), receivedIn(admission), true, data, null);
    } else {
      session.open(held(admission), receivedIn(admission));
    }
  }

  /** How many messages the client says that it has accepted; -1 for nonsense. */
  static long receivedIn(Admission admission) {
    return number(admission.request().param("received").orElse("0"));
  }

  private static long number(String text) {
    try {
      return text.length() > 18 ? -1 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void postStream(@Nullable StreamSession session, Admission admission) {
    if (session == null) {
      admission.refuse(410, "Unknown session");
      return;
    }
    byte[] body = admission.request().http().body();
    long first = number(admission.request().param("first").orElse(""));
    if (body.length > options.maxMessageBytes()) {
      admission.refuse(413, "Message too large");
    } else if (first < 1) {
      admission.refuse(400, "Missing first");
    } else {
      try {
        if (StreamWire.read(admission.packer(), body) instanceof Frame.Batch batch) {
          session.post(admission, first, batch);
        } else {
          admission.refuse(400, "Expected a batch");
        }
      } catch (UnpackException e) {
        log.debug("client {} sent an unreadable message", admission.clientId(), e);
        admission.refuse(400, "Unreadable message");
      }
    }
  }

  /** Begins a session with a WebSocket. Called by its adapter, or by an ended session's mailbox. */
  void begin(StreamSocket socket, @Nullable String lost) {
    var fresh = freshStream(socket.admission());
    if (fresh == null) {
      socket.close(new Frame.Close(4503, "too many clients", 0));
    } else {
      socket.begin(fresh, lost);
    }
  }

  /** Begins a session with a poll. */
  void begin(HeldPoll poll, @Nullable Object handshakeData, @Nullable String lost) {
    var fresh = freshStream(poll.admission());
    if (fresh == null) {
      poll.admission().refuse(429, "Too many clients");
    } else {
      fresh.handshake(poll, 0, false, handshakeData, lost);
    }
  }

  /** The same, where the handshake hook is still to be asked, which may block. */
  void beginLater(HeldPoll poll, @Nullable String lost) {
    options
        .executor()
        .execute(
            () -> begin(poll, options.handshakeData().apply(poll.admission().request()), lost));
  }

  private @Nullable StreamSession freshStream(Admission admission) {
    var key = new SessionKey(admission.uid(), admission.clientId());
    var counted = countIn(admission, streamsByKey.containsKey(key));
    if (counted == null) {
      return null;
    }
    var older = streamsByKey.get(key);
    var fresh = new StreamSession(this, key, freshToken(), counted.address(), older, admission);
    streams.put(fresh.token(), fresh);
    streamsByKey.put(key, fresh);
    // First the newer, so that a push finds one of them in any case.
    users.joined(fresh);
    if (older != null) {
      older.abandonFor(fresh);
    }
    return fresh;
  }

  private String freshToken() {
    byte[] bits = new byte[16];
    options.secrets().nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  private byte[] handshake(Admission admission) {
    return ClassicWire.handshake(
        admission.packer(), admission.uid(), options.handshakeData().apply(admission.request()));
  }

  /** The request's session, begun if need be; null where there are too many already. */
  @Nullable ClassicSession sessionFor(Admission admission) {
    var key = new SessionKey(admission.uid(), admission.clientId());
    var found = sessions.get(key);
    if (found != null) {
      return found;
    }
    var counted = countIn(admission, false);
    if (counted == null) {
      return null;
    }
    var fresh = new ClassicSession(this, key, counted.address(), admission);
    var other = sessions.putIfAbsent(key, fresh);
    if (other != null) {
      countOut(counted.address());
      return other;
    }
    return fresh;
  }

  /** For which address a session is counted; null for none. */
  private record Counted(@Nullable String address) {}

  /** Counts a session in; null where there are too many already. */
  private @Nullable Counted countIn(Admission admission, boolean replacesOne) {
    var uid = admission.uid();
    if (!replacesOne && uid != null && users.clientsOf(uid).size() >= options.sessionsPerUser()) {
      log.warn("a user has {} clients, no more are let in", options.sessionsPerUser());
      return null;
    }
    var address = options.clientAddress().apply(admission.request().http());
    if (isLoopback(address)) {
      return new Counted(null);
    }
    if (!countIn(address)) {
      log.warn("{} has {} clients, no more are let in", address, options.sessionsPerAddress());
      return null;
    }
    return new Counted(address);
  }

  private static boolean isLoopback(String address) {
    return address.startsWith("127.") || address.equals("::1") || address.equals("0:0:0:0:0:0:0:1");
  }

  private boolean countIn(String address) {
    int bound = options.sessionsPerAddress();
    var admitted = new AtomicBoolean();
    perAddress.compute(
        address,
        (key, count) -> {
          int now = count == null ? 0 : count;
          admitted.set(now < bound);
          return now < bound ? now + 1 : count;
        });
    return admitted.get();
  }

  private void countOut(@Nullable String address) {
    if (address != null) {
      perAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /** The session has ended. Called by its mailbox. */
  void ended(ClassicSession session) {
    sessions.remove(session.key(), session);
    countOut(session.address());
  }

  /** The same. */
  void ended(StreamSession session) {
    streams.remove(session.token(), session);
    streamsByKey.remove(session.key(), session);
    countOut(session.address());
  }

  void tell(Dropped dropped) {
    try {
      options.onDropped().accept(dropped);
    } catch (RuntimeException e) {
      log.error("the listener for dropped messages failed", e);
    }
  }

  /**
   * Hands an event to the router, after the client's earlier ones.
   *
   * @param handled run when the event's handler is done
   */
  void deliver(
      ClassicSession session,
      Admission admission,
      ClassicMessage.ClientEvent event,
      @Nullable Answer answer,
      Runnable handled) {
    deliver(session, incoming(event.id(), event.data(), admission, answer), handled);
  }

  /** The same, in v2. */
  void deliver(
      StreamSession session,
      Admission admission,
      String id,
      PackedValue data,
      @Nullable Answer answer,
      Backlog backlog) {
    backlog.added();
    deliver(session, incoming(id, data, admission, answer), backlog::handled);
  }

  /** Refuses what is not an event that a client may send, and tells the router. */
  void deliverBad(
      ClassicSession session,
      Admission admission,
      PackedValue given,
      @Nullable Answer answer,
      Runnable handled) {
    if (answer != null) {
      answer.error("bad-event", "expected [:namespace/name data]");
    }
    deliver(session, incoming("chsk/bad-event", given, admission, null), handled);
  }

  private void deliver(UserClient session, IncomingEvent event, Runnable handled) {
    session
        .lane()
        .add(
            () -> {
              try {
                router.handle(event);
              } finally {
                handled.run();
              }
            });
  }

  private static IncomingEvent incoming(
      String id, PackedValue data, Admission admission, @Nullable Answer answer) {
    return new IncomingEvent(
        id, data, admission.uid(), admission.clientId(), admission.request(), answer);
  }

  private void post(ClassicSession session, Admission admission) {
    byte[] packed = packedBody(admission);
    if (packed == null) {
      admission.refuse(400, "Missing ppstr");
      return;
    }
    if (packed.length > options.maxMessageBytes()) {
      admission.refuse(413, "Message too large");
      return;
    }
    ClassicMessage message;
    try {
      message = ClassicWire.read(admission.packer(), packed);
    } catch (UnpackException e) {
      log.debug("client {} sent an unreadable message", admission.clientId(), e);
      admission.refuse(400, "Unreadable message");
      return;
    }
    if (!session.beginPost()) {
      admission.refuse(429, "Too many events at once");
      return;
    }
    var answer =
        message.callback() == null
            ? null
            : new PostAnswer(admission, options.time(), options.longPollTimeout());
    switch (message) {
      case ClassicMessage.ClientEvent event ->
          deliver(session, admission, event, answer, session::endPost);
      case ClassicMessage.BadEvent bad ->
          deliverBad(session, admission, bad.given(), answer, session::endPost);
      case ClassicMessage.Ping ping -> {
        session.endPost();
        if (answer != null) {
          answer.value("pong");
        }
      }
      case ClassicMessage.Pong pong -> session.endPost();
    }
    if (answer == null) {
      admission.respond(ClassicWire.noCallback(admission.packer()));
    }
  }

  /** The packed message in a POST: the body itself, or the parameter in a form. */
  private static byte @Nullable [] packedBody(Admission admission) {
    var request = admission.request();
    if (request.param("binary?").isPresent()) {
      return request.http().body();
    }
    return request.param("ppstr").map(text -> text.getBytes(StandardCharsets.UTF_8)).orElse(null);
  }
}
