package dev.sente.server.session;

import dev.sente.event.Event;
import dev.sente.mailbox.Lane;
import dev.sente.mailbox.Mailbox;
import dev.sente.packer.Packer;
import dev.sente.server.Dropped;
import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Admission;
import dev.sente.server.gate.Caller;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.router.Router;
import dev.sente.server.session.Life.Effect;
import dev.sente.server.session.Life.Input;
import dev.sente.server.session.Life.State;
import dev.sente.server.users.Transport;
import dev.sente.server.users.UserClient;
import dev.sente.time.Deadline;
import dev.sente.wire.Frame;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import dev.sente.wire.SessionInfo;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client in v2: an ordered, resumable stream in each direction, carried by whichever connection
 * is newest. Carries out what {@link Life} decides. Everything happens in its mailbox; nothing
 * there blocks or runs the application's code.
 */
final class StreamSession implements UserClient, HeldPoll.Holder {

  private static final Logger log = LoggerFactory.getLogger(StreamSession.class);

  static final Frame.Close PROTOCOL_ERROR = new Frame.Close(4501, "protocol error", 0);
  static final Frame.Close TOO_LARGE = new Frame.Close(4503, "message too large", 0);

  /** How many sessions of a client's are known as replaced: more than a request is late for. */
  private static final int MAX_REPLACED = 4;

  private final StreamSessions sessions;
  private final SessionKey key;
  private final String token;

  /** The address that it is counted for. */
  private final String address;

  /**
   * The tokens of the sessions that it has replaced, the latest first: the one that its first
   * request named, and those that this one had replaced.
   */
  private final List<String> replaced;

  /** Why it is not the session that its client had asked for; null if it had asked for none. */
  private final @Nullable String lost;

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
  private State state = new State.Fresh(0);
  private final Sending sending;
  private final Receiving receiving;
  private final Reading reading = new Reading(this::roomAgain);
  private @Nullable StreamSocket socket;
  private @Nullable HeldPoll poll;
  private final Requests requests;

  /** When a held poll is to be answered, or the time given to come back is over. */
  private final Deadline deadline;

  /** Whether a batch window's end will send what waits. */
  private boolean isGathering;

  /** Whether it was to be closed since the server was to stop. */
  private boolean isLeaving;

  /** The session of the same client that this one replaces, until it is connected. */
  private @Nullable StreamSession older;

  /** Whether the client has shown that it knows of this session. */
  private boolean isKnown;

  /**
   * The newer session of the same client, once one has begun. Written once by the mailbox; read by
   * those of older sessions, too.
   */
  private volatile @Nullable StreamSession newer;

  StreamSession(
      StreamSessions sessions,
      SessionKey key,
      String token,
      Inbox inbox,
      Caller first,
      @Nullable StreamSession before,
      @Nullable String lost) {
    this.sessions = sessions;
    this.key = key;
    this.token = token;
    this.address = first.address();
    this.replaced = replaced(first.request().sessionToken().orElse(null), before);
    this.lost = lost;
    this.options = sessions.all().options();
    this.inbox = inbox;
    this.requests = new Requests(options.time(), options.executor());
    this.sending = new Sending(options);
    this.deadline = new Deadline(options.time(), mailbox::post);
    this.receiving = new Receiving(this, sessions, requests);
    this.caller = first;
    this.packer = first.packer();
  }

  /**
   * From now on it ends unless a connection comes in time. Called once it can be found, so that its
   * end finds it.
   */
  void begin() {
    mailbox.post(
        () -> {
          if (state instanceof State.Fresh) {
            waitFor(Sessions.firstConnectionWithin(options), 0);
          }
        });
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

  String token() {
    return token;
  }

  String address() {
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
          if (isLate(received)) {
            opened.close(new Frame.Close(4002, "superseded", 0));
            return;
          }
          if (!resumeAt(received)) {
            sessions.beginUnlessLate(opened, lostBecause());
            return;
          }
          isKnown |= resumed;
          adopt(opened.caller());
          supersedeBy(opened, null);
          sending.forgetClose();
          isLeaving = false;
          opened.startAt(receiving.tell());
          opened.send(handshake(opened.packer(), opened.takeHandshakeData(), resumed));
          step(new Input.Opened(opened.number(), Transport.WEB_SOCKET));
          // Also where the client's last session has left much to be handled.
          reading.decide(inbox, requests.isAnyWaiting());
          if (reading.isStopped()) {
            opened.setReading(false);
          }
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
          if (isLate(received)) {
            asking.answerTimeout();
            return;
          }
          if (!resumeAt(received)) {
            sessions.beginUnlessLate(asking, handshakeData, lostBecause());
            return;
          }
          isKnown |= resumed;
          adopt(asking.admission().caller());
          supersedeBy(null, null);
          asking.answer(handshake(caller.packer(), handshakeData, resumed));
          if (!(state instanceof State.Fresh)) {
            step(new Input.Opened(asking.number(), Transport.AJAX));
            step(new Input.Gone(asking.number()));
          }
          removeIfSignedOut(caller);
        });
  }

  /** A poll has come whose client has accepted this many messages (V18). */
  void open(HeldPoll opened, long received) {
    mailbox.post(
        () -> {
          if (isLate(received)) {
            opened.answerTimeout();
            return;
          }
          if (!resumeAt(received)) {
            sessions.beginLater(opened, lostBecause());
            return;
          }
          isKnown = true;
          adopt(opened.admission().caller());
          supersedeBy(null, opened);
          step(new Input.Opened(opened.number(), Transport.AJAX));
          stayIfNotGoingAway();
          hold(opened);
          removeIfSignedOut(caller);
          answerPoll();
          leaveIfGoingAway();
        });
  }

  /** The server may have begun to stop while the application's hooks were asked. */
  private void leaveIfGoingAway() {
    var close = sessions.all().goingAway();
    if (close != null && state instanceof State.Live) {
      isLeaving = true;
      sending.closeWith(close);
      sendNow();
    } else if (sessions.all().isStopped()) {
      step(new Input.Removed());
    }
  }

  /** A poll that comes after all that was not told yet to go away may stay. */
  private void stayIfNotGoingAway() {
    if (isLeaving && sessions.all().goingAway() == null) {
      isLeaving = false;
      sending.forgetClose();
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

  private void hold(HeldPoll held) {
    held.hold(this);
    deadline.set(
        options.longPollTimeout(),
        () -> {
          if (poll == held) {
            finishPoll(held, StreamWire.timeout(held.admission().packer()));
          }
        });
  }

  private void adopt(Caller newest) {
    caller = newest;
    packer = newest.packer();
  }

  /** Closes an older WebSocket and answers an older poll. */
  private void supersedeBy(@Nullable StreamSocket newerSocket, @Nullable HeldPoll newerPoll) {
    var olderSocket = socket;
    var olderPoll = poll;
    socket = newerSocket;
    poll = newerPoll;
    if (olderSocket != null) {
      olderSocket.close(new Frame.Close(4002, "superseded", 0));
    }
    if (olderPoll != null) {
      olderPoll.answerTimeout();
    }
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
    boolean isLatest = asked.equals(replaced.getFirst());
    mailbox.post(() -> (isOver() ? anew : isKnown || !isLatest ? late : again).run());
  }

  /** Whether it has replaced, by itself or by the ones before, the session with this token. */
  boolean hasReplaced(String asked) {
    return replaced.contains(asked);
  }

  private static List<String> replaced(@Nullable String asked, @Nullable StreamSession before) {
    if (asked == null) {
      return List.of();
    }
    if (before == null || !asked.equals(before.token)) {
      return List.of(asked);
    }
    return Stream.concat(Stream.of(asked), before.replaced.stream()).limit(MAX_REPLACED).toList();
  }

  /** V12: the client has acknowledged more since it sent the request. */
  private boolean isLate(long received) {
    return sending.isLate(received) && !isOver();
  }

  private boolean resumeAt(long received) {
    return !isOver() && sending.resumeAt(received);
  }

  /** Whether the stream cannot go on. */
  private boolean isOver() {
    return sending.hasOverflowed() || newer != null || state instanceof State.Ended;
  }

  private String lostBecause() {
    return sending.hasOverflowed() ? "overflow" : "unknown-session";
  }

  private byte[] handshake(Packer packer, @Nullable Object data, boolean resumed) {
    var info =
        new SessionInfo(
            token,
            receiving.tell(),
            resumed,
            resumed ? null : lost,
            StreamSocket.pingInterval(options).toMillis(),
            options.webSocketPingTimeout().toMillis(),
            options.maxMessageBytes());
    return StreamWire.handshake(packer, key.uid(), data, info);
  }

  /** A WebSocket is closed. */
  void gone(StreamSocket closed) {
    mailbox.post(
        () -> {
          if (socket == closed) {
            socket = null;
          }
          step(new Input.Gone(closed.number()));
        });
  }

  @Override
  public void aborted(HeldPoll aborted) {
    mailbox.post(
        () -> {
          if (poll == aborted) {
            poll = null;
            step(new Input.Gone(aborted.number()));
          }
        });
  }

  // What comes from the client.

  /** A frame of so many bytes has come over a WebSocket. */
  void received(StreamSocket from, Frame frame, int size) {
    mailbox.post(
        () -> {
          if (socket != from) {
            return;
          }
          isKnown = true;
          switch (frame) {
            case Frame.Batch batch -> {
              if (!receiving.takeBatch(from, batch, size)) {
                protocolError();
              }
              readOrNot();
            }
            case Frame.Ack ack -> {
              if (!sending.acknowledge(ack.received())) {
                protocolError();
              }
            }
            case Frame.Ping ping -> from.pinged();
            case Frame.Pong pong -> {}
            case Frame.Close close -> step(new Input.Removed());
            case Frame.Timeout timeout -> protocolError();
            case Frame.Handshake handshake -> protocolError();
          }
        });
  }

  /** Acknowledges what has come in the last second. */
  void acknowledgeLate() {
    mailbox.post(() -> receiving.sendAck(socket));
  }

  /** A POST of so many bytes has come, whose first message has this number (V19). */
  void post(Admission admission, long first, Frame.Batch batch, int size) {
    mailbox.post(
        () -> {
          isKnown = true;
          if (isOver()) {
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
          if (socket == from) {
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
          if (!isReplacedByOneOf(to)) {
            boolean isAny = false;
            for (int i = 0; i < events.size(); i++) {
              isAny |= add(events.get(i));
            }
            if (isAny) {
              sendSoon(flush);
            }
          }
        });
  }

  private boolean isReplacedByOneOf(List<UserClient> others) {
    for (var after = newer; after != null; after = after.newer) {
      if (others.contains(after)) {
        return true;
      }
    }
    return false;
  }

  int maxMessageBytes() {
    return options.maxMessageBytes();
  }

  /** Sends an answer that has been packed; false where nobody waits for it any more (V14). */
  boolean answer(Outgoing answer) {
    mailbox.post(() -> send(answer, true));
    return !isLeft;
  }

  @Override
  public CompletableFuture<Reply> request(Event event, Duration timeout) {
    var future = new CompletableFuture<Reply>();
    mailbox.post(
        () -> {
          if (isOver()) {
            requests.refuse(future, "the client is gone");
            return;
          }
          long number = requests.nextNumber();
          var message = StreamWire.request(number, event, options.maxMessageBytes());
          try {
            message.packedBy(packer);
          } catch (Throwable e) {
            requests.refuse(future, "the request cannot be packed for the client");
            log.debug("a request cannot be packed by {}", packer.name(), e);
            Router.throwIfOfTheMachine(e);
            return;
          }
          if (send(message, true) && !isOver()) {
            requests.begin(number, future, timeout, mailbox);
            readOrNot();
            // Who waits no more has it cancelled.
            future.whenComplete(
                (reply, error) -> {
                  if (error != null) {
                    mailbox.post(() -> requests.forget(number));
                  }
                });
          } else {
            requests.refuse(future, "there is no room for the request to wait");
          }
        });
    return future;
  }

  /** Sends a message; false where it is lost, which is told. */
  private boolean send(Outgoing message, boolean flush) {
    if (add(message)) {
      sendSoon(flush);
      return true;
    }
    return false;
  }

  private boolean add(Outgoing message) {
    if (newer != null || state instanceof State.Ended) {
      dropped(1, Dropped.Reason.GONE);
    } else if (sending.hasOverflowed()) {
      // Told at the end: a client that is away would be told of with every push.
      sending.countLost();
    } else if (sending.add(message, isThere())) {
      return true;
    } else {
      overflow(1);
    }
    return false;
  }

  /** V16: a client before its first poll or between two is not detached, unless it is late. */
  private boolean isThere() {
    return state instanceof State.Live
        || state instanceof State.Fresh
        || (state instanceof State.Away away && away.transport() == Transport.AJAX);
  }

  /**
   * V16: what cannot be kept is lost, and so the stream with it. Everybody is told.
   *
   * @param refused how many messages were not even added
   */
  private void overflow(int refused) {
    dropped(sending.overflow() + refused, Dropped.Reason.OVERFLOW);
    requests.endAll(new Reply.Closed());
    var close = new Frame.Close(4001, "too slow", 0);
    var live = socket;
    if (live != null) {
      live.close(close);
    }
    var held = poll;
    if (held != null) {
      finishPoll(held, StreamWire.close(held.admission().packer(), close));
    }
  }

  private void sendSoon(boolean flush) {
    if (!(state instanceof State.Live live)) {
      return;
    }
    var window = sessions.all().window(live.transport());
    if (flush || window.isZero()) {
      sendNow();
    } else if (!isGathering) {
      isGathering = true;
      window.atEnd(() -> mailbox.post(this::gathered));
    }
  }

  private void gathered() {
    isGathering = false;
    sendNow();
  }

  private void sendNow() {
    var open = socket;
    if (open != null) {
      open.requestWrite();
    } else {
      answerPoll();
    }
  }

  /** Writes the next messages: the connection can take them. */
  void writable(StreamSocket writable) {
    mailbox.post(
        () -> {
          if (socket != writable) {
            return;
          }
          var close = sending.takeClose();
          if (close != null) {
            writable.close(close);
            return;
          }
          boolean isPinged = writable.takePing();
          receiving.sendAckIfDue(writable, isPinged);
          if (isPinged) {
            writable.send(StreamWire.pong(writable.packer()));
          }
          try {
            sending.writeTo(writable);
            tellUnpackable();
          } catch (Throwable e) {
            unpackable(e);
          }
        });
  }

  /** V17: what the client's packer cannot pack has another message in its place. */
  private void tellUnpackable() {
    int messages = sending.takeUnpackable();
    if (messages > 0) {
      dropped(messages, Dropped.Reason.UNPACKABLE);
    }
  }

  /**
   * What waits cannot be packed, though each message can. Messages are numbered by counting, so
   * none can be left out, whatever was thrown.
   */
  private void unpackable(Throwable e) {
    overflow(0);
    log.warn(
        "what waits for client {} cannot be packed by {}: {}",
        key.clientId(),
        packer.name(),
        e.toString());
    Router.throwIfOfTheMachine(e);
  }

  /** Answers the poll with what waits, if anything does. */
  private void answerPoll() {
    var held = poll;
    if (held == null) {
      return;
    }
    byte[] answer;
    try {
      answer = sending.nextAnswer(held.admission().packer());
      tellUnpackable();
    } catch (Throwable e) {
      unpackable(e);
      return;
    }
    if (answer != null) {
      finishPoll(held, answer);
    }
  }

  private void finishPoll(HeldPoll held, byte[] message) {
    poll = null;
    held.answer(message);
    step(new Input.Gone(held.number()));
  }

  // Closing.

  /** Closes the connection after what was sent before; the session goes on. */
  @Override
  public void close() {
    mailbox.post(
        () -> {
          if (state instanceof State.Live) {
            sending.closeWith(new Frame.Close(4000, "closed by the server", 0));
            sendNow();
          }
        });
  }

  @Override
  public void remove(int code, String reason) {
    mailbox.post(() -> removeWith(new Frame.Close(code, reason, 0)));
  }

  private void removeWith(Frame.Close close) {
    var live = socket;
    if (live != null) {
      live.close(close);
    }
    var held = poll;
    if (held != null) {
      poll = null;
      held.answer(StreamWire.close(held.admission().packer(), close));
    }
    step(new Input.Removed());
  }

  /** V13: takes the place of an older session, which ends once this one is connected. */
  void replace(StreamSession replaced) {
    mailbox.post(() -> older = replaced);
  }

  /** V13: a newer session of the same client has begun. This one waits for it to be connected. */
  void abandonFor(StreamSession other) {
    mailbox.post(
        () -> {
          newer = other;
          isLeft = true;
          loseTheRest();
          supersedeBy(null, null);
          if (state instanceof State.Live live) {
            step(new Input.Gone(live.connection()));
          } else if (!(state instanceof State.Away)) {
            step(new Input.Removed());
          }
        });
  }

  @Override
  public void watch(List<Outgoing> pushed, Consumer<Boolean> outcome) {
    mailbox.post(
        () -> {
          if (isOver()) {
            outcome.accept(false);
          } else {
            sending.watch(pushed, packer, outcome);
          }
        });
  }

  /** Reads no further while too many events wait (K27). */
  private void readOrNot() {
    var live = socket;
    if (live != null && reading.decide(inbox, requests.isAnyWaiting())) {
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

  // Its life.

  private void step(Input input) {
    if (input instanceof Input.Opened) {
      deadline.clear();
    }
    var step = Life.step(newer == null, state, input);
    if (state instanceof State.Absent && !(step.next() instanceof State.Absent)) {
      sessions.all().headcount().back(key.uid(), address);
    }
    state = step.next();
    for (var effect : step.effects()) {
      apply(effect);
    }
  }

  private void apply(Effect effect) {
    switch (effect) {
      case Effect.Connected(Transport transport) -> {
        sessions.all().users().connected(this, transport);
        // Only now, so that the user stays present all the while.
        if (older != null) {
          older.remove(4002, "superseded");
          older = null;
        }
      }
      case Effect.Replaced replaced -> {}
      case Effect.Wait(Transport transport, int period) -> {
        if (sessions.all().isStopped()) {
          // Nobody can come back.
          step(new Input.Removed());
        } else {
          waitFor(
              transport == Transport.WEB_SOCKET
                  ? options.webSocketReconnectGrace()
                  : options.ajaxReconnectGrace(),
              period);
        }
      }
      case Effect.NoLongerPresent(int period) -> {
        sessions.all().headcount().away(key.uid(), address);
        sessions.all().users().absent(this);
        waitFor(options.resumeWindow(), period);
      }
      case Effect.Disconnected() -> sessions.all().users().disconnected(this);
      case Effect.End() -> end();
      case Effect.StartAnew anew -> throw new IllegalStateException("not reached: " + anew);
    }
  }

  /** Its connection ends with it: what came over it later would be nobody's. */
  private void end() {
    isLeft = true;
    deadline.end();
    var live = socket;
    socket = null;
    if (live != null) {
      live.end();
    }
    reading.end();
    var held = poll;
    poll = null;
    if (held != null) {
      held.answerTimeout();
    }
    receiving.cancelAck();
    loseTheRest();
    requests.endAll(new Reply.Closed());
    sessions.ended(this);
  }

  private void loseTheRest() {
    int lost = sending.end();
    if (lost > 0) {
      dropped(lost, sending.hasOverflowed() ? Dropped.Reason.OVERFLOW : Dropped.Reason.GONE);
    }
  }

  private void waitFor(Duration duration, int period) {
    deadline.set(duration, () -> step(new Input.Waited(period)));
  }

  private void dropped(int messages, Dropped.Reason reason) {
    var told = new Dropped(key.uid(), key.clientId(), messages, reason);
    inbox.lane().add(() -> sessions.all().tell(told));
  }
}
