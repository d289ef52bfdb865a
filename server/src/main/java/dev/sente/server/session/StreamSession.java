package dev.sente.server.session;

import dev.sente.event.Event;
import dev.sente.mailbox.Lane;
import dev.sente.mailbox.Mailbox;
import dev.sente.packer.Packer;
import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Admission;
import dev.sente.server.gate.Caller;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.session.Life.Input;
import dev.sente.server.session.Life.State;
import dev.sente.server.users.Transport;
import dev.sente.server.users.UserClient;
import dev.sente.wire.Frame;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client in v2: an ordered, resumable stream in each direction ({@link Sending}, {@link
 * Receiving}), carried by whichever connection is newest ({@link Carrier}), for a {@link Lifetime},
 * and one in a {@link Succession}. Here is what comes from outside, and which of them it concerns.
 * Everything happens in its mailbox; nothing there blocks or runs the application's code.
 */
final class StreamSession implements Lifetime.Session {

  static final Frame.Close PROTOCOL_ERROR = new Frame.Close(4501, "protocol error", 0);
  static final Frame.Close TOO_LARGE = new Frame.Close(4503, "message too large", 0);

  private final StreamSessions sessions;
  private final SessionKey key;

  /** The address that it is counted for. */
  private final String address;

  private final ServerOptions options;
  private final Inbox inbox;
  private final Mailbox mailbox = new Mailbox();

  /** Who is at the other end of its newest connection. Written by the mailbox. */
  private volatile Caller caller;

  /** Its packer, nearer at hand: every push asks for it. Written by the mailbox. */
  private volatile Packer packer;

  /** Whether it has ended, or its client has begun a newer one. Written by the mailbox. */
  private volatile boolean isLeft;

  // What follows is touched by the mailbox only.
  private final Succession succession;
  private final Lifetime life;
  private final Carrier carrier;
  private final Requests requests;
  private final Sending sending;
  private final Receiving receiving;

  StreamSession(
      StreamSessions sessions, SessionKey key, Inbox inbox, Caller first, Succession succession) {
    var all = sessions.all();
    this.sessions = sessions;
    this.key = key;
    this.address = first.address();
    this.options = all.options();
    this.inbox = inbox;
    this.caller = first;
    this.packer = first.packer();
    this.succession = succession;
    this.life = new Lifetime(all, this, mailbox, true);
    this.carrier = new Carrier(life, mailbox);
    this.requests = new Requests(options, mailbox);
    this.sending = new Sending(all, mailbox, life, carrier, requests, new Losses(all, key, inbox));
    this.receiving = new Receiving(this, sessions, mailbox, carrier, requests);
  }

  /**
   * From now on it ends unless a connection comes in time. Called once it can be found, so that its
   * end finds it.
   */
  void begin() {
    mailbox.post(life::begin);
  }

  @Override
  public @Nullable String uid() {
    return key.uid();
  }

  @Override
  public String clientId() {
    return key.clientId();
  }

  @Override
  public Packer packer() {
    return packer;
  }

  @Override
  public ConnectRequest request() {
    return caller.request();
  }

  @Override
  public Lane lane() {
    return inbox.lane();
  }

  /** Where its events wait. */
  Inbox inbox() {
    return inbox;
  }

  SessionKey key() {
    return key;
  }

  Succession succession() {
    return succession;
  }

  @Override
  public String address() {
    return address;
  }

  // Connections.

  /**
   * A WebSocket has opened whose client has accepted this many messages (V12, V15).
   *
   * @param resumed whether the client asked for this session by its token
   */
  void open(StreamSocket opened, long received, boolean resumed) {
    mailbox.post(
        () -> {
          if (sending.isLate(received)) {
            opened.close(Carrier.SUPERSEDED);
            return;
          }
          if (!sending.resumeAt(received)) {
            sessions.beginUnlessLate(opened, sending.lostBecause());
            return;
          }
          if (resumed) {
            succession.known();
          }
          adopt(opened.caller());
          carrier.become(opened);
          sending.stay();
          opened.startAt(receiving.tell());
          opened.send(handshake(opened.packer(), opened.takeHandshakeData(), resumed));
          life.step(new Input.Opened(opened.number(), Transport.WEB_SOCKET));
          receiving.readFrom(opened);
          if (sending.hasMore()) {
            opened.requestWrite();
          }
          removeIfSignedOut(opened.caller());
          leaveIfGoingAway();
        });
  }

  /** A poll asks for a handshake, in a session that begins or goes on (V4). */
  void handshake(HeldPoll asking, long received, boolean resumed, @Nullable Object handshakeData) {
    mailbox.post(
        () -> {
          if (carrier.socket() != null && asking.isGone(carrier)) {
            return;
          }
          if (sending.isLate(received)) {
            asking.answerTimeout();
            return;
          }
          if (!sending.resumeAt(received)) {
            sessions.beginUnlessLate(asking, handshakeData, sending.lostBecause());
            return;
          }
          if (resumed) {
            succession.known();
          }
          adopt(asking.admission().caller());
          carrier.becomeNothing();
          asking.answer(handshake(caller.packer(), handshakeData, resumed));
          if (!(life.state() instanceof State.Fresh)) {
            life.step(new Input.Opened(asking.number(), Transport.AJAX));
            life.step(new Input.Gone(asking.number()));
          }
          removeIfSignedOut(caller);
        });
  }

  /** A poll has come whose client has accepted this many messages (V18). */
  void open(HeldPoll opened, long received) {
    mailbox.post(
        () -> {
          if (carrier.socket() != null && opened.isGone(carrier)) {
            return;
          }
          if (sending.isLate(received)) {
            opened.answerTimeout();
            return;
          }
          if (!sending.resumeAt(received)) {
            sessions.beginLater(opened, sending.lostBecause());
            return;
          }
          succession.known();
          adopt(opened.admission().caller());
          carrier.become(opened);
          life.step(new Input.Opened(opened.number(), Transport.AJAX));
          stayIfNotGoingAway();
          carrier.hold(opened, options.longPollTimeout());
          removeIfSignedOut(caller);
          sending.answerPoll();
          leaveIfGoingAway();
        });
  }

  /** The server may have begun to stop while the application's hooks were asked. */
  private void leaveIfGoingAway() {
    var close = sessions.all().goingAway();
    if (close != null && life.isLive()) {
      sending.leaveWith(close);
    } else if (sessions.all().isStopped()) {
      life.step(new Input.Removed());
    }
  }

  /** A poll that comes after all that was not told yet to go away may stay. */
  private void stayIfNotGoingAway() {
    if (sending.isLeaving() && sessions.all().goingAway() == null) {
      sending.stay();
    }
  }

  /** Its user may have been signed out while the application's hooks were asked. */
  private void removeIfSignedOut(Caller opened) {
    if (sessions.all().signOuts().reaches(opened)) {
      removeWith(new Frame.Close(4500, SignOuts.REASON, 0));
    }
  }

  /** Closes the connection where the server stops, after what was sent before. */
  void leave() {
    mailbox.post(this::leaveIfGoingAway);
  }

  private void adopt(Caller newest) {
    caller = newest;
    packer = newest.packer();
  }

  /**
   * A request has come with the token of a session that this one has replaced (V12). Where the
   * client has used this one, or the one between, the request is late. Else the client may never
   * have heard of this one, and is told again.
   *
   * @param asked the token
   * @param late what to do with a late one
   * @param again what to do with one whose client is to have this session
   * @param anew what to do where this one is over, too
   */
  void askedForReplaced(String asked, Runnable late, Runnable again, Runnable anew) {
    mailbox.post(() -> (sending.isOver() ? anew : succession.isLate(asked) ? late : again).run());
  }

  private byte[] handshake(Packer packer, @Nullable Object data, boolean resumed) {
    var info = succession.info(receiving.tell(), resumed, options);
    return StreamWire.handshake(packer, key.uid(), data, info);
  }

  /** A WebSocket is closed. */
  void gone(StreamSocket closed) {
    mailbox.post(() -> carrier.gone(closed));
  }

  // What comes from the client.

  /** A frame of so many bytes has come over a WebSocket. */
  void received(StreamSocket from, Frame frame, int size) {
    mailbox.post(
        () -> {
          if (carrier.socket() != from) {
            return;
          }
          succession.known();
          switch (frame) {
            case Frame.Batch batch -> {
              if (!receiving.takeBatch(from, batch, size)) {
                protocolError();
              }
              receiving.readOrNot();
            }
            case Frame.Ack ack -> {
              if (!sending.acknowledge(ack.received())) {
                protocolError();
              }
            }
            case Frame.Ping ping -> from.pinged();
            case Frame.Pong pong -> {}
            case Frame.Close close -> life.step(new Input.Removed());
            case Frame.Timeout timeout -> protocolError();
            case Frame.Handshake handshake -> protocolError();
          }
        });
  }

  /** A POST of so many bytes has come, whose first message has this number (V19). */
  void post(Admission admission, long first, Frame.Batch batch, int size) {
    mailbox.post(
        () -> {
          succession.known();
          if (sending.isOver()) {
            admission.refuse(410, "Unknown session");
          } else if (!receiving.takePost(admission, first, batch, size)) {
            protocolError();
          }
        });
  }

  /** A POST says that the client will not come back (V25). */
  void leave(Admission admission) {
    mailbox.post(
        () -> {
          admission.respond(StreamWire.ack(admission.packer(), receiving.tell()));
          removeWith(new Frame.Close(1000, "closed by the client", 0));
        });
  }

  /** What came over the connection cannot be read, or is too large (V24). */
  void broken(StreamSocket from, Frame.Close because) {
    mailbox.post(
        () -> {
          if (carrier.socket() == from) {
            removeWith(because);
          }
        });
  }

  /** A POST cannot be read, or is too large (V24). It has been refused. */
  void broken(Frame.Close because) {
    mailbox.post(() -> removeWith(because));
  }

  private void protocolError() {
    removeWith(PROTOCOL_ERROR);
  }

  // What goes to the client.

  @Override
  public void push(List<Outgoing> events, boolean flush, List<UserClient> to) {
    mailbox.post(
        () -> {
          // A newer session of the client's has them, unless it began after they were pushed: then
          // they are of the stream that was lost with this one, as what was pushed before.
          if (!succession.isReplacedByOneOf(to)) {
            sending.push(events, flush);
          }
        });
  }

  int maxMessageBytes() {
    return options.maxMessageBytes();
  }

  /** Sends an answer that has been packed; false where nobody waits for it any more (V14). */
  boolean answer(Outgoing answer) {
    mailbox.post(() -> sending.send(answer));
    return !isLeft;
  }

  @Override
  public CompletableFuture<Reply> request(Event event, Duration timeout) {
    var future = new CompletableFuture<Reply>();
    mailbox.post(
        () -> {
          if (requests.ask(event, timeout, future, packer, sending)) {
            receiving.readOrNot();
          }
        });
    return future;
  }

  /** Writes the next messages: the connection can take them. */
  void writable(StreamSocket writable) {
    mailbox.post(
        () -> {
          if (carrier.socket() == writable && !sending.closeIfDue(writable)) {
            receiving.answerDue(writable);
            sending.writeTo(writable);
          }
        });
  }

  // Closing.

  /** Closes the connection after what was sent before; the session goes on. */
  @Override
  public void close() {
    mailbox.post(
        () -> {
          if (life.isLive()) {
            sending.closeWith(new Frame.Close(4000, "closed by the server", 0));
          }
        });
  }

  @Override
  public void remove(int code, String reason) {
    mailbox.post(() -> removeWith(new Frame.Close(code, reason, 0)));
  }

  private void removeWith(Frame.Close close) {
    carrier.close(close);
    life.step(new Input.Removed());
  }

  /** V13: takes the place of an older session, which ends once this one is connected. */
  void replace(StreamSession replaced) {
    mailbox.post(() -> succession.replace(replaced));
  }

  /** V13: a newer session of the same client has begun. This one waits for it to be connected. */
  void abandonFor(StreamSession other) {
    mailbox.post(
        () -> {
          succession.replacedBy(other);
          life.abandon();
          isLeft = true;
          sending.end();
          carrier.becomeNothing();
          if (life.state() instanceof State.Live live) {
            life.step(new Input.Gone(live.connection()));
          } else if (!(life.state() instanceof State.Away)) {
            life.step(new Input.Removed());
          }
        });
  }

  @Override
  public void watch(List<Outgoing> pushed, Consumer<Boolean> outcome) {
    mailbox.post(
        () -> {
          if (sending.isOver()) {
            outcome.accept(false);
          } else {
            sending.watch(pushed, packer, outcome);
          }
        });
  }

  // Its life.

  @Override
  public void connected() {
    succession.connected();
  }

  @Override
  public void replaced(long connection) {}

  @Override
  public void startAnew(long connection) {
    throw new IllegalStateException("not reached: " + connection);
  }

  /** Its connection ends with it: what came over it later would be nobody's. */
  @Override
  public void ended() {
    isLeft = true;
    carrier.end();
    receiving.end();
    sending.end();
    requests.endAll(new Reply.Closed());
    sessions.ended(this);
  }
}
