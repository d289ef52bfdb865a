package dev.sente.server.session;

import dev.sente.server.gate.Admission;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.StreamWire;

/** A poll that waits for its answer. Touched by its session's mailbox. */
final class HeldPoll {

  /** Whose poll it is. Told by any thread. */
  interface Holder {

    /** Its client went away before the answer. */
    void aborted(HeldPoll poll);
  }

  private final long number;
  private final Admission admission;

  /** Whether its abort is told to a holder. */
  private boolean isHeld;

  /** Set before its holder is told, by any thread. */
  private volatile boolean isAborted;

  HeldPoll(long number, Admission admission) {
    this.number = number;
    this.admission = admission;
  }

  long number() {
    return number;
  }

  Admission admission() {
    return admission;
  }

  /**
   * Whether its client has gone away already, as it may while the application's hooks are asked. A
   * WebSocket that is there may be what it was left for, and is not to be superseded by it.
   */
  boolean isGone(Holder holder) {
    hold(holder);
    return isAborted;
  }

  /** Begins to wait. */
  void hold(Holder holder) {
    if (isHeld) {
      return;
    }
    isHeld = true;
    admission
        .exchange()
        .onAbort(
            () -> {
              isAborted = true;
              holder.aborted(this);
            });
  }

  /** Whether its client went away: what it were answered would be nobody's. */
  boolean isAborted() {
    return isAborted;
  }

  void answer(byte[] message) {
    admission.respond(message);
  }

  void answerTimeout() {
    answer(
        admission.isStream()
            ? StreamWire.timeout(admission.packer())
            : ClassicWire.timeout(admission.packer()));
  }
}
