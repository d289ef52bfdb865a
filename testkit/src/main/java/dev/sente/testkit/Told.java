package dev.sente.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What an adapter has told, in order, for a test to wait for. For any thread. */
final class Told<T> {

  /** Ends the waiting of a test that has failed; no test depends on it otherwise. */
  static final Duration LIMIT = Duration.ofSeconds(20);

  private final BlockingQueue<T> queue = new LinkedBlockingQueue<>();
  private final Runnable settle;

  Told(Runnable settle) {
    this.settle = settle;
  }

  void add(T told) {
    queue.add(told);
  }

  /** The next, waited for. */
  T next() {
    settle.run();
    try {
      var next = queue.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (next == null) {
        throw new AssertionError("nothing was told within " + LIMIT);
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Takes what has been told already. */
  List<T> rest() {
    settle.run();
    var rest = new ArrayList<T>();
    queue.drainTo(rest);
    return rest;
  }
}
