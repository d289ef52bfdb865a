package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Fleet;
import dev.sente.benchmarks.load.Latencies;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;

/** Has a fleet do a workload for some time. On the driver's loop. */
abstract class Exercise implements Fleet.Watch {

  /** How long the driver waits until it believes that all polls are held, in µs. */
  private static final long HELD_AFTER = 50_000;

  final Driver driver;
  final Fleet fleet;
  final Server server;
  final Workload workload;
  final long end;
  final CompletableFuture<Void> done = new CompletableFuture<>();
  final Latencies latencies = new Latencies();
  long messages;

  Exercise(Driver driver, Fleet fleet, Server server, Workload workload, double seconds) {
    this.driver = driver;
    this.fleet = fleet;
    this.server = server;
    this.workload = workload;
    this.end = System.nanoTime() + (long) (seconds * 1e9);
  }

  /** The exercise for a kind of workload. */
  static Exercise of(Driver driver, Fleet fleet, Server server, Workload workload, double seconds) {
    return switch (workload.kind()) {
      case ECHO -> new Echo(driver, fleet, server, workload, seconds);
      case BROADCAST, PUSH, POLL, LATENCY -> new Sending(driver, fleet, server, workload, seconds);
      case IDLE, STORM, DROPS ->
          throw new IllegalArgumentException("no exercise in rounds: " + workload);
    };
  }

  abstract void begin();

  final boolean isOver(long now) {
    return now - end >= 0;
  }

  @Override
  public final void failed(Throwable cause) {
    done.completeExceptionally(cause);
  }

  /** Every client asks, and asks again as soon as it has the answer. */
  private static final class Echo extends Exercise {

    private final long[] asked;
    private int outstanding;

    Echo(Driver driver, Fleet fleet, Server server, Workload workload, double seconds) {
      super(driver, fleet, server, workload, seconds);
      this.asked = new long[fleet.size()];
    }

    @Override
    void begin() {
      outstanding = fleet.size();
      for (int i = 0; i < fleet.size(); i++) {
        asked[i] = System.nanoTime();
        fleet.ask(i, true);
      }
    }

    @Override
    public void heard(int client, long number) {
      long now = System.nanoTime();
      latencies.add(now - asked[client]);
      messages++;
      if (!isOver(now)) {
        asked[client] = now;
        fleet.ask(client, false);
      } else if (--outstanding == 0) {
        done.complete(null);
      }
    }
  }

  /** The server sends; when all that it has sent has arrived, it sends again. */
  private static final class Sending extends Exercise {

    private long sent;
    private long missing;

    Sending(Driver driver, Fleet fleet, Server server, Workload workload, double seconds) {
      super(driver, fleet, server, workload, seconds);
    }

    @Override
    void begin() {
      var kind = workload.kind();
      int one = ThreadLocalRandom.current().nextInt(fleet.size());
      int count = kind == Workload.Kind.LATENCY ? 1 : fleet.size();
      missing = (long) count * workload.batch();
      sent = System.nanoTime();
      switch (kind) {
        case BROADCAST -> server.tell("broadcast " + fleet.next(0) + " " + workload.batch());
        case LATENCY -> server.tell("push " + fleet.next(one) + " " + one + " 1");
        default -> server.tell("push " + fleet.next(0) + " 0 " + count);
      }
    }

    @Override
    public void heard(int client, long number) {
      long now = System.nanoTime();
      latencies.add(now - sent);
      messages++;
      if (--missing > 0) {
        return;
      }
      if (isOver(now)) {
        done.complete(null);
        return;
      }
      switch (workload.kind()) {
        case POLL -> driver.after(HELD_AFTER, this::begin);
        case LATENCY -> driver.after(1_000, this::begin);
        default -> begin();
      }
    }
  }
}
