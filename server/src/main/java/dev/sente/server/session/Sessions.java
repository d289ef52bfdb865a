package dev.sente.server.session;

import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
import dev.sente.server.Dropped;
import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Admission;
import dev.sente.server.router.Answer;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.router.Router;
import dev.sente.server.users.Users;
import dev.sente.wire.ClassicMessage;
import dev.sente.wire.ClassicWire;
import java.nio.charset.StandardCharsets;
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
      session.opened(
          new HeldPoll(
              connections.incrementAndGet(), admission, options.time(), options.longPollTimeout()));
    }
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
    if (key.uid() != null && users.clientsOf(key.uid()).size() >= options.sessionsPerUser()) {
      log.warn("user {} has {} clients, no more are let in", key.uid(), options.sessionsPerUser());
      return null;
    }
    var address = options.clientAddress().apply(admission.request().http());
    var counted = isLoopback(address) ? null : address;
    if (counted != null && !countIn(counted)) {
      log.warn("{} has {} clients, no more are let in", address, options.sessionsPerAddress());
      return null;
    }
    var fresh = new ClassicSession(this, key, counted, admission);
    var other = sessions.putIfAbsent(key, fresh);
    if (other != null) {
      countOut(counted);
      return other;
    }
    return fresh;
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

  private void deliver(ClassicSession session, IncomingEvent event, Runnable handled) {
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
