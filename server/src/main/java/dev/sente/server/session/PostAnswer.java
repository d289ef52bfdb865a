package dev.sente.server.session;

import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Admission;
import dev.sente.server.router.Answer;
import dev.sente.time.Time;
import dev.sente.wire.ClassicWire;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a request over long-polling: the POST's own response. Where the application gives
 * none in time, the client is told so.
 */
final class PostAnswer implements Answer {

  private final Admission admission;
  private final int maxBytes;
  private final Time.Alarm alarm;
  private final AtomicBoolean answered = new AtomicBoolean();

  PostAnswer(Admission admission, ServerOptions options) {
    this.admission = admission;
    this.maxBytes = options.maxMessageBytes();
    this.alarm = options.time().after(options.longPollTimeout(), this::timeOut);
    admission.exchange().onAbort(this::abort);
  }

  @Override
  public boolean value(@Nullable Object value) {
    byte[] message = ClassicWire.reply(value, null, maxBytes).messageBy(admission.packer());
    if (!answered.compareAndSet(false, true)) {
      return false;
    }
    alarm.cancel();
    admission.respond(message);
    return true;
  }

  @Override
  public boolean error(String code, @Nullable String message) {
    return value(ClassicWire.error(code, message));
  }

  private void timeOut() {
    if (answered.compareAndSet(false, true)) {
      admission.respond(ClassicWire.timeout(admission.packer()));
    }
  }

  private void abort() {
    if (answered.compareAndSet(false, true)) {
      alarm.cancel();
    }
  }
}
