package dev.sente.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LatenciesTest {

  @Test
  void percentilesAreRightWithinThreePercent() {
    var latencies = new Latencies();
    for (long nanos = 1; nanos <= 1_000_000; nanos++) {
      latencies.add(nanos);
    }

    assertThat(latencies.percentile(0.5)).isCloseTo(500_000, within(15_000.0));
    assertThat(latencies.percentile(0.99)).isCloseTo(990_000, within(30_000.0));
    assertThat(latencies.percentile(0.00001)).isCloseTo(10, within(0.5));
    assertThat(latencies.percentile(1)).isCloseTo(1_000_000, within(30_000.0));
  }
}
