package dev.sente.server.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Admission;
import dev.sente.server.gate.Caller;
import dev.sente.stream.Inbound;
import dev.sente.time.Time;
import dev.sente.wire.Frame;
import dev.sente.wire.Message;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a v2 session: takes each message once and in order, hands it on, and
 * acknowledges; reads no further while too many wait for handlers. Touched by the session's mailbox
 * only.
 */
final class Receiving {

  private static final Duration ACKNOWLEDGE_WITHIN = Duration.ofSeconds(1);

  private final StreamSession session;
  private final StreamSessions sessions;
  private final ServerOptions options;
  private final Mailbox mailbox;
  private final Carrier carrier;
  private final Requests requests;
  private final Reading reading = new Reading(this::roomAgain);
  private final Inbound inbound = new Inbound();
  private Time.@Nullable Alarm ackAlarm;

  /** The highest number of a request from the client. */
  private long lastRequest;

  /** How many bytes the frame being taken has, until an event of it counts them. */
  private int uncounted;

  Receiving(
      StreamSession session,
      StreamSessions sessions,
      Mailbox mailbox,
      Carrier carrier,
      Requests requests) {
    this.session = session;
    this.sessions = sessions;
    this.options = sessions.all().options();
    this.mailbox = mailbox;
    this.carrier = carrier;
    this.requests = requests;
  }

  /** How many messages were accepted; the client is being told so now. */
  long tell() {
    inbound.tell();
    return inbound.received();
  }

  /**
   * Takes a WebSocket's batch, of so many bytes.
   *
   * @return false where it breaks the protocol
   */
  boolean takeBatch(StreamSocket from, Frame.Batch batch, int size) {
    uncounted = size;
    for (var message : batch.messages()) {
      if (inbound.accept(from.nextNumber()) && !deliver(message, from.caller())) {
        return false;
      }
    }
    if (inbound.isTellingDue()) {
      from.requestWrite();
    } else if (inbound.untold() > 0 && ackAlarm == null) {
      ackAlarm = options.time().after(ACKNOWLEDGE_WITHIN, () -> mailbox.post(this::sendLateAck));
    }
    return true;
  }

  /** Acknowledges what has come in the last second, if there is somebody to tell. */
  private void sendLateAck() {
    var live = carrier.socket();
    if (live == null) {
      cancelAck();
    } else {
      sendAck(live);
    }
  }

  /** The WebSocket can take bytes: sends the acknowledgement and the pong that are due. */
  void answerDue(StreamSocket live) {
    boolean isPinged = live.takePing();
    if (isPinged || inbound.isTellingDue()) {
      sendAck(live);
    }
    if (isPinged) {
      live.send(StreamWire.pong(live.packer()));
    }
  }

  /** Acknowledges what is not acknowledged yet. */
  private void sendAck(StreamSocket live) {
    cancelAck();
    if (inbound.untold() > 0) {
      live.send(StreamWire.ack(live.packer(), tell()));
    }
  }

  /** Reads a WebSocket that has opened, unless the client's last session has left too much. */
  void readFrom(StreamSocket opened) {
    reading.decide(session.inbox(), requests.isAnyWaiting());
    if (reading.isStopped()) {
      opened.setReading(false);
    }
  }

  /** Reads no further while too many events wait (K27). */
  void readOrNot() {
    var live = carrier.socket();
    if (live != null && reading.decide(session.inbox(), requests.isAnyWaiting())) {
      live.setReading(!reading.isStopped());
    }
  }

  private void roomAgain() {
    mailbox.post(
        () -> {
          reading.hasRoom();
          readOrNot();
        });
  }

  /** Nothing comes any more. */
  void end() {
    reading.end();
    cancelAck();
  }

  private void cancelAck() {
    if (ackAlarm != null) {
      ackAlarm.cancel();
      ackAlarm = null;
    }
  }

  /**
   * Takes a POST of so many bytes whose first message has this number, as far as there is room, and
   * answers it (V19).
   *
   * @return false where it breaks the protocol
   */
  boolean takePost(Admission admission, long first, Frame.Batch batch, int size) {
    if (inbound.isGap(first)) {
      admission.refuse(409, Long.toString(inbound.received()));
      return true;
    }
    uncounted = size;
    long number = first;
    for (var message : batch.messages()) {
      if (inbound.received() < number && !session.inbox().hasRoom(requests.isAnyWaiting())) {
        break;
      }
      if (inbound.accept(number) && !deliver(message, admission.caller())) {
        admission.refuse(400, "Protocol error");
        return false;
      }
      number++;
    }
    // Not told by this for good: the client may have left the POST for a WebSocket (V19).
    admission.respond(StreamWire.ack(admission.packer(), inbound.received()));
    return true;
  }

  /**
   * What an event of the frame being taken counts: the first all of it, which is held until its
   * last event is handled, however little of it was new. Events are handled in order, so that no
   * more than one frame is held and does not count.
   */
  private int count() {
    int bytes = uncounted;
    uncounted = 0;
    return bytes;
  }

  /** Hands a new message on; false where it breaks the protocol. */
  private boolean deliver(Message message, Caller caller) {
    switch (message) {
      case Message.EventMessage event ->
          sessions.deliver(session, caller, event.id(), event.data(), null, count());
      case Message.Request asked -> {
        if (asked.number() <= lastRequest) {
          return false;
        }
        lastRequest = asked.number();
        var answer = new StreamAnswer(session, asked.number());
        sessions.deliver(session, caller, asked.id(), asked.data(), answer, count());
      }
      case Message.Reply reply -> requests.end(reply.number(), new Reply.Value(reply.value()));
      case Message.Failure failure ->
          requests.end(failure.number(), new Reply.RemoteError(failure.code(), failure.message()));
    }
    return true;
  }
}
