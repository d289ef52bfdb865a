package dev.sente.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamSimulationTest {

  /** {@code ./sente simulate --runs N --seed S} sets both. */
  @Test
  void nothingIsLostDoubledOrReorderedWhateverHappens() {
    long runs = Long.parseLong(System.getProperty("sente.simulation.runs", "20000"));
    long first = Long.parseLong(System.getProperty("sente.simulation.seed", "1"));
    // Each run is by itself, on one thread; side by side they use every core.
    long messages =
        LongStream.range(first, first + runs).parallel().map(StreamSimulation::run).sum();
    assertThat(messages).isGreaterThan(runs);
  }

  /** Seeds that once found something. */
  @ParameterizedTest
  @ValueSource(longs = {4, 18, 117, 205, 315, 959})
  void regressions(long seed) {
    assertThat(StreamSimulation.run(seed)).isPositive();
  }
}
