package dev.sente.client.session;

import dev.sente.client.Lost;
import dev.sente.client.ReceivedEvent;
import dev.sente.client.TransportType;
import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.stream.Inbound;
import dev.sente.stream.Outbound;
import dev.sente.wire.Frame;
import dev.sente.wire.Message;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is said in v2: one ordered, resumable stream in each direction, over whichever connection
 * there is. Only this knows the session; connections know the numbers that they begin at. Touched
 * by the mailbox only, but for what {@link Conversation} says.
 */
final class StreamConversation implements Conversation {

  /** What one frame holds at most where it has more than one message, in bytes. */
  static final int MAX_BATCH_BYTES = 64 * 1024;

  /** What a frame may add to its message, in bytes. */
  private static final int FRAME_BYTES = 16;

  /** How large a message is taken for the server before it says so, at least, in bytes. */
  private static final int USUAL_BYTES = 1024 * 1024;

  /**
   * How many messages, and bytes, are kept at most beyond what the application may queue: answers
   * to the server's requests are not refused, but a server that never acknowledges is (V10).
   */
  private static final int MAX_ANSWERS = 16_384;

  private static final long MAX_ANSWER_BYTES = 64L * 1024 * 1024;

  private static final String TOO_LARGE = "the message is too large";

  private final Host host;
  private final Packer packer;
  private final Room room;
  private final Requests<Long> requests;
  private Outbound<Sent> outbound = new Outbound<>(Sent::weight);
  private Inbound inbound = new Inbound();

  /** The session to go on with; null while there is none. */
  private @Nullable String token;

  /** How large a message the server takes. Written by the mailbox. */
  private volatile int maxMessageBytes;

  /** The number of the last request. Written by the mailbox. */
  private volatile long lastRequest;

  /** The highest number of a request of the server's in this session. */
  private long asked;

  /** Why the session was given up by this side. */
  private @Nullable String forgotten;

  /** Who waits for the server to have what was said. */
  private final Watches watches;

  /** Set when the application wants no more. */
  private boolean over;

  /** Whether something was dropped then: nobody can say that it was delivered. */
  private boolean dropped;

  /**
   * Whether a WebSocket is being opened. Until that is settled no poll may begin, which would take
   * over from it (V15).
   */
  private boolean opening;

  /** Whether the last answer to a poll but for handshakes could not be read. */
  private boolean unreadable;

  private Runnable whenSettled = () -> {};

  /** What a POST's answer acknowledged while a WebSocket was being opened (V19). */
  private long acknowledgedLater;

  StreamConversation(Host host) {
    this.host = host;
    var options = host.options();
    this.packer = options.packer();
    this.room = new Room(options.maxQueuedMessages(), options.maxQueuedBytes());
    this.requests = new Requests<>(options.time(), host.mailbox(), host.executor());
    this.maxMessageBytes = Math.max(USUAL_BYTES, options.maxMessageBytes());
    this.watches = new Watches(host.executor());
  }

  Host host() {
    return host;
  }

  Packer packer() {
    return packer;
  }

  Outbound<Sent> outbound() {
    return outbound;
  }

  Inbound inbound() {
    return inbound;
  }

  @Nullable String token() {
    return token;
  }

  @Override
  public boolean resumes() {
    return true;
  }

  @Override
  public boolean isWaiting() {
    return requests.isWaiting() || watches.isWaiting();
  }

  // What the application says.

  @Override
  public void check(Event event) {
    Outgoing.event(event).packedBy(packer);
  }

  @Override
  public boolean send(Event event) {
    var outgoing = Outgoing.event(event);
    outgoing.packedBy(packer);
    if (!hasRoomFor(outgoing)) {
      return false;
    }
    host.mailbox().post(() -> append(new Sent(outgoing, event.id(), 0)));
    return true;
  }

  private boolean hasRoomFor(Outgoing outgoing) {
    return !isTooLarge(outgoing.weight()) && room.take(outgoing.weight());
  }

  /** Whether the server does not take a message of so many bytes. */
  private boolean isTooLarge(int weight) {
    return weight + FRAME_BYTES > maxMessageBytes;
  }

  @Override
  public void request(Event event, Duration timeout, CompletableFuture<Reply> future) {
    long guess = lastRequest + 1;
    var guessed = StreamWire.request(guess, event);
    guessed.packedBy(packer);
    if (!hasRoomFor(guessed)) {
      requests.complete(
          future,
          new Reply.Refused(isTooLarge(guessed.weight()) ? TOO_LARGE : "the queue is full"));
      return;
    }
    host.mailbox()
        .post(
            () -> {
              long number = lastRequest + 1;
              lastRequest = number;
              var outgoing = guessed;
              if (number != guess) {
                room.give(1, guessed.weight());
                try {
                  outgoing = StreamWire.request(number, event);
                  outgoing.packedBy(packer);
                } catch (Throwable e) {
                  // The data was changed meanwhile, or there is no memory for it.
                  var why = "the request cannot be packed any more: " + e;
                  requests.complete(future, new Reply.Refused(why));
                  return;
                }
                room.force(outgoing.weight());
              }
              var sent = new Sent(outgoing, event.id(), number);
              if (over) {
                drop(sent);
                requests.complete(future, new Reply.Closed());
                return;
              }
              requests.begin(number, future, timeout, () -> withdraw(sent));
              append(sent);
            });
  }

  private void append(Sent sent) {
    if (over) {
      dropped = true;
      drop(sent);
      return;
    }
    outbound.append(sent, Integer.MAX_VALUE, Long.MAX_VALUE);
    host.flush().run();
  }

  private void drop(Sent sent) {
    room.give(1, sent.weight());
  }

  /** Takes a message back; false if a connection was given it. */
  private boolean withdraw(Sent sent) {
    boolean neverLeft = outbound.withdraw(sent);
    if (neverLeft) {
      drop(sent);
      watches.endAt(outbound.last());
      watches.reached(outbound.acknowledged());
    }
    return neverLeft;
  }

  @Override
  public void delivered(CompletableFuture<Boolean> future) {
    host.mailbox()
        .post(
            () -> {
              watches.add(outbound.last(), future);
              if (dropped) {
                watches.lost();
              }
              watches.reached(outbound.acknowledged());
              // More is read for who waits, since the acknowledgement may stand behind what waits.
              host.flush().run();
            });
  }

  /** Does something that may make the queue shorter, and gives the room back. */
  private boolean shrinking(BooleanSupplier change) {
    int messages = outbound.kept();
    long bytes = outbound.keptBytes();
    boolean outcome = change.getAsBoolean();
    room.give(messages - outbound.kept(), bytes - outbound.keptBytes());
    watches.reached(outbound.acknowledged());
    return outcome;
  }

  // What connections do.

  @Override
  public void begin() {
    over = false;
    dropped = false;
  }

  @Override
  public Connection open(TransportType type, Link link) {
    return type == TransportType.WS
        ? StreamSocket.open(this, link)
        : StreamPolling.open(this, link);
  }

  boolean isUnreadable() {
    return unreadable;
  }

  void setUnreadable(boolean isUnreadable) {
    unreadable = isUnreadable;
  }

  boolean isOpening() {
    return opening;
  }

  void beginOpening() {
    opening = true;
  }

  /** The WebSocket that was being opened is open, or is given up. */
  void settle() {
    if (opening) {
      opening = false;
      long later = acknowledgedLater;
      acknowledgedLater = 0;
      acknowledged(later);
      whenSettled.run();
    }
  }

  void whenSettled(Runnable task) {
    whenSettled = task;
  }

  /** The server has accepted messages up to this number (V10). */
  void acknowledged(long number) {
    if (!shrinking(() -> outbound.acknowledge(number))) {
      throw new BrokenProtocolException("the server acknowledged more than was sent");
    }
  }

  /**
   * The same by a POST's answer while a WebSocket is being opened: the handshake may count less,
   * since the POST may have overtaken it, so nothing is forgotten before that is settled (V19).
   */
  void acknowledgedLater(long number) {
    if (number > outbound.given()) {
      throw new BrokenProtocolException("the server acknowledged more than was sent");
    }
    acknowledgedLater = Math.max(acknowledgedLater, number);
  }

  /** A connection begins after this number; false if the stream cannot. */
  boolean resumeAt(long number) {
    return shrinking(() -> outbound.resumeAt(number));
  }

  /** Whether to ping the server, so that it acknowledges (V9). */
  boolean asks() {
    var options = host.options();
    return outbound.asks(options.maxQueuedMessages(), options.maxQueuedBytes());
  }

  /**
   * The next messages as one frame; null where there are none.
   *
   * @param maxBytes how large it may be where it has more than one message
   * @throws RuntimeException if they cannot be packed together, which ends the session
   */
  byte @Nullable [] nextBatch(int maxBytes) {
    if (!outbound.hasMore()) {
      return null;
    }
    // Half, since what stands between messages is not weighed.
    var sent = outbound.take(Math.min(maxBytes, maxMessageBytes / 2));
    if (sent.size() == 1) {
      return StreamWire.batch(packer, List.of(sent.getFirst().outgoing()));
    }
    var messages = new ArrayList<Outgoing>(sent.size());
    for (var message : sent) {
      messages.add(message.outgoing());
    }
    return StreamWire.batch(packer, messages);
  }

  /**
   * The server has shaken hands.
   *
   * @param base how many messages the client had when it began to connect
   * @return the number that the connection's first message from the server follows (V6)
   * @throws BrokenProtocolException if the session cannot go on as the server says
   */
  long begin(Frame.Handshake handshake, long base, Link link) {
    var info = handshake.info();
    // What the handshake does not count goes again.
    acknowledgedLater = 0;
    // A handshake told again (V12) says of the session that is there that it was not resumed.
    boolean goesOn = info.session().equals(token);
    if (info.maxMessageBytes() > 0) {
      maxMessageBytes = info.maxMessageBytes();
    }
    Lost lost = null;
    if (!goesOn) {
      var told = info.lost() == null ? "unknown-session" : info.lost();
      lost = beginAnew(forgotten != null ? forgotten : token == null ? null : told);
    } else if (!resumeAt(info.received())) {
      throw new BrokenProtocolException("the server has another count of what it received");
    }
    token = info.session();
    link.opened(new Greeting(handshake.uid(), handshake.data(), goesOn, lost));
    return goesOn && info.resumed() ? base : 0;
  }

  /** V14: what was given to a connection stays out of the new session; the rest goes into it. */
  private @Nullable Lost beginAnew(@Nullable String reason) {
    var lostIds = new ArrayList<String>();
    var kept = new HashSet<Long>();
    var tooLarge = new ArrayList<Sent>();
    if (outbound.given() > outbound.acknowledged()) {
      watches.lost();
    }
    watches.beginAt(outbound.acknowledged());
    shrinking(
        () -> {
          int given = (int) (outbound.given() - outbound.acknowledged());
          var all = outbound.drain();
          outbound = new Outbound<>(Sent::weight);
          for (int i = 0; i < all.size(); i++) {
            var sent = all.get(i);
            if (i >= given && sent.id() != null && isTooLarge(sent.weight())) {
              tooLarge.add(sent);
            } else if (i >= given && sent.id() != null) {
              outbound.append(sent, Integer.MAX_VALUE, Long.MAX_VALUE);
              kept.add(sent.request());
            } else if (sent.id() != null) {
              lostIds.add(sent.id());
            }
          }
          return true;
        });
    tooLarge.forEach(this::leaveOut);
    watches.endAt(outbound.last());
    watches.reached(0);
    inbound = new Inbound();
    asked = 0;
    forgotten = null;
    requests.endAll(new Reply.Closed(), kept::contains);
    return reason == null ? null : new Lost(reason, lostIds);
  }

  /** What was queued before the server told that it does not take it. */
  private void leaveOut(Sent sent) {
    if (sent.request() > 0) {
      requests.end(sent.request(), new Reply.Refused(TOO_LARGE));
    } else {
      watches.lost();
      var why = TOO_LARGE + ": the server takes " + maxMessageBytes + " bytes";
      host.report(new PackException(why), String.valueOf(sent.id()));
    }
  }

  /** The server has broken the protocol: the session cannot go on. */
  void forget() {
    if (token != null) {
      forgotten = "protocol";
    }
    token = null;
  }

  @Override
  public void interrupted(boolean isAway) {
    if (isAway) {
      requests.refuseAll("the server refused the connection");
    }
  }

  @Override
  public void end() {
    over = true;
    token = null;
    forgotten = null;
    dropped |= outbound.last() > outbound.acknowledged();
    watches.lost();
    shrinking(
        () -> {
          outbound.drain();
          return true;
        });
    beginAnew(null);
  }

  // What the server says.

  /**
   * A message came that was not seen before.
   *
   * @param size its share of the frame that it came in, in bytes
   */
  void deliver(Message message, int size) {
    var inbox = host.inbox();
    switch (message) {
      case Message.EventMessage event -> {
        var received = new ReceivedEvent(event.id(), event.data());
        inbox.add(() -> host.handlers().deliver(received), size);
      }
      case Message.Request request -> {
        if (request.number() <= asked) {
          throw new BrokenProtocolException("a request's number went back");
        }
        checkAcknowledged();
        asked = request.number();
        var received = new ReceivedEvent(request.id(), request.data());
        var answer = new Answer(inbound, request.number());
        inbox.add(() -> host.handlers().answer(received, answer), size);
      }
      case Message.Reply reply -> requests.end(reply.number(), new Reply.Value(reply.value()));
      case Message.Failure failure ->
          requests.end(failure.number(), new Reply.RemoteError(failure.code(), failure.message()));
    }
  }

  private void checkAcknowledged() {
    var options = host.options();
    if (outbound.kept() - MAX_ANSWERS > options.maxQueuedMessages()
        || outbound.keptBytes() > options.maxQueuedBytes() + MAX_ANSWER_BYTES) {
      throw new BrokenProtocolException("the server asks and does not acknowledge");
    }
  }

  /** The answer to a request of the server's. For any thread. */
  private final class Answer implements Handlers.Answer {
    private final Inbound session;
    private final long number;

    Answer(Inbound session, long number) {
      this.session = session;
      this.number = number;
    }

    @Override
    public void value(@Nullable Object value) {
      // One that the server does not take fails as one that cannot be packed does.
      say(StreamWire.reply(number, value, maxMessageBytes));
    }

    @Override
    public void error(String code, @Nullable String message) {
      say(StreamWire.failure(number, code, message));
    }

    private void say(Outgoing outgoing) {
      outgoing.packedBy(packer);
      host.mailbox()
          .post(
              () -> {
                // It belongs to the session that asked.
                if (inbound == session) {
                  room.force(outgoing.weight());
                  append(new Sent(outgoing, null, 0));
                }
              });
    }
  }
}
