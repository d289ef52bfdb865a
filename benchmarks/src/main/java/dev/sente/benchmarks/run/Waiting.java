package dev.sente.benchmarks.run;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits, and says who did not come to an end. */
final class Waiting {

  private Waiting() {}

  static void until(Future<?> done, Subject subject, Workload workload, long seconds) {
    var what = subject.name() + " at " + workload.name();
    try {
      done.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(what + " failed", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(what + ": not all came in " + seconds + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
