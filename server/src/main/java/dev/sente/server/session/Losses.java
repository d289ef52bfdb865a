package dev.sente.server.session;

import dev.sente.packer.Packer;
import dev.sente.server.Dropped;
import dev.sente.server.router.Router;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the application, in the client's lane, what was accepted for one client and is lost. For
 * any thread.
 */
final class Losses {

  private static final Logger log = LoggerFactory.getLogger(Losses.class);

  private final Sessions all;
  private final SessionKey key;
  private final Inbox inbox;

  Losses(Sessions all, SessionKey key, Inbox inbox) {
    this.all = all;
    this.key = key;
    this.inbox = inbox;
  }

  /** So many messages are lost. */
  void tell(int messages, Dropped.Reason reason) {
    var told = new Dropped(key.uid(), key.clientId(), messages, reason);
    inbox.lane().add(() -> all.tell(told));
  }

  /** The same where there are any. */
  void tellIfAny(int messages, Dropped.Reason reason) {
    if (messages > 0) {
      tell(messages, reason);
    }
  }

  /**
   * What waits cannot be packed, though each message can.
   *
   * @throws VirtualMachineError where it is the machine that failed
   */
  void logUnpackable(Packer packer, Throwable e) {
    log.warn(
        "what waits for client {} cannot be packed by {}: {}",
        key.clientId(),
        packer.name(),
        e.toString());
    Router.throwIfOfTheMachine(e);
  }
}
