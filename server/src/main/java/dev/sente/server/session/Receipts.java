package dev.sente.server.session;

import java.util.PriorityQueue;
import java.util.function.Consumer;

/** Who waits for messages to be acknowledged. Touched by the session's mailbox only. */
final class Receipts {

  private final PriorityQueue<Watched> watched = new PriorityQueue<>();

  private record Watched(long first, long last, Consumer<Boolean> outcome)
      implements Comparable<Watched> {
    @Override
    public int compareTo(Watched other) {
      return Long.compare(last, other.last);
    }
  }

  /** Watches the messages from the first to the last. */
  void watch(long first, long last, Consumer<Boolean> outcome) {
    watched.add(new Watched(first, last, outcome));
  }

  /** Messages up to this number were acknowledged. */
  void acknowledged(long number) {
    while (!watched.isEmpty() && watched.element().last() <= number) {
      watched.remove().outcome().accept(true);
    }
  }

  /** There was another message in the place of this one. */
  void lost(long number) {
    watched.removeIf(
        each -> {
          boolean isLost = each.first() <= number && number <= each.last();
          if (isLost) {
            each.outcome().accept(false);
          }
          return isLost;
        });
  }

  /** What is still watched will never be acknowledged. */
  void lost() {
    while (!watched.isEmpty()) {
      watched.remove().outcome().accept(false);
    }
  }
}
