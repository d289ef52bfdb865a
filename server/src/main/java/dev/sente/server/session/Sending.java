package dev.sente.server.session;

import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.server.ServerOptions;
import dev.sente.stream.Outbound;
import dev.sente.wire.Frame;
import dev.sente.wire.Outgoing;
import dev.sente.wire.StreamWire;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a v2 session: keeps each message until it is acknowledged, gives the newest
 * connection what it has not been given, and a close after that. Touched by the session's mailbox
 * only.
 */
final class Sending {

  /** What one frame may hold at most, in bytes; a single message may be larger. */
  private static final int MAX_FRAME_BYTES = 64 * 1024;

  private final ServerOptions options;
  private final int maxFrameBytes;
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

  Sending(ServerOptions options) {
    this.options = options;
    this.maxFrameBytes = Math.min(MAX_FRAME_BYTES, options.maxMessageBytes() / 2);
  }

  /** V12: whether the client has acknowledged more than it said in a request. */
  boolean isLate(long received) {
    return received >= 0 && received < outbound.acknowledged();
  }

  /**
   * Begins with a new connection, whose client has accepted this many messages.
   *
   * @return false, with nothing changed, where the stream cannot go on from there
   */
  boolean resumeAt(long received) {
    if (!outbound.resumeAt(received)) {
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

  /**
   * Adds a message that has been packed.
   *
   * @param isThere whether the client is not detached (V16): it has the room that it had before it
   *     came, at least
   * @return false, with nothing added, where there is no room
   */
  boolean add(Outgoing message, boolean isThere) {
    int maxMessages = options.detachedMessages();
    int maxBytes = options.detachedBytes();
    if (isThere) {
      maxMessages = Math.max(maxMessages, options.outboxMessages());
      maxBytes = Math.max(maxBytes, options.outboxBytes());
    }
    return outbound.append(message, maxMessages, maxBytes) != 0;
  }

  /** V16: a message could not be kept, so the stream is lost; tells how many others with it. */
  int overflow() {
    overflowed = true;
    return end();
  }

  /** A message came after that. */
  void countLost() {
    lost++;
  }

  boolean hasOverflowed() {
    return overflowed;
  }

  /** Lets go of everything, and tells how many messages are lost by that. */
  int end() {
    int all = outbound.drain().size() + lost;
    lost = 0;
    if (receipts != null) {
      receipts.lost();
      receipts = null;
    }
    return all;
  }

  boolean hasMore() {
    return outbound.hasMore();
  }

  /** Closes the connection after what was sent before. */
  void closeWith(Frame.Close close) {
    closing = close;
    closeAfter = outbound.last();
  }

  /** There is a newer WebSocket, which the close was not meant for. */
  void forgetClose() {
    closing = null;
  }

  /** The close that is due on a WebSocket now; null for none. */
  Frame.@Nullable Close takeClose() {
    var due = outbound.cursor() >= closeAfter ? closing : null;
    if (due != null) {
      closing = null;
    }
    return due;
  }

  /**
   * Writes the next frame, if there is more to say, and asks to be called again for the rest.
   * Closes at once where that was all before a close: a server that stops does not wait for another
   * call.
   */
  void writeTo(StreamSocket writable) {
    if (outbound.hasMore()) {
      writable.send(nextBatch(writable.packer()));
      if (outbound.asks(options.outboxMessages(), options.outboxBytes())) {
        writable.send(StreamWire.ping(writable.packer()));
      }
    }
    var close = takeClose();
    if (close != null) {
      writable.close(close);
    } else if (outbound.hasMore() || closing != null) {
      writable.requestWrite();
    }
  }

  /** What to answer a poll with now; null for nothing yet. */
  byte @Nullable [] nextAnswer(Packer packer) {
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

  /** How many messages have others in their place since this was asked last. */
  int takeUnpackable() {
    int count = unpackable;
    unpackable = 0;
    return count;
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
