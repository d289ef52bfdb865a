package dev.sente.server.session;

import dev.sente.server.gate.Admission;
import dev.sente.time.Time;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A poll that waits for its answer. Touched by its session's mailbox. */
final class HeldPoll {

  /** Whose poll it is. Told by any thread. */
  interface Holder {

    /** The poll has been held for as long as it may. */
    void timedOut(HeldPoll poll);

    /** Its client went away before the answer. */
    void aborted(HeldPoll poll);
  }

  private final long number;
  private final Admission admission;
  private final Time time;
  private final Duration timeout;
  private Time.@Nullable Alarm alarm;

  HeldPoll(long number, Admission admission, Time time, Duration timeout) {
    this.number = number;
    this.admission = admission;
    this.time = time;
    this.timeout = timeout;
  }

  long number() {
    return number;
  }

  Admission admission() {
    return admission;
  }

  /** Begins to wait. */
  void hold(Holder holder) {
    alarm = time.after(timeout, () -> holder.timedOut(this));
    admission.exchange().onAbort(() -> holder.aborted(this));
  }

  void answer(byte[] message) {
    release();
    admission.respond(message);
  }

  void answerTimeout() {
    answer(
        admission.isStream()
            ? StreamWire.timeout(admission.packer())
            : ClassicWire.timeout(admission.packer()));
  }

  /** Ends the wait. */
  void release() {
    if (alarm != null) {
      alarm.cancel();
    }
  }
}
