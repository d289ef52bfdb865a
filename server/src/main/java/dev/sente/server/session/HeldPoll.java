package dev.sente.server.session;

import dev.sente.server.gate.Admission;
import dev.sente.time.Time;
import dev.sente.wire.ClassicWire;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A poll that waits for its answer. Touched by its session's mailbox, but for the abort. */
final class HeldPoll {

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
  void hold(ClassicSession session) {
    alarm = time.after(timeout, () -> session.timedOut(this));
    admission.exchange().onAbort(() -> session.aborted(this));
  }

  void answer(byte[] message) {
    release();
    admission.respond(message);
  }

  void answerTimeout() {
    answer(ClassicWire.timeout(admission.packer()));
  }

  /** Ends the wait. */
  void release() {
    if (alarm != null) {
      alarm.cancel();
    }
  }

  /** The session it came for has just ended: the client is told to begin anew. */
  void joinNewSession(Sessions sessions) {
    release();
    sessions.admit(admission);
  }
}
