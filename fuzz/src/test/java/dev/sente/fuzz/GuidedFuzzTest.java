package dev.sente.fuzz;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs jazzer, which makes up inputs and goes on from those that reach new code. In a build briefly
 * on all targets at once, from the same seed; by {@code ./sente fuzz} on each by itself, going on
 * from what earlier runs found interesting ({@code fuzz/target/corpus}).
 *
 * <p>A finding is written to {@code fuzz/target/findings/<target>}; mended, it belongs to {@code
 * src/test/resources/found/<target>}, for {@link InputsTest}.
 */
class GuidedFuzzTest {

  private static final Path MODULE =
      Path.of(requireNonNull(System.getProperty("sente.root"))).resolve("fuzz");

  /** For all targets together; 0 for a brief run. */
  private static final int MINUTES = Integer.getInteger("sente.fuzz.minutes", 0);

  /** Of a brief run: by number, so that a slow machine does as much. */
  private static final int RUNS = 60_000;

  private static final String ALL = "all";

  static Stream<String> targets() {
    return MINUTES == 0 ? Stream.of(ALL) : Target.ALL.stream().map(Target::name);
  }

  @ParameterizedTest
  @MethodSource("targets")
  void nothingIsFoundIn(String target) throws IOException, InterruptedException {
    boolean isAll = target.equals(ALL);
    var corpus = Files.createDirectories(MODULE.resolve("target/corpus").resolve(target));
    var findings = Files.createDirectories(MODULE.resolve("target/findings").resolve(target));
    for (int number = 0; number < Target.ALL.size(); number++) {
      var start = Target.ALL.get(number);
      if (isAll || start.name().equals(target)) {
        for (var input : Inputs.of(start).entrySet()) {
          var bytes = isAll ? prefixed(number, input.getValue()) : input.getValue();
          Files.write(corpus.resolve(start.name() + "-" + input.getKey()), bytes);
        }
      }
    }
    var suspects = findings.resolve("suspects");
    var log = findings.resolve("log");

    var fuzzer =
        new ProcessBuilder(command(target, corpus, findings, suspects))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    try {
      assertThat(fuzzer.waitFor()).as("see %s", log).isZero();
    } finally {
      fuzzer.destroyForcibly();
    }
    for (var suspected : Target.ALL) {
      for (var input : Inputs.in(suspects.resolve(suspected.name())).values()) {
        Property.check(suspected, input);
      }
    }
  }

  private static byte[] prefixed(int number, byte[] input) {
    var prefixed = new byte[input.length + 1];
    prefixed[0] = (byte) number;
    System.arraycopy(input, 0, prefixed, 1, input.length);
    return prefixed;
  }

  private static List<String> command(String target, Path corpus, Path findings, Path suspects) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-Dsente.root=" + MODULE.getParent());
    command.add("-D" + Driver.SUSPECTS + "=" + suspects);
    command.addAll(List.of("-Xmx1g", "-Xss512k"));
    command.addAll(List.of("-XX:+EnableDynamicAgentLoading", "-XX:+IgnoreUnrecognizedVMOptions"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("com.code_intelligence.jazzer.Jazzer");
    command.add("--target_class=" + Driver.class.getName());
    // Not as an argument too, since jazzer splits those at spaces, which a folder may have.
    command.add("--target_args=" + target);
    // transit-java is theirs, but ours to answer for.
    command.add("--instrumentation_includes=dev.sente.**:com.cognitect.transit.**");
    command.add("--instrumentation_excludes=dev.sente.fuzz.**");
    command.add("--custom_hook_includes=none");
    command.add("--reproducer_path=" + findings);
    command.add("-artifact_prefix=" + findings + "/");
    command.addAll(
        target.equals(ALL)
            ? List.of("-seed=1", "-runs=" + RUNS)
            : List.of("-seed=0", "-max_total_time=" + MINUTES * 60 / Target.ALL.size()));
    command.add("-max_len=2048");
    command.add("-timeout=20");
    command.add("-rss_limit_mb=4096");
    command.add("-print_final_stats=1");
    command.add(corpus.toString());
    return command;
  }
}
