package dev.sente.benchmarks;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs {@link InnerBenchmark} and prints a table in Markdown. */
public final class InnerTable {

  private InnerTable() {}

  /** Runs; the argument is the number of forks (3). */
  public static void main(String[] args) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(InnerBenchmark.class.getName() + "\\.")
            .forks(args.length > 0 ? Integer.parseInt(args[0]) : 3)
            .addProfiler(GCProfiler.class)
            .verbosity(VerboseMode.SILENT)
            .build();
    System.out.println("| piece | ns | ± | allocated B |\n| --- | ---: | ---: | ---: |");
    for (var result : new Runner(options).run()) {
      var time = result.getPrimaryResult();
      var allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
      System.out.printf(
          "| %s | %.0f | %.0f | %.0f |%n",
          time.getLabel(),
          time.getScore(),
          time.getScoreError(),
          allocated == null ? Double.NaN : allocated.getScore());
    }
  }
}
