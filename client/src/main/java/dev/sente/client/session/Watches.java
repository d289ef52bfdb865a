package dev.sente.client.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Who waits for messages to be acknowledged. Touched by the mailbox only, but for {@link
 * #isWaiting}.
 */
final class Watches {

  private final Executor executor;
  private volatile List<Watch> all = List.of();

  private record Watch(long number, CompletableFuture<Boolean> future) {}

  Watches(Executor executor) {
    this.executor = executor;
  }

  /** Whether anybody waits. For any thread. */
  boolean isWaiting() {
    return !all.isEmpty();
  }

  void add(long number, CompletableFuture<Boolean> future) {
    var more = new ArrayList<>(all);
    more.add(new Watch(number, future));
    all = more;
  }

  /** Messages up to this number were acknowledged. */
  void reached(long number) {
    if (!all.isEmpty()) {
      all.stream().filter(watch -> watch.number() <= number).forEach(watch -> end(watch, true));
      all = all.stream().filter(watch -> watch.number() > number).toList();
    }
  }

  /** What was waited for may be lost. */
  void lost() {
    all.forEach(watch -> end(watch, false));
    all = List.of();
  }

  /** There is no message beyond this number: those last waited for were taken back. */
  void endAt(long last) {
    all = all.stream().map(w -> new Watch(Math.min(w.number(), last), w.future())).toList();
  }

  /** The message of this number was taken back: those behind it count one less. */
  void without(long number) {
    all =
        all.stream()
            .map(w -> w.number() < number ? w : new Watch(w.number() - 1, w.future()))
            .toList();
  }

  /** Numbers are counted anew from this one on. */
  void beginAt(long base) {
    all = all.stream().map(w -> new Watch(w.number() - base, w.future())).toList();
  }

  private void end(Watch watch, boolean isThere) {
    watch.future().completeAsync(() -> isThere, executor);
  }
}
