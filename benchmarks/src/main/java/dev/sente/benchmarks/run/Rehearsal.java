package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.run.Workload.Kind;
import java.util.List;

/**
 * Says whether every message is right, not how fast: runs workloads for a moment, with one server
 * for each subject. For tests whose class path has no room for the driver.
 */
public final class Rehearsal {

  private static final int CLIENTS = 20;
  private static final double SECONDS = 0.2;

  private static final List<Workload> WORKLOADS =
      List.of(
          new Workload("echo", Kind.ECHO, CLIENTS, 1),
          new Workload("broadcast-x10", Kind.BROADCAST, CLIENTS, 10),
          new Workload("push", Kind.PUSH, CLIENTS, 1));

  private Rehearsal() {}

  /** Runs, and fails at what is wrong; the argument is a list of subjects. */
  public static void main(String[] args) {
    var driver = new Driver();
    for (var subject : Options.subjects(args[0])) {
      try (var server = Server.start(subject.command().of(Kind.ECHO, List.of()))) {
        for (var workload : WORKLOADS) {
          try (var trial = new Trial(driver, subject, workload, server)) {
            long messages = trial.round(SECONDS).messages();
            System.out.println(subject.name() + " at " + workload.name() + ": " + messages);
          }
        }
      }
    }
    System.exit(0);
  }
}
