package dev.sente.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.benchmarks.load.RawDialect;
import dev.sente.benchmarks.run.Workload.Kind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTest {

  private static final List<Workload> WORKLOADS =
      List.of(new Workload("echo", Kind.ECHO, 10, 1), new Workload("idle", Kind.IDLE, 10, 1));

  private static Subject failing(String name, List<String> command) {
    return new Subject(
        name, new RawDialect(false), EnumSet.of(Kind.ECHO, Kind.IDLE), (kind, options) -> command);
  }

  @Test
  void whatOthersDoWrongEndsTheirPartOnly() throws Exception {
    var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    var floor = Subject.OURS.getFirst();
    var missing = failing("missing", List.of("/there/is/no/such/program"));
    var ending = failing("ending", List.of(java, "-version"));
    // Port 9 is nobody's here, so none of the clients connects.
    var deaf = failing("deaf", List.of("sh", "-c", "echo READY 9; cat > /dev/null"));
    var options =
        new Options(WORKLOADS, List.of(floor, missing, ending, deaf), 1, 0.1, 0, false, false);
    var bench = new Bench(options);

    bench.run();

    for (var workload : WORKLOADS) {
      var outcomes =
          bench.outcomes().stream().filter(one -> one.workload().equals(workload)).toList();
      assertThat(outcomes).hasSize(4);
      for (var outcome : outcomes) {
        boolean isFloor = outcome.subject().equals(floor);
        assertThat(outcome instanceof Outcome.Cannot cannot && cannot.fault() != null)
            .isNotEqualTo(isFloor);
        if (!isFloor) {
          assertThat(Tables.of(List.of(outcome))).contains(outcome.subject().name());
        }
      }
    }
  }
}
