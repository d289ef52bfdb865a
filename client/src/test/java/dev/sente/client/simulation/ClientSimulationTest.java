package dev.sente.client.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientSimulationTest {

  /** {@code -Dsente.simulation.runs=N -Dsente.simulation.seed=S} sets both. */
  @Test
  void nothingIsLostDoubledOrReorderedWhateverHappens() {
    long runs = Long.getLong("sente.simulation.runs", 3000);
    long first = Long.getLong("sente.simulation.seed", 1);
    long messages = 0;
    for (long seed = first; seed < first + runs; seed++) {
      messages += ClientSimulation.run(seed);
    }
    assertThat(messages).isGreaterThan(runs);
  }
}
