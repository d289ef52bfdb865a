package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Fleet;
import java.util.List;

/** Measures what clients cost that only are there. */
final class Resting {

  /** With these the heap shrinks to what is in use, so that the process shows what it needs. */
  static final List<String> TIGHT =
      List.of("-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10", "-Xms16m");

  private static final int FIRST = 200;

  private static final long GIVEN_BACK_WITHIN_MILLIS = 1000;

  private Resting() {}

  /** Connects a few, so that all is loaded; then the many. */
  static Outcome measure(
      Driver driver, Subject subject, Workload workload, Server server, double seconds)
      throws InterruptedException {
    int clients = workload.clients();
    long settle = (long) (Math.min(3, seconds) * 1e3);
    var few = new Fleet(driver, subject.dialect(), false, server.port(), Math.min(FIRST, clients));
    var others = new Offset(subject.dialect(), few.size());
    var many = new Fleet(driver, others, false, server.port(), clients);
    double heapGrowth;
    double growth;
    double busy;
    try {
      Waiting.until(few.connect(), subject, workload, 60);
      Thread.sleep(settle);
      long heap = server.ask("heap");
      long resident = resident(server);
      Waiting.until(many.connect(), subject, workload, 120);
      Thread.sleep(settle);
      heapGrowth = server.ask("heap") - heap;
      growth = resident(server) - resident;
      long cpu = server.cpuNanos();
      long from = System.nanoTime();
      Thread.sleep((long) (seconds * 1e3));
      busy = (double) (server.cpuNanos() - cpu) / (System.nanoTime() - from);
    } finally {
      few.close();
      many.close();
    }
    return new Outcome.Rest(workload, subject, growth / clients, heapGrowth / clients, busy);
  }

  /** After a collection: what it has freed the JVM gives back on another thread, a moment later. */
  private static long resident(Server server) throws InterruptedException {
    Thread.sleep(GIVEN_BACK_WITHIN_MILLIS);
    return server.residentBytes();
  }
}
