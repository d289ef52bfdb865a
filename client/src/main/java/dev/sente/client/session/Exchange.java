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

  private final Consumer<HttpAnswer> done;
  private @Nullable Runnable giveUp;
  private Time.@Nullable Alarm alarm;
  private boolean over;

  Exchange(Consumer<HttpAnswer> done) {
    this.done = done;
  }

  void begin(Host host, HttpCall call, Duration timeout) {
    alarm = host.after(timeout, () -> timedOut(timeout));
    giveUp = host.options().network().send(call, answer -> host.mailbox().post(() -> end(answer)));
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
