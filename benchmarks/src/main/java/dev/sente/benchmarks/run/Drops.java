package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Fleet;
import dev.sente.benchmarks.load.Latencies;
import dev.sente.benchmarks.load.Shape;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Cuts each client once in every second, at a random moment, while ten events a second go to all;
 * then waits until all have the last. On the driver's loop, but for {@link #measure}.
 */
final class Drops implements Fleet.Watch {

  private static final long SECOND = 1_000_000; // in µs, as the driver counts
  private static final long BETWEEN = SECOND / 10;

  private final Driver driver;
  private final Fleet fleet;
  private final Server server;
  private final long lastNumber;

  /** When each was cut, by the nano clock; 0 while it is there. */
  private final long[] cutAt;

  private final Latencies recovered = new Latencies();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private long cuts;
  private long arrived;
  private long nextNumber = Shape.FIRST;
  private int complete;

  private Drops(Driver driver, Fleet fleet, Server server, int seconds) {
    this.driver = driver;
    this.fleet = fleet;
    this.server = server;
    this.lastNumber = Shape.FIRST + seconds * (SECOND / BETWEEN) - 1;
    this.cutAt = new long[fleet.size()];
  }

  /** Goes on for that many seconds. */
  static Outcome measure(
      Driver driver, Subject subject, Workload workload, Server server, int seconds) {
    var fleet = new Fleet(driver, subject.dialect(), false, server.port(), workload.clients());
    var drops = new Drops(driver, fleet, server, seconds);
    try {
      Waiting.until(fleet.connect(), subject, workload, 60);
      fleet.watch(drops);
      driver.run(drops::begin);
      Waiting.until(drops.done, subject, workload, seconds + 60L);
    } finally {
      fleet.watch(null);
      fleet.close();
    }
    long sent = drops.lastNumber - Shape.FIRST + 1;
    return new Outcome.Cuts(
        workload,
        subject,
        drops.cuts,
        sent * fleet.size(),
        drops.arrived,
        fleet.repeats(),
        fleet.losses(),
        drops.recovered);
  }

  private void begin() {
    fleet.returns(true);
    send();
    second();
  }

  private void send() {
    server.tell("broadcast " + nextNumber + " 1");
    if (nextNumber++ < lastNumber) {
      driver.after(BETWEEN, this::send);
    }
  }

  private void second() {
    if (nextNumber > lastNumber) {
      return;
    }
    for (int i = 0; i < cutAt.length; i++) {
      int client = i;
      driver.after(ThreadLocalRandom.current().nextLong(SECOND), () -> cut(client));
    }
    driver.after(SECOND, this::second);
  }

  private void cut(int client) {
    if (cutAt[client] == 0) {
      cuts++;
      cutAt[client] = System.nanoTime();
      fleet.cut(client);
    }
  }

  @Override
  public void ready(int client) {
    recovered.add(System.nanoTime() - cutAt[client]);
    cutAt[client] = 0;
  }

  @Override
  public void heard(int client, long number) {
    arrived++;
    if (number == lastNumber && ++complete == fleet.size()) {
      done.complete(null);
    }
  }

  @Override
  public void failed(Throwable cause) {
    done.completeExceptionally(cause);
  }
}
