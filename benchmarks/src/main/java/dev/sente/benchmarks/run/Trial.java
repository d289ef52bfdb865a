package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Fleet;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** One subject at one workload: its clients, and what their rounds brought. */
final class Trial implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 60;

  private final Driver driver;
  private final Subject subject;
  private final Workload workload;
  private final Server server;
  private final Fleet fleet;
  private final List<Round> rounds = new ArrayList<>();
  private long resident;
  private long heap;

  /** Connects the clients. */
  Trial(Driver driver, Subject subject, Workload workload, Server server) {
    this.driver = driver;
    this.subject = subject;
    this.workload = workload;
    this.server = server;
    boolean polls = workload.kind() == Workload.Kind.POLL;
    this.fleet = new Fleet(driver, subject.dialect(), polls, server.port(), workload.clients());
    try {
      Waiting.until(fleet.connect(), subject, workload, PATIENCE_SECONDS);
    } catch (IllegalStateException e) {
      fleet.close();
      throw e;
    }
  }

  Subject subject() {
    return subject;
  }

  Workload workload() {
    return workload;
  }

  Server server() {
    return server;
  }

  List<Round> rounds() {
    return rounds;
  }

  long resident() {
    return resident;
  }

  long heap() {
    return heap;
  }

  /** Works for that long, and tells what it cost. */
  Round round(double seconds) {
    long allocated = server.ask("allocated");
    var exercise = Exercise.of(driver, fleet, server, workload, seconds);
    fleet.watch(exercise);
    long driverCpu = driverCpu();
    long compiler = server.compilerNanos();
    long cpu = server.cpuNanos();
    long parcels = fleet.parcels();
    long from = System.nanoTime();
    driver.run(exercise::begin);
    try {
      Waiting.until(exercise.done, subject, workload, (long) seconds + PATIENCE_SECONDS);
    } finally {
      fleet.watch(null);
    }
    long wall = System.nanoTime() - from;
    parcels = fleet.parcels() - parcels;
    cpu = server.cpuNanos() - cpu;
    compiler = server.compilerNanos() - compiler;
    driverCpu = driverCpu() - driverCpu;
    allocated = server.ask("allocated") - allocated;
    return new Round(
        exercise.messages, parcels, wall, cpu, compiler, driverCpu, allocated, exercise.latencies);
  }

  /** Asks for memory, when all rounds are done. */
  void weigh() {
    resident = server.residentBytes();
    heap = server.ask("heap");
  }

  private static long driverCpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Cuts the clients. */
  @Override
  public void close() {
    fleet.close();
  }
}
