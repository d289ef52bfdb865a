package dev.sente.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The benchmarks run, and each decodes what it encoded; how fast is no matter here. */
class PackerBenchmarkTest {

  @ParameterizedTest
  @CsvSource({
    "value, json jackson edn clojure msgpack msgpack-core transit transit-java, 64",
    "record, json jackson edn msgpack transit, 40"
  })
  void runs(String form, String codecs, int count) throws RunnerException {
    var options =
        new OptionsBuilder()
            .include(PackerBenchmark.class.getName())
            .param("form", form)
            .param("codec", codecs.split(" ", -1))
            .mode(Mode.SingleShotTime)
            .warmupIterations(0)
            .measurementIterations(1)
            .forks(0)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();

    assertThat(new Runner(options).run()).hasSize(count);
  }
}
