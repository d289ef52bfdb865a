package dev.sente.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamSimulationTest {

  /** {@code ./sente simulate --runs N --seed S} sets both. */
  @Test
  void nothingIsLostDoubledOrReorderedWhateverHappens() {
    long runs = Long.getLong("sente.simulation.runs", 20_000);
    long first = Long.getLong("sente.simulation.seed", 1);
    long messages = 0;
    for (long seed = first; seed < first + runs; seed++) {
      messages += StreamSimulation.run(seed);
    }
    assertThat(messages).isGreaterThan(runs);
  }

  /** Seeds that once found something. */
  @ParameterizedTest
  @ValueSource(longs = {1})
  void regressions(long seed) {
    assertThat(StreamSimulation.run(seed)).isPositive();
  }
}
