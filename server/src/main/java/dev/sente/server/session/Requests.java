package dev.sente.server.session;

import dev.sente.time.Time;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The server's requests that wait for a client's answer. Touched by the session's mailbox only. */
final class Requests {

  private final Time time;

  /** Made with the first request. */
  private @Nullable Map<Long, Waiting> waiting;

  private long last;

  Requests(Time time) {
    this.time = time;
  }

  private record Waiting(CompletableFuture<Reply> future, Time.Alarm alarm) {}

  /** Begins to wait; the number is the request's. */
  long begin(CompletableFuture<Reply> future, Duration timeout, Mailbox mailbox) {
    long number = ++last;
    var alarm = time.after(timeout, () -> mailbox.post(() -> end(number, new Reply.TimedOut())));
    if (waiting == null) {
      waiting = new HashMap<>();
    }
    waiting.put(number, new Waiting(future, alarm));
    return number;
  }

  /** Ends one, unless it has ended already. */
  void end(long number, Reply reply) {
    var found = waiting == null ? null : waiting.remove(number);
    if (found != null) {
      found.alarm().cancel();
      found.future().completeAsync(() -> reply);
    }
  }

  void endAll(Reply reply) {
    if (waiting != null) {
      for (var number : java.util.List.copyOf(waiting.keySet())) {
        end(number, reply);
      }
    }
  }
}
