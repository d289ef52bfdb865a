package dev.sente.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClassicSimulationTest {

  /** {@code -Dsente.simulation.runs=N -Dsente.simulation.seed=S} sets both. */
  @Test
  void holdsWhateverHappens() {
    long first = Long.parseLong(System.getProperty("sente.simulation.seed", "1"));
    long runs = Long.parseLong(System.getProperty("sente.simulation.runs", "2000"));
    long arrived = 0;
    for (long seed = first; seed < first + runs; seed++) {
      arrived += ClassicSimulation.run(seed);
    }
    assertThat(arrived).isPositive();
  }
}
