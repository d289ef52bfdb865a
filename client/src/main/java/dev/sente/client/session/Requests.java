package dev.sente.client.session;

import dev.sente.mailbox.Mailbox;
import dev.sente.time.Time;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for an answer. Each ends once, and its alarm goes with it. Touched by the
 * mailbox only, but for {@link #isWaiting}.
 *
 * @param <K> what tells requests apart on the wire
 */
final class Requests<K> {

  private final Time time;
  private final Mailbox mailbox;

  /** Completes the futures: what hangs on them is the application's code, and may block. */
  private final Executor executor;

  /** Made with the first request. */
  private @Nullable Map<K, Waiting> waiting;

  private volatile boolean any;

  Requests(Time time, Mailbox mailbox, Executor executor) {
    this.time = time;
    this.mailbox = mailbox;
    this.executor = executor;
  }

  /**
   * @param giveUp takes the request back, as far as that can be, when no answer comes; true if it
   *     had never left
   */
  private record Waiting(
      CompletableFuture<Reply> future, Time.Alarm alarm, BooleanSupplier giveUp) {}

  /** Whether any waits. For any thread. */
  boolean isWaiting() {
    return any;
  }

  boolean has(K key) {
    return waiting != null && waiting.containsKey(key);
  }

  void begin(K key, CompletableFuture<Reply> future, Duration timeout, BooleanSupplier giveUp) {
    if (waiting == null) {
      waiting = new HashMap<>();
    }
    var alarm = time.after(timeout, () -> mailbox.post(() -> end(key, new Reply.TimedOut())));
    waiting.put(key, new Waiting(future, alarm, giveUp));
    any = true;
    future.whenComplete(
        (reply, error) -> {
          if (future.isCancelled()) {
            mailbox.post(() -> end(key, new Reply.Closed()));
          }
        });
  }

  /** Ends one, unless it has ended already. */
  void end(K key, Reply reply) {
    end(key, reply, reply);
  }

  /**
   * The same.
   *
   * @param ifNeverLeft the reply if the request was taken back before it had left
   */
  private void end(K key, Reply reply, Reply ifNeverLeft) {
    var found = waiting == null ? null : waiting.remove(key);
    if (found == null) {
      return;
    }
    any = waiting != null && !waiting.isEmpty();
    found.alarm().cancel();
    boolean neverLeft = !(reply instanceof Reply.Value) && found.giveUp().getAsBoolean();
    complete(found.future(), neverLeft ? ifNeverLeft : reply);
  }

  void complete(CompletableFuture<Reply> future, Reply reply) {
    future.completeAsync(() -> reply, executor);
  }

  /** Ends all: as refused those that never left, as closed those that may have been handled. */
  void refuseAll(String why) {
    if (waiting != null) {
      for (var key : List.copyOf(waiting.keySet())) {
        end(key, new Reply.Closed(), new Reply.Refused(why));
      }
    }
  }

  /** Ends all but those that may go on. */
  void endAll(Reply reply, Predicate<K> mayGoOn) {
    if (waiting != null) {
      for (var key : List.copyOf(waiting.keySet())) {
        if (!mayGoOn.test(key)) {
          end(key, reply);
        }
      }
    }
  }
}
