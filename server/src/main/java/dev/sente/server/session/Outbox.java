package dev.sente.server.session;

import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.server.ServerOptions;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.Outgoing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be sent to one client, in order, bounded in messages and bytes. Touched by the
 * session's mailbox only.
 */
final class Outbox {

  /** What one message may hold at most, in bytes; a single event may be larger. */
  private static final int MAX_BATCH_BYTES = 64 * 1024;

  private final int maxMessages;
  private final long maxBytes;
  private final int maxBatchBytes;
  private final ArrayDeque<Item> items = new ArrayDeque<>(2);
  private long bytes;

  Outbox(ServerOptions options) {
    this.maxMessages = options.outboxMessages();
    this.maxBytes = options.outboxBytes();
    this.maxBatchBytes = Math.min(MAX_BATCH_BYTES, options.maxMessageBytes() / 2);
  }

  /** Something to send. */
  sealed interface Item {
    /** Its size in bytes, as packed. */
    int size();

    /** An event, which may share a message with its neighbours. */
    record Push(Outgoing event, int size) implements Item {}

    /** A message of its own: an answer to a request. */
    record Whole(Outgoing message, int size) implements Item {}

    /** Nothing more is to be sent: close the connection. */
    record Close() implements Item {
      @Override
      public int size() {
        return 0;
      }
    }
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  int messages() {
    return items.size();
  }

  /** Adds to the end; false, with nothing added, where a bound would be passed. */
  boolean add(Item item) {
    if (items.size() >= maxMessages || (bytes > 0 && bytes + item.size() > maxBytes)) {
      return false;
    }
    items.add(item);
    bytes += item.size();
    return true;
  }

  /**
   * Whether the next thing to do is to close the connection; then that is done with, and any
   * further one: it was meant for the same connection.
   */
  boolean takeClose() {
    return items.peek() instanceof Item.Close && forgetCloses();
  }

  /** Forgets closing a connection that is gone; tells whether it was to be closed. */
  boolean forgetCloses() {
    return items.removeIf(Item.Close.class::isInstance);
  }

  /**
   * The next message: a batch of the events up to something else, or a message of its own.
   *
   * @throws PackException if one of them cannot be packed, which stays
   */
  byte @Nullable [] takeMessage(Packer packer) {
    if (items.peek() instanceof Item.Whole whole) {
      byte[] message = whole.message().messageBy(packer);
      items.remove();
      bytes -= whole.size();
      return message;
    }
    return takeBatch(packer);
  }

  private byte @Nullable [] takeBatch(Packer packer) {
    var batch = new ArrayList<Outgoing>();
    int size = 0;
    for (var item : items) {
      if (!(item instanceof Item.Push push)
          || (!batch.isEmpty() && size + push.size() > maxBatchBytes)) {
        break;
      }
      size += push.size();
      batch.add(push.event());
    }
    if (batch.isEmpty()) {
      return null;
    }
    byte[] message = ClassicWire.batch(packer, batch);
    for (int i = 0; i < batch.size(); i++) {
      items.remove();
    }
    bytes -= size;
    return message;
  }

  /** Takes out what the packer cannot pack; tells how many. */
  int dropUnpackable(Packer packer) {
    int before = items.size();
    items.removeIf(
        item -> {
          var message =
              switch (item) {
                case Item.Push push -> push.event();
                case Item.Whole whole -> whole.message();
                case Item.Close close -> null;
              };
          boolean isLost = message != null && !message.isPackedBy(packer);
          bytes -= isLost ? item.size() : 0;
          return isLost;
        });
    return before - items.size();
  }

  /** Takes out the answers at the head, which cannot go by a poll; tells how many. */
  int dropAnswers() {
    int dropped = 0;
    while (items.peek() instanceof Item.Whole whole) {
      items.remove();
      bytes -= whole.size();
      dropped++;
    }
    return dropped;
  }

  /** Empties the outbox, and tells how many messages were in it. */
  int clear() {
    int lost = 0;
    for (var item : items) {
      lost += item instanceof Item.Close ? 0 : 1;
    }
    items.clear();
    bytes = 0;
    return lost;
  }
}
