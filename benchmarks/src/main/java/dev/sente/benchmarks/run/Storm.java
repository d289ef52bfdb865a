package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Fleet;
import dev.sente.benchmarks.load.Latencies;
import java.util.concurrent.CompletableFuture;

/**
 * Cuts all clients at once, sends all of them an event while they are away, and waits until each is
 * back and has it. On the driver's loop, but for {@link #measure}.
 */
final class Storm implements Fleet.Watch {

  /** When the event is sent after the cut, in µs: none is back by then but the quickest few. */
  private static final long SENT_AFTER = 10_000;

  private final Fleet fleet;
  private final Server server;
  private final Latencies back;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private long from;
  private double allMillis;
  private int away;
  private int missing;

  private Storm(Fleet fleet, Server server, Latencies back) {
    this.fleet = fleet;
    this.server = server;
    this.back = back;
  }

  /** Has as many storms as this, one after the other. */
  static Outcome measure(
      Driver driver, Subject subject, Workload workload, Server server, int storms)
      throws InterruptedException {
    var fleet = new Fleet(driver, subject.dialect(), false, server.port(), workload.clients());
    var back = new Latencies();
    double all = 0;
    try {
      Waiting.until(fleet.connect(), subject, workload, 120);
      driver.run(() -> fleet.returns(true));
      for (int i = 0; i < storms; i++) {
        // So that every connection has lasted, as it has where a server fails once in a while.
        Thread.sleep(1_500);
        var storm = new Storm(fleet, server, back);
        fleet.watch(storm);
        driver.run(() -> storm.begin(driver));
        Waiting.until(storm.done, subject, workload, 120);
        all = Math.max(all, storm.allMillis);
      }
    } finally {
      fleet.watch(null);
      fleet.close();
    }
    long due = (long) storms * workload.clients();
    return new Outcome.Return(
        workload, subject, storms, back, all, fleet.losses(), due, fleet.gaps(), fleet.repeats());
  }

  private void begin(Driver driver) {
    away = fleet.size();
    missing = fleet.size();
    long number = fleet.next(0);
    from = System.nanoTime();
    for (int i = 0; i < fleet.size(); i++) {
      fleet.cut(i);
    }
    driver.after(SENT_AFTER, () -> server.tell("broadcast " + number + " 1"));
  }

  @Override
  public void ready(int client) {
    long took = System.nanoTime() - from;
    back.add(took);
    if (--away == 0) {
      allMillis = took / 1e6;
      end();
    }
  }

  @Override
  public void heard(int client, long number) {
    missing--;
    end();
  }

  private void end() {
    if (away == 0 && missing == 0) {
      done.complete(null);
    }
  }

  @Override
  public void failed(Throwable cause) {
    done.completeExceptionally(cause);
  }
}
