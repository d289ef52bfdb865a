package dev.sente.server.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.server.Dropped;
import dev.sente.server.ServerOptions;
import dev.sente.server.session.Life.State;
import dev.sente.stream.Outbound;
import dev.sente.wire.Frame;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a v2 session: keeps each message until it is acknowledged, and gives what
 * carries the stream now what it has not been given, and a close after that. Touched by the
 * session's mailbox only.
 */
final class Sending {

  /** What one frame may hold at most, in bytes; a single message may be larger. */
  private static final int MAX_FRAME_BYTES = 64 * 1024;

  private final Sessions all;
  private final ServerOptions options;
  private final int maxFrameBytes;
  private final Mailbox mailbox;
  private final Lifetime life;
  private final Carrier carrier;
  private final Requests requests;
  private final Losses losses;
  private final Outbound<Outgoing> outbound = new Outbound<>(Outgoing::weight);
  private @Nullable Receipts receipts;

  /** Set when messages were lost for want of room: the stream cannot go on. */
  private boolean overflowed;

  /** How many messages came since, which nobody was told of. */
  private int lost;

  /** How many messages the client's packer could not pack, which nobody was told of. */
  private int unpackable;

  /** What to close the connection with, once messages up to closeAfter have left. */
  private Frame.@Nullable Close closing;

  private long closeAfter;

  /** Whether that is since the server is to stop. */
  private boolean isLeaving;

  /** Whether a batch window's end will send what waits. */
  private boolean isGathering;

  Sending(
      Sessions all,
      Mailbox mailbox,
      Lifetime life,
      Carrier carrier,
      Requests requests,
      Losses losses) {
    this.all = all;
    this.options = all.options();
    this.maxFrameBytes = Math.min(MAX_FRAME_BYTES, options.maxMessageBytes() / 2);
    this.mailbox = mailbox;
    this.life = life;
    this.carrier = carrier;
    this.requests = requests;
    this.losses = losses;
  }

  /** Whether the stream cannot go on. */
  boolean isOver() {
    return overflowed || !life.isResumable();
  }

  /** Why not, where it cannot. */
  String lostBecause() {
    return overflowed ? "overflow" : "unknown-session";
  }

  /** V12: whether the client has acknowledged more than it said in a request. */
  boolean isLate(long received) {
    return received >= 0 && received < outbound.acknowledged() && !isOver();
  }

  /**
   * Begins with a new connection, whose client has accepted this many messages.
   *
   * @return false, with nothing changed, where the stream cannot go on from there
   */
  boolean resumeAt(long received) {
    if (isOver() || !outbound.resumeAt(received)) {
      return false;
    }
    tellReceipts();
    return true;
  }

  /** Forgets what the client has; false where it was not given that many. */
  boolean acknowledge(long received) {
    if (!outbound.acknowledge(received)) {
      return false;
    }
    tellReceipts();
    return true;
  }

  private void tellReceipts() {
    if (receipts != null) {
      receipts.acknowledged(outbound.acknowledged());
    }
  }

  // What is to be sent.

  /** Sends events, at once or at the batch window's end. */
  void push(List<Outgoing> events, boolean flush) {
    boolean isAny = false;
    for (int i = 0; i < events.size(); i++) {
      isAny |= add(events.get(i));
    }
    if (isAny) {
      sendSoon(flush);
    }
  }

  /** Sends a message at once; false where it is lost, which is told. */
  boolean send(Outgoing message) {
    if (add(message)) {
      sendSoon(true);
      return true;
    }
    return false;
  }

  private boolean add(Outgoing message) {
    if (!life.isResumable()) {
      losses.tell(1, Dropped.Reason.GONE);
    } else if (overflowed) {
      // Told at the end: a client that is away would be told of with every push.
      lost++;
    } else if (keep(message)) {
      return true;
    } else {
      overflow(1);
    }
    return false;
  }

  /** V16: false where there is no room; a client that is there has what it had before it came. */
  private boolean keep(Outgoing message) {
    int maxMessages = options.detachedMessages();
    int maxBytes = options.detachedBytes();
    if (life.isThere()) {
      maxMessages = Math.max(maxMessages, options.outboxMessages());
      maxBytes = Math.max(maxBytes, options.outboxBytes());
    }
    return outbound.append(message, maxMessages, maxBytes) != 0;
  }

  /**
   * V16: what cannot be kept is lost, and so the stream with it. Everybody is told.
   *
   * @param refused how many messages were not even added
   */
  private void overflow(int refused) {
    overflowed = true;
    losses.tell(drain() + refused, Dropped.Reason.OVERFLOW);
    requests.endAll(new Reply.Closed());
    carrier.close(new Frame.Close(4001, "too slow", 0));
  }

  /** Nothing will be sent any more: what waits is lost, which is told. */
  void end() {
    losses.tellIfAny(drain(), overflowed ? Dropped.Reason.OVERFLOW : Dropped.Reason.GONE);
  }

  /** Lets go of everything, and tells how many messages are lost by that. */
  private int drain() {
    int waiting = outbound.drain().size() + lost;
    lost = 0;
    if (receipts != null) {
      receipts.lost();
      receipts = null;
    }
    return waiting;
  }

  private void sendSoon(boolean flush) {
    if (!(life.state() instanceof State.Live live)) {
      return;
    }
    var window = all.window(live.transport());
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
    var open = carrier.socket();
    if (open != null) {
      open.requestWrite();
    } else {
      answerPoll();
    }
  }

  /** Closes the connection after what was sent before; the session goes on. */
  void closeWith(Frame.Close close) {
    closing = close;
    closeAfter = outbound.last();
    sendNow();
  }

  /** The same since the server is to stop. */
  void leaveWith(Frame.Close close) {
    isLeaving = true;
    closeWith(close);
  }

  /** There is a newer connection, which may stay: a close was not meant for it. */
  void stay() {
    closing = null;
    isLeaving = false;
  }

  /** Whether the connection is to be closed, or was, since the server is to stop. */
  boolean isLeaving() {
    return isLeaving;
  }

  // What the connection takes.

  boolean hasMore() {
    return outbound.hasMore();
  }

  /** Closes the WebSocket, which can take more, if that is due; whether it was. */
  boolean closeIfDue(StreamSocket writable) {
    var due = outbound.cursor() >= closeAfter ? closing : null;
    if (due == null) {
      return false;
    }
    closing = null;
    writable.close(due);
    return true;
  }

  /**
   * Writes the next frame, if there is more to say, and asks to be called again for the rest.
   * Closes at once where that was all before a close: a server that stops does not wait for another
   * call.
   */
  void writeTo(StreamSocket writable) {
    try {
      if (outbound.hasMore()) {
        writable.send(nextBatch(writable.packer()));
        if (outbound.asks(options.outboxMessages(), options.outboxBytes())) {
          writable.send(StreamWire.ping(writable.packer()));
        }
      }
      if (!closeIfDue(writable) && (outbound.hasMore() || closing != null)) {
        writable.requestWrite();
      }
      tellUnpackable();
    } catch (Throwable e) {
      unpackable(writable.packer(), e);
    }
  }

  /** Answers the held poll with what waits, if anything does. */
  void answerPoll() {
    var held = carrier.poll();
    if (held == null) {
      return;
    }
    var packer = held.admission().packer();
    byte[] answer;
    try {
      answer = nextAnswer(packer);
      tellUnpackable();
    } catch (Throwable e) {
      unpackable(packer, e);
      return;
    }
    if (answer != null) {
      carrier.answer(held, answer);
    }
  }

  /** What to answer a poll with now; null for nothing yet. */
  private byte @Nullable [] nextAnswer(Packer packer) {
    if (outbound.hasMore()) {
      return nextBatch(packer);
    }
    var close = closing;
    closing = null;
    return close == null ? null : StreamWire.close(packer, close);
  }

  private byte[] nextBatch(Packer packer) {
    long first = outbound.cursor() + 1;
    // As its own packer packs them: they may be kept as another's, several times as small.
    var messages =
        outbound.take(
            maxFrameBytes, each -> each.isPackedBy(packer) ? each.weightBy(packer) : each.weight());
    byte[] batch;
    try {
      batch = StreamWire.batch(packer, messages);
    } catch (PackException e) {
      if (!replaceUnpackable(packer, first, messages)) {
        throw e;
      }
      batch = StreamWire.batch(packer, messages);
    }
    if (first <= outbound.acknowledged()) {
      // The client has them, by another connection: kept to be given to this one, too.
      outbound.acknowledge(outbound.acknowledged());
    }
    return batch;
  }

  /** V17: false where the packer can pack each of them. */
  private boolean replaceUnpackable(Packer packer, long first, List<Outgoing> messages) {
    int before = unpackable;
    for (int i = 0; i < messages.size(); i++) {
      if (!messages.get(i).isPackedBy(packer)) {
        var instead = StreamWire.insteadOf(messages.get(i));
        instead.packedBy(packer);
        messages.set(i, instead);
        outbound.replace(first + i, instead);
        if (receipts != null) {
          receipts.lost(first + i);
        }
        unpackable++;
      }
    }
    return unpackable > before;
  }

  /** V17: what the client's packer cannot pack has another message in its place. */
  private void tellUnpackable() {
    int messages = unpackable;
    unpackable = 0;
    losses.tellIfAny(messages, Dropped.Reason.UNPACKABLE);
  }

  /**
   * What waits cannot be packed, though each message can. Messages are numbered by counting, so
   * none can be left out, whatever was thrown.
   */
  private void unpackable(Packer packer, Throwable e) {
    overflow(0);
    losses.logUnpackable(packer, e);
  }

  /**
   * Tells whether the client has got all of these messages, once that is known.
   *
   * @param pushed as they were added one after the other
   * @param packer the client's
   */
  void watch(List<Outgoing> pushed, Packer packer, Consumer<Boolean> outcome) {
    for (var message : pushed) {
      // Acknowledged, unless there was another one in its place.
      if (outbound.numberOf(message) == 0 && !message.isPackedBy(packer)) {
        outcome.accept(false);
        return;
      }
    }
    long last = outbound.numberOf(pushed.getLast());
    if (last == 0) {
      outcome.accept(true);
      return;
    }
    if (receipts == null) {
      receipts = new Receipts();
    }
    receipts.watch(last - pushed.size() + 1, last, outcome);
  }
}
