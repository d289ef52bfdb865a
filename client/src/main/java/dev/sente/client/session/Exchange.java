package dev.sente.client.session;

import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A request under way. Touched by the mailbox only. */
final class Exchange {

  private final Host host;
  private final Consumer<HttpAnswer> done;
  private @Nullable Runnable giveUp;
  private Time.@Nullable Alarm alarm;

  /** When the alarm goes off, in ms. */
  private long due;

  private boolean over;

  Exchange(Host host, Consumer<HttpAnswer> done) {
    this.host = host;
    this.done = done;
  }

  void begin(HttpCall call, Duration timeout) {
    waitFor(timeout);
    giveUp = host.options().network().send(call, answer -> host.mailbox().post(() -> end(answer)));
  }

  private void waitFor(Duration timeout) {
    due = host.options().time().millis() + timeout.toMillis();
    alarm = host.after(timeout, () -> timedOut(timeout));
  }

  /** Gives it up after so long at the latest, unless that is due earlier. */
  void waitNoLongerThan(Duration timeout) {
    if (!over && host.options().time().millis() + timeout.toMillis() < due) {
      if (alarm != null) {
        alarm.cancel();
      }
      waitFor(timeout);
    }
  }

  private void end(HttpAnswer answer) {
    if (!over) {
      stop();
      done.accept(answer);
    }
  }

  private void timedOut(Duration timeout) {
    if (!over) {
      abort();
      done.accept(HttpAnswer.none(new TimeoutException("no answer within " + timeout)));
    }
  }

  /** Gives it up. */
  void abort() {
    if (!over) {
      stop();
      if (giveUp != null) {
        giveUp.run();
      }
    }
  }

  private void stop() {
    over = true;
    if (alarm != null) {
      alarm.cancel();
    }
  }
}
