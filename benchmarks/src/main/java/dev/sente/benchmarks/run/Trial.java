package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Fleet;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One subject at one workload: its server, its clients, and what its rounds brought. */
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

  /** Starts the server and connects the clients. */
  Trial(Driver driver, Subject subject, Workload workload, List<String> jvmOptions) {
    this.driver = driver;
    this.subject = subject;
    this.workload = workload;
    this.server = Server.start(subject.command().of(workload.kind(), jvmOptions));
    boolean polls = workload.kind() == Workload.Kind.POLL;
    this.fleet = new Fleet(driver, subject.dialect(), polls, server.port(), workload.clients());
    try {
      await(fleet.connect(), PATIENCE_SECONDS);
    } catch (RuntimeException e) {
      server.close();
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
    long cpu = server.cpuNanos();
    long from = System.nanoTime();
    driver.run(exercise::begin);
    try {
      await(exercise.done, (long) seconds + PATIENCE_SECONDS);
    } finally {
      fleet.watch(null);
    }
    long wall = System.nanoTime() - from;
    cpu = server.cpuNanos() - cpu;
    driverCpu = driverCpu() - driverCpu;
    allocated = server.ask("allocated") - allocated;
    return new Round(exercise.messages, wall, cpu, driverCpu, allocated, exercise.latencies);
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

  private void await(java.util.concurrent.Future<?> done, long seconds) {
    try {
      done.get(seconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(subject.name() + " at " + workload.name(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          subject.name() + " at " + workload.name() + ": not all arrived", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    fleet.close();
    server.close();
  }
}
