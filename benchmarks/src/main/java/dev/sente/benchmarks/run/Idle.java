package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Fleet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What clients cost that only are there.
 *
 * @param resident growth of the whole process, in bytes per client
 * @param heap growth of what is in use after a collection, in bytes per client
 * @param cpu seconds of CPU time per second, of all clients together
 */
record Idle(Subject subject, int clients, double resident, double heap, double cpu) {

  /** With these the heap shrinks to what is in use, so that the process shows what it needs. */
  private static final List<String> TIGHT =
      List.of("-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10", "-Xms16m");

  private static final int FIRST = 200;

  /** Connects a few, so that all is loaded; then the many. */
  static Idle measure(Driver driver, Subject subject, Workload workload, double seconds)
      throws Exception {
    try (var server = Server.start(subject.command().of(workload.kind(), TIGHT))) {
      var few = new Fleet(driver, subject.dialect(), false, server.port(), FIRST);
      few.connect().get(60, TimeUnit.SECONDS);
      Thread.sleep(1_000);
      long heap = server.ask("heap");
      long resident = server.residentBytes();
      var many =
          new Fleet(
              driver,
              new Offset(subject.dialect(), FIRST),
              false,
              server.port(),
              workload.clients());
      many.connect().get(120, TimeUnit.SECONDS);
      Thread.sleep(3_000);
      double heapGrowth = server.ask("heap") - heap;
      double growth = server.residentBytes() - resident;
      long cpu = server.cpuNanos();
      long from = System.nanoTime();
      Thread.sleep((long) (seconds * 1e3));
      double busy = (double) (server.cpuNanos() - cpu) / (System.nanoTime() - from);
      few.close();
      many.close();
      int clients = workload.clients();
      return new Idle(subject, clients, growth / clients, heapGrowth / clients, busy);
    }
  }
}
