package dev.sente.server.session;

import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
import dev.sente.server.gate.Admission;
import dev.sente.server.gate.Caller;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.router.Answer;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.util.Base64;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions in v2: finds the one that a request goes on with, or begins another. */
final class StreamSessions {

  private static final Logger log = LoggerFactory.getLogger(StreamSessions.class);

  private final Sessions all;
  private final ConcurrentHashMap<String, StreamSession> byToken = new ConcurrentHashMap<>();

  /** The newest of each client. */
  private final ConcurrentHashMap<SessionKey, StreamSession> byKey = new ConcurrentHashMap<>();

  StreamSessions(Sessions all) {
    this.all = all;
  }

  Sessions all() {
    return all;
  }

  Collection<StreamSession> values() {
    return byToken.values();
  }

  void admit(Admission admission) {
    var key = new SessionKey(admission.uid(), admission.clientId());
    var token = admission.request().sessionToken().orElse(null);
    var known = token == null ? null : byToken.get(token);
    var session = known != null && known.key().equals(key) ? known : null;
    var lost = token == null || session != null ? null : "unknown-session";
    if (known != null && session == null && known.clientId().equals(admission.clientId())) {
      lost = "uid-changed";
      // It may come back: what names another user may be a late request of the same client's.
      known.remove(4002, "the user has changed");
    }
    var http = admission.request().http();
    if (admission.request().isWebSocket()) {
      if (session == null && !all.headcount().hasRoom(admission.caller(), replacesOne(key))) {
        admission.refuse(429, "Too many clients");
        return;
      }
      var data = all.handshakeData(admission);
      long number = all.nextConnection();
      var socket = new StreamSocket(this, session, lost, admission.caller(), data, number);
      admission.exchange().acceptWebSocket(ConnectRequest.STREAM_SUBPROTOCOL, socket);
    } else if (http.method().equals("POST")) {
      post(session, admission);
    } else if (session == null) {
      beginUnlessLate(all.held(admission), all.handshakeData(admission), lost);
    } else if (admission.request().param("handshake?").isPresent()) {
      var data = all.handshakeData(admission);
      session.handshake(all.held(admission), receivedIn(admission.caller()), true, data);
    } else {
      session.open(all.held(admission), receivedIn(admission.caller()));
    }
  }

  /** How many messages the client says that it has accepted; -1 for nonsense. */
  static long receivedIn(Caller caller) {
    return number(caller.request().param("received").orElse("0"));
  }

  private static long number(String text) {
    try {
      return text.length() > 18 ? -1 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private void post(@Nullable StreamSession session, Admission admission) {
    if (session == null) {
      admission.refuse(410, "Unknown session");
      return;
    }
    byte[] body = admission.request().http().body();
    long first = number(admission.request().param("first").orElse(""));
    if (body.length > all.options().maxMessageBytes()) {
      admission.refuse(413, "Message too large");
      session.broken(StreamSession.TOO_LARGE);
    } else if (first < 1) {
      admission.refuse(400, "Missing first");
      session.broken(StreamSession.PROTOCOL_ERROR);
    } else {
      try {
        var frame = StreamWire.read(admission.packer(), body);
        if (frame instanceof Frame.Batch batch) {
          session.post(admission, first, batch, admission.packer().weight(body));
        } else if (frame instanceof Frame.Close) {
          session.leave(admission);
        } else {
          admission.refuse(400, "Expected a batch");
          session.broken(StreamSession.PROTOCOL_ERROR);
        }
      } catch (UnpackException e) {
        log.debug("client {} sent an unreadable message", admission.clientId(), e);
        admission.refuse(400, "Unreadable message");
        session.broken(StreamSession.PROTOCOL_ERROR);
      }
    }
  }

  /**
   * Begins a session with a WebSocket that cannot have the one it asked for, unless it is late.
   *
   * @param lost why it cannot; null if it asked for none
   */
  void beginUnlessLate(StreamSocket socket, @Nullable String lost) {
    unlessLate(
        socket.caller(),
        () -> socket.close(new Frame.Close(4002, "superseded", 0)),
        socket::begin,
        () -> begin(socket, lost));
  }

  /** The same with a poll. */
  void beginUnlessLate(HeldPoll poll, @Nullable Object data, @Nullable String lost) {
    unlessLate(
        poll.admission().caller(),
        poll::answerTimeout,
        successor -> successor.handshake(poll, 0, false, data),
        () -> begin(poll, data, lost));
  }

  /** V12: whether the session that was asked for has a successor, and whether that is known. */
  private void unlessLate(
      Caller caller, Runnable late, Consumer<StreamSession> again, Runnable anew) {
    var newest = byKey.get(new SessionKey(caller.uid(), caller.clientId()));
    var token = caller.request().sessionToken().orElse(null);
    if (newest != null && token != null && newest.succession().hasReplaced(token)) {
      newest.askedForReplaced(token, late, () -> again.accept(newest), anew);
    } else {
      anew.run();
    }
  }

  private void begin(StreamSocket socket, @Nullable String lost) {
    var fresh = freshStream(socket.caller(), lost);
    if (fresh == null) {
      // There was room before it opened: others came first.
      socket.close(new Frame.Close(4000, "too many clients", 10_000));
    } else {
      socket.begin(fresh);
      fresh.begin();
    }
  }

  private void begin(HeldPoll poll, @Nullable Object handshakeData, @Nullable String lost) {
    var fresh = freshStream(poll.admission().caller(), lost);
    if (fresh == null) {
      poll.admission().refuse(429, "Too many clients");
    } else {
      fresh.handshake(poll, 0, false, handshakeData);
      fresh.begin();
    }
  }

  /** The same, where the handshake hook is still to be asked, which may block. */
  void beginLater(HeldPoll poll, @Nullable String lost) {
    all.later(
        poll.admission(), () -> beginUnlessLate(poll, all.handshakeData(poll.admission()), lost));
  }

  private @Nullable StreamSession freshStream(Caller caller, @Nullable String lost) {
    var key = new SessionKey(caller.uid(), caller.clientId());
    var before = byKey.get(key);
    if (!all.headcount().in(caller, replacesOne(key))) {
      return null;
    }
    var inbox = before == null ? all.lanes().of(key) : before.inbox();
    var succession =
        new Succession(
            freshToken(),
            caller.request().sessionToken().orElse(null),
            before == null ? null : before.succession(),
            lost);
    var fresh = new StreamSession(this, key, inbox, caller, succession);
    byToken.put(succession.token(), fresh);
    // First the newer, so that a push finds one of them in any case; and before anybody can replace
    // it, who would take it from the users.
    all.users().joined(fresh);
    var older = byKey.put(key, fresh);
    if (older != null) {
      fresh.replace(older);
      older.abandonFor(fresh);
    }
    return fresh;
  }

  /** Whether the client has another session, or what waits of its last one keeps its place. */
  private boolean replacesOne(SessionKey key) {
    return byKey.containsKey(key) || all.lanes().hasLeft(key);
  }

  private String freshToken() {
    byte[] bits = new byte[16];
    all.options().secrets().nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** The session has ended. Called by its mailbox. */
  void ended(StreamSession session) {
    // First its inbox, so that the client's next session finds it in any case. Whoever is a new
    // client each time must not have ever more events waiting: the last of them frees its place.
    all.lanes()
        .leave(
            session.key(),
            session.inbox(),
            () -> all.headcount().out(session.uid(), session.address()));
    byToken.remove(session.succession().token(), session);
    byKey.remove(session.key(), session);
  }

  /** Hands an event to the router, after the client's earlier ones. */
  void deliver(
      StreamSession session,
      Caller caller,
      String id,
      PackedValue data,
      @Nullable Answer answer,
      int size) {
    all.deliver(session.inbox(), Sessions.incoming(id, data, caller, answer), size);
  }
}
