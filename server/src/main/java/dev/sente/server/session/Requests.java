package dev.sente.server.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.time.Time;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The server's requests that wait for a client's answer. Touched by the session's mailbox only. */
final class Requests {

  private final Time time;
  private final Executor executor;

  /** Made with the first request. */
  private @Nullable Map<Long, Waiting> waiting;

  private long last;

  Requests(Time time, Executor executor) {
    this.time = time;
    this.executor = executor;
  }

  private record Waiting(CompletableFuture<Reply> future, Time.Alarm alarm) {}

  /** Whether any of them waits. */
  boolean isAnyWaiting() {
    return waiting != null && !waiting.isEmpty();
  }

  /** The next request's number. */
  long nextNumber() {
    return ++last;
  }

  /** Begins to wait for the answer to a request that is on its way. */
  void begin(long number, CompletableFuture<Reply> future, Duration timeout, Mailbox mailbox) {
    var alarm = time.after(timeout, () -> mailbox.post(() -> end(number, new Reply.TimedOut())));
    if (waiting == null) {
      waiting = new HashMap<>();
    }
    waiting.put(number, new Waiting(future, alarm));
  }

  /** Ends one, unless it has ended already. */
  void end(long number, Reply reply) {
    var found = waiting == null ? null : waiting.remove(number);
    if (found != null) {
      found.alarm().cancel();
      complete(found.future(), reply);
    }
  }

  /** Nobody waits for this one any more. */
  void forget(long number) {
    var found = waiting == null ? null : waiting.remove(number);
    if (found != null) {
      found.alarm().cancel();
    }
  }

  /** Ends one that never began to wait. */
  void refuse(CompletableFuture<Reply> future, String why) {
    complete(future, new Reply.Refused(why));
  }

  /** Elsewhere, since what follows on it is the application's code. */
  private void complete(CompletableFuture<Reply> future, Reply reply) {
    executor.execute(() -> future.complete(reply));
  }

  void endAll(Reply reply) {
    if (waiting != null) {
      for (var number : List.copyOf(waiting.keySet())) {
        end(number, reply);
      }
    }
  }
}
