package dev.sente.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs {@link PackerBenchmark} in rounds, so that what is compared runs by turns, and prints a
 * table in Markdown. Each fork gives many slices of 10 ms; the lower quartile of all is what is
 * told, since on a machine shared with others most slices are interrupted.
 */
public final class PackerTable {

  private static final List<String> PACKERS = List.of("json", "edn", "msgpack", "transit");
  private static final List<String> OTHERS =
      List.of("jackson", "clojure", "msgpack-core", "transit-java");

  /** From JDK 24 on, Java would warn of what JMH is made of, in the midst of the table. */
  private static final String[] QUIET =
      Runtime.version().feature() < 24
          ? new String[0]
          : new String[] {"--sun-misc-unsafe-memory-access=allow"};

  /** What was measured in all rounds. */
  private record Measured(List<Double> nanos, List<Double> bytes) {

    double time() {
      var sorted = nanos.stream().sorted().toList();
      return sorted.get(sorted.size() / 4);
    }

    double allocation() {
      return bytes.stream().mapToDouble(b -> b).min().orElse(Double.NaN);
    }
  }

  private final Map<String, Measured> measured = new TreeMap<>();

  private PackerTable() {}

  /** Runs; the arguments are the number of rounds (3), and payloads (all). */
  public static void main(String[] args) throws RunnerException {
    int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 3;
    var payloads =
        args.length > 1
            ? Arrays.copyOfRange(args, 1, args.length)
            : Arrays.stream(Payload.values()).map(Enum::name).toArray(String[]::new);
    var table = new PackerTable();
    for (int round = 1; round <= rounds; round++) {
      System.err.println("Round " + round + " of " + rounds);
      for (var payload : payloads) {
        var ways = new ArrayList<>(PACKERS);
        ways.add("jackson");
        table.run(payload, "record", ways);
        ways.addAll(OTHERS.subList(1, OTHERS.size()));
        table.run(payload, "value", ways);
      }
    }
    table.print(payloads);
  }

  private void run(String payload, String form, List<String> codecs) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(PackerBenchmark.class.getName())
            .param("payload", payload)
            .param("form", form)
            .param("codec", codecs.toArray(String[]::new))
            .forks(1)
            .warmupIterations(3)
            .warmupTime(TimeValue.milliseconds(700))
            .measurementIterations(100)
            .measurementTime(TimeValue.milliseconds(10))
            .addProfiler(GCProfiler.class)
            .jvmArgsAppend(QUIET)
            .verbosity(org.openjdk.jmh.runner.options.VerboseMode.SILENT)
            .build();
    for (var result : new Runner(options).run()) {
      add(result);
    }
  }

  private void add(RunResult result) {
    var params = result.getParams();
    var method = params.getBenchmark();
    var key =
        key(
            params.getParam("payload"),
            params.getParam("form"),
            params.getParam("codec"),
            method.substring(method.lastIndexOf('.') + 1));
    var to = measured.computeIfAbsent(key, k -> new Measured(new ArrayList<>(), new ArrayList<>()));
    for (var benchmark : result.getBenchmarkResults()) {
      for (var slice : benchmark.getIterationResults()) {
        to.nanos().add(slice.getPrimaryResult().getScore());
      }
      var allocated = benchmark.getSecondaryResults().get("gc.alloc.rate.norm");
      if (allocated != null) {
        to.bytes().add(allocated.getScore());
      }
    }
  }

  private static String key(String payload, String form, String codec, String method) {
    return String.join(" ", payload, form, codec, method);
  }

  private void print(String[] payloads) {
    System.out.println(
        "| payload | way | encode ns | bytes | decode ns | bytes | beside | encode | decode |");
    System.out.println("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |");
    for (var payload : payloads) {
      for (var form : List.of("value", "record")) {
        for (int i = 0; i < PACKERS.size(); i++) {
          print(payload, form, PACKERS.get(i), form.equals("value") ? OTHERS.get(i) : "jackson");
        }
        for (var other : OTHERS) {
          print(payload, form, other, other);
        }
      }
    }
  }

  private void print(String payload, String form, String codec, String beside) {
    var encode = measured.get(key(payload, form, codec, "encode"));
    var decode = measured.get(key(payload, form, codec, "decode"));
    var encodeBeside = measured.get(key(payload, form, beside, "encode"));
    var decodeBeside = measured.get(key(payload, form, beside, "decode"));
    if (encode == null || decode == null || encodeBeside == null || decodeBeside == null) {
      return;
    }
    System.out.printf(
        "| %s | %s %s | %.0f | %.0f | %.0f | %.0f | %s | %s | %s |%n",
        payload,
        codec,
        form,
        encode.time(),
        encode.allocation(),
        decode.time(),
        decode.allocation(),
        codec.equals(beside) ? "" : beside,
        codec.equals(beside) ? "" : "%.2f".formatted(encode.time() / encodeBeside.time()),
        codec.equals(beside) ? "" : "%.2f".formatted(decode.time() / decodeBeside.time()));
  }
}
