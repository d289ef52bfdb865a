package dev.sente.server.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.server.Dropped;
import dev.sente.server.session.Life.State;
import dev.sente.server.session.Outbox.Item;
import dev.sente.server.users.Transport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sending half of a classic session: keeps what waits, and gives it to what carries the
 * session's messages now. Touched by the session's mailbox only.
 */
final class ClassicSending {

  private final Sessions all;
  private final Mailbox mailbox;
  private final Lifetime life;
  private final ClassicCarrier carrier;
  private final Losses losses;
  private final Outbox outbox;

  /** Whether a batch window's end will send what waits. */
  private boolean isGathering;

  ClassicSending(
      Sessions all, Mailbox mailbox, Lifetime life, ClassicCarrier carrier, Losses losses) {
    this.all = all;
    this.mailbox = mailbox;
    this.life = life;
    this.carrier = carrier;
    this.losses = losses;
    this.outbox = new Outbox(all.options());
  }

  boolean isEmpty() {
    return outbox.isEmpty();
  }

  // What is to be sent.

  /** Sends events, at once or at the batch window's end. */
  void push(List<Item> items, boolean flush) {
    boolean isAny = false;
    for (var item : items) {
      isAny |= add(item);
    }
    if (isAny) {
      sendSoon(flush);
    }
  }

  /** Sends a message of its own, at once. */
  void send(Item.Whole item) {
    if (add(item)) {
      sendSoon(true);
    }
  }

  private boolean add(Item item) {
    if (life.isEnded()) {
      losses.tell(1, Dropped.Reason.GONE);
      return false;
    }
    if (outbox.add(item)) {
      return true;
    }
    overflow(1);
    return false;
  }

  /**
   * What waits is lost, and the client is to begin anew.
   *
   * @param refused how many messages were not even added
   */
  private void overflow(int refused) {
    losses.tell(outbox.clear() + refused, Dropped.Reason.OVERFLOW);
    carrier.closeNewest(4001, "too slow");
  }

  /** Closes the connection after what was sent before; false where there is no room to note it. */
  boolean closeAfterAll() {
    if (!outbox.add(new Item.Close())) {
      return false;
    }
    sendSoon(true);
    return true;
  }

  /** Forgets closing a connection that is gone; tells whether it was to be closed. */
  boolean forgetCloses() {
    return outbox.forgetCloses();
  }

  /** Nothing will be sent any more: what waits is lost, which is told. */
  void end() {
    losses.tellIfAny(outbox.clear(), Dropped.Reason.GONE);
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
    if (!(life.state() instanceof State.Live live)) {
      return;
    }
    if (live.transport() == Transport.WEB_SOCKET) {
      var open = carrier.socket();
      if (open != null) {
        open.requestWrite();
      }
    } else {
      var held = carrier.poll();
      if (held != null) {
        answer(held);
      }
    }
  }

  // What the connection takes.

  /** Writes the next message, and asks to be called again for the rest. */
  void writeTo(ClassicSocket writable) {
    if (outbox.takeClose()) {
      writable.close(1000, "");
      return;
    }
    try {
      byte[] message = takeMessage(writable.packer());
      if (message != null) {
        writable.send(message);
      }
    } catch (Throwable e) {
      unpackable(writable.packer(), e);
    }
    if (!outbox.isEmpty()) {
      writable.requestWrite();
    }
  }

  /** Answers the poll with what waits, if anything does. */
  void answer(HeldPoll held) {
    if (held.isAborted()) {
      // It may have been before it was held. What waits is for the next one (K17).
      return;
    }
    losses.tellIfAny(outbox.dropAnswers(), Dropped.Reason.UNANSWERABLE);
    if (outbox.takeClose()) {
      carrier.answer(held, null);
      return;
    }
    var packer = held.admission().packer();
    byte[] message;
    try {
      message = takeMessage(packer);
    } catch (Throwable e) {
      unpackable(packer, e);
      return;
    }
    if (message != null) {
      carrier.answer(held, message);
    } else if (!outbox.isEmpty()) {
      // Without what could not be packed, something else than an event may be next.
      answer(held);
    }
  }

  /**
   * The next message; null where there is none, or none yet, since something was lost that the
   * packer of the client's connection cannot pack (K23).
   */
  private byte @Nullable [] takeMessage(Packer packer) {
    try {
      return outbox.takeMessage(packer);
    } catch (PackException e) {
      int unpackable = outbox.dropUnpackable(packer);
      if (unpackable == 0) {
        throw e;
      }
      losses.tell(unpackable, Dropped.Reason.UNPACKABLE);
      return null;
    }
  }

  /** What waits cannot be packed, though each message can: it is lost, with all behind it. */
  private void unpackable(Packer packer, Throwable e) {
    overflow(0);
    losses.logUnpackable(packer, e);
  }
}
