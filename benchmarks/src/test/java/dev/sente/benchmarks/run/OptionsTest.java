package dev.sente.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

  @Test
  void aWholeRunIsOneOfAllWorkloadsAndSubjects() {
    assertThat(Options.of().isWhole()).isTrue();
    assertThat(Options.of("--rounds", "7", "--seconds", "0.5").isWhole()).isTrue();
    assertThat(Options.of("echo").isWhole()).isFalse();
    assertThat(Options.of("--subjects", "floor,sente").isWhole()).isFalse();
  }

  @Test
  void aWorkloadIsNamedByWhatItBeginsWith() {
    assertThat(Options.of("echo").workloads())
        .extracting(Workload::name)
        .containsExactly("echo-100", "echo-1000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--help                | bench knows no --help: see ./sente help",
        "--rounds              | --rounds wants a number from 1 to 1000, was nothing",
        "--rounds many         | --rounds wants a number from 1 to 1000, was many",
        "--rounds 0            | --rounds wants a number from 1 to 1000, was 0",
        "--rounds NaN          | --rounds wants a number from 1 to 1000, was NaN",
        "--seconds -1          | --seconds wants a number from 0.1 to 3600, was -1",
        "--clients 20000       | --clients wants a number from 1 to 15000, was 20000",
        "--subjects            | bench knows no subject nothing, but [floor, ",
        "--subjects floor,ours | bench knows no subject ours, but [floor, ",
        "ekho                  | bench knows no workload ekho, but [echo-100, ",
      })
  void whatItDoesNotKnowIsToldInASentence(String arguments, String told) {
    assertThatThrownBy(() -> Options.of(arguments.split(" ")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(told);
  }
}
