package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.load.Latencies;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs workloads, with the load driver in this process and each subject in one of its own. */
public final class Bench {

  private final Options options;
  private final Driver driver = new Driver();
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private Bench(Options options) {
    this.options = options;
  }

  /** Runs; the arguments are those of {@code ./sente bench}. */
  public static void main(String[] args) throws Exception {
    new Bench(Options.of(args)).run();
    System.exit(0);
  }

  private void run() throws Exception {
    var idle = new ArrayList<Idle>();
    out.println(
        "| workload | subject | µs CPU/msg | min–max | × floor | min–max | msg/s | p50 ms | p99 ms"
            + " | RSS MB | heap MB | B/msg | driver µs/msg |");
    out.println("| --- | --- | --: | --- | --: | --- | --: | --: | --: | --: | --: | --: | --: |");
    for (var workload : options.workloads()) {
      if (workload.kind() == Workload.Kind.IDLE) {
        for (var subject : options.chosen(workload)) {
          idle.add(Idle.measure(driver, subject, workload, options.seconds() * options.rounds()));
        }
      } else {
        compare(workload);
      }
    }
    if (!idle.isEmpty()) {
      out.println("\n| idle clients | subject | RSS B/client | heap B/client | CPU s/s |");
      out.println("| --: | --- | --: | --: | --: |");
      for (var one : idle) {
        out.printf(
            "| %d | %s | %.0f | %.0f | %.3f |%n",
            one.clients(), one.subject().name(), one.resident(), one.heap(), one.cpu());
      }
    }
  }

  private void compare(Workload workload) {
    var trials = new ArrayList<Trial>();
    try {
      for (var subject : options.chosen(workload)) {
        trials.add(new Trial(driver, subject, workload, List.of()));
      }
      if (options.warmUp() > 0) {
        for (var trial : trials) {
          trial.round(options.warmUp());
        }
      }
      for (int i = 0; i < options.rounds(); i++) {
        for (var trial : trials) {
          trial.rounds().add(trial.round(options.seconds()));
        }
      }
      trials.forEach(Trial::weigh);
      trials.forEach(trial -> print(trial, trials.getFirst()));
    } finally {
      trials.forEach(Trial::close);
    }
  }

  private void print(Trial trial, Trial floor) {
    var rounds = trial.rounds();
    double[] cpu = rounds.stream().mapToDouble(Round::cpuMicros).sorted().toArray();
    double[] ratio = new double[rounds.size()];
    for (int i = 0; i < ratio.length; i++) {
      ratio[i] = rounds.get(i).cpuMicros() / floor.rounds().get(i).cpuMicros();
    }
    java.util.Arrays.sort(ratio);
    double[] rate = rounds.stream().mapToDouble(Round::perSecond).sorted().toArray();
    long messages = rounds.stream().mapToLong(Round::messages).sum();
    var latencies = new Latencies();
    rounds.forEach(round -> latencies.addAll(round.latencies()));
    out.printf(
        "| %s | %s | %.2f | %.2f–%.2f | %.2f | %.2f–%.2f | %.0f | %.2f | %.2f | %d | %d | %.0f |"
            + " %.2f |%n",
        trial.workload().name(),
        trial.subject().name(),
        median(cpu),
        cpu[0],
        cpu[cpu.length - 1],
        median(ratio),
        ratio[0],
        ratio[ratio.length - 1],
        median(rate),
        latencies.percentile(0.5) / 1e6,
        latencies.percentile(0.99) / 1e6,
        trial.resident() >> 20,
        trial.heap() >> 20,
        (double) rounds.stream().mapToLong(Round::allocated).sum() / messages,
        rounds.stream().mapToLong(Round::driverNanos).sum() / 1e3 / messages);
  }

  private static double median(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
