package dev.sente.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The pieces do what is measured. */
class InnerBenchmarkTest {

  @Test
  void piecesWork() {
    var pieces = new InnerBenchmark();
    pieces.setUp();

    var event = new String(pieces.packEvent(), StandardCharsets.UTF_8);
    var batch = new String(pieces.joinTen(), StandardCharsets.UTF_8);
    assertThat(batch).isEqualTo("[[" + (event + ",").repeat(9) + event + "]]");
    assertThat(pieces.joinTenAgain()).isEqualTo(pieces.joinTen());
    assertThat(pieces.readAndBindRequest().toString()).contains("n=1000000000, to=100001");
    assertThat(pieces.throughOutbox()).isTrue();
    assertThat(pieces.throughOutbox()).isTrue();
    assertThat(pieces.throughLane()).isEqualTo(1);
  }
}
