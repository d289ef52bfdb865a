package dev.sente.server.session;

import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
import dev.sente.server.gate.Admission;
import dev.sente.server.gate.Caller;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.router.Answer;
import dev.sente.wire.ClassicMessage;
import dev.sente.wire.ClassicWire;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sessions in classic mode: finds or begins the one that a request belongs to. */
final class ClassicSessions {

  private static final Logger log = LoggerFactory.getLogger(ClassicSessions.class);

  private final Sessions all;
  private final ConcurrentHashMap<SessionKey, ClassicSession> sessions = new ConcurrentHashMap<>();

  ClassicSessions(Sessions all) {
    this.all = all;
  }

  Sessions all() {
    return all;
  }

  Collection<ClassicSession> values() {
    return sessions.values();
  }

  void admit(Admission admission) {
    var session = sessionFor(admission.caller());
    if (session == null) {
      admission.refuse(429, "Too many clients");
      return;
    }
    try {
      admit(admission, session);
    } finally {
      session.begin();
    }
  }

  private void admit(Admission admission, ClassicSession session) {
    var http = admission.request().http();
    if (admission.request().isWebSocket()) {
      var socket =
          new ClassicSocket(
              this, session, admission.caller(), handshake(admission), all.nextConnection());
      admission.exchange().acceptWebSocket(null, socket);
    } else if (http.method().equals("POST")) {
      post(session, admission);
    } else if (admission.request().param("handshake?").isPresent() || !session.pollsBegun()) {
      byte[] handshake = handshake(admission);
      session.pollsBegin(admission.caller());
      admission.respond(handshake);
    } else {
      session.opened(all.held(admission));
    }
  }

  private byte[] handshake(Admission admission) {
    return ClassicWire.handshake(admission.packer(), admission.uid(), all.handshakeData(admission));
  }

  /**
   * The request's session, which whoever asks begins once it has used it; null where there are too
   * many already.
   */
  @Nullable ClassicSession sessionFor(Caller caller) {
    var key = new SessionKey(caller.uid(), caller.clientId());
    var found = sessions.get(key);
    if (found != null) {
      return found;
    }
    if (!all.headcount().in(caller, all.lanes().hasLeft(key))) {
      return null;
    }
    var fresh = new ClassicSession(this, key, all.lanes().of(key), caller);
    var other = sessions.putIfAbsent(key, fresh);
    if (other != null) {
      all.headcount().out(caller.uid(), caller.address());
      return other;
    }
    return fresh;
  }

  /** The session has ended. Called by its mailbox. */
  void ended(ClassicSession session) {
    // First its inbox, so that the client's next session finds it in any case. Whoever is a new
    // client each time must not have ever more events waiting: the last of them frees its place.
    all.lanes()
        .leave(
            session.key(),
            session.inbox(),
            () -> all.headcount().out(session.uid(), session.address()));
    sessions.remove(session.key(), session);
  }

  /** Hands an event of so many bytes to the router, after the client's earlier ones. */
  void deliver(
      ClassicSession session,
      Caller caller,
      ClassicMessage.ClientEvent event,
      @Nullable Answer answer,
      int size) {
    var incoming = Sessions.incoming(event.id(), event.data(), caller, answer);
    all.deliver(session.inbox(), incoming, size);
  }

  /** Refuses what is not an event that a client may send, and tells the router. */
  void deliverBad(
      ClassicSession session, Caller caller, PackedValue given, @Nullable Answer answer, int size) {
    if (answer != null) {
      try {
        answer.error("bad-event", "expected [:namespace/name data]");
      } catch (PackException e) {
        log.debug("client {} cannot be answered", caller.clientId(), e);
      }
    }
    var incoming = Sessions.incoming("chsk/bad-event", given, caller, null);
    all.deliver(session.inbox(), incoming, size);
  }

  private void post(ClassicSession session, Admission admission) {
    byte[] packed = packedBody(admission);
    if (packed == null) {
      admission.refuse(400, "Missing ppstr");
      return;
    }
    if (packed.length > all.options().maxMessageBytes()) {
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
    if (!session.inbox().hasRoom(false)) {
      admission.refuse(429, "Too many events at once");
      return;
    }
    var answer = message.callback() == null ? null : new PostAnswer(admission, all.options());
    int size = admission.packer().weight(packed);
    switch (message) {
      case ClassicMessage.ClientEvent event ->
          deliver(session, admission.caller(), event, answer, size);
      case ClassicMessage.BadEvent bad ->
          deliverBad(session, admission.caller(), bad.given(), answer, size);
      case ClassicMessage.Ping ping -> {
        if (answer != null) {
          answer.value("pong");
        }
      }
      case ClassicMessage.Pong pong -> {}
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
    return request
        .param(ConnectRequest.MESSAGE)
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .orElse(null);
  }
}
