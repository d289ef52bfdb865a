package dev.sente.testkit.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.packer.transit.TransitPacker;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Our server says what Sente's said, in every recorded scene, message by message; but for the
 * differences that we mean.
 */
class ReplayTest {

  /** The packers whose recordings are replayed. To replay another's, add it here. */
  private static final List<Packer> PACKERS =
      List.of(
          EdnPacker.DEFAULT,
          GzipPacker.of(EdnPacker.DEFAULT),
          MsgpackPacker.DEFAULT,
          GzipPacker.of(MsgpackPacker.DEFAULT),
          TransitPacker.create());

  @TestFactory
  Stream<DynamicNode> saysWhatSenteSaid() {
    return PACKERS.stream()
        .flatMap(
            packer -> recordings(packer).map(name -> container(Recording.named(name), packer)));
  }

  /** The recordings of a packer; those made by hand are edn. */
  private static Stream<String> recordings(Packer packer) {
    var name = packer.name().equals("msgpack+gzip") ? "gzip" : packer.name();
    var browsers = Stream.of("ws-", "ajax-").flatMap(t -> Stream.of(t + name, t + name + "-csrf"));
    return name.equals("edn")
        ? Stream.concat(
            browsers, Stream.of("raw-default-csrf-edn", "raw-rejections-edn", "raw-oddities-edn"))
        : browsers;
  }

  private static DynamicNode container(Recording recording, Packer packer) {
    var outcomes = Replay.of(recording, RecordedApplication.of(recording.name(), packer), packer);
    var differences =
        Difference.ALL.stream().filter(d -> recording.name().startsWith(d.recording())).toList();
    var tests = new ArrayList<DynamicTest>();
    for (var scene : outcomes.recorded().scenes()) {
      tests.add(DynamicTest.dynamicTest(scene, () -> compare(scene, outcomes, differences)));
    }
    return DynamicContainer.dynamicContainer(recording.name(), tests);
  }

  private static void compare(
      String scene, Replay.Outcomes outcomes, List<Difference> differences) {
    var meant = differences.stream().filter(d -> d.scene().equals(scene)).toList();
    if (meant.isEmpty()) {
      assertThat(outcomes.ours().byConnection(scene))
          .isEqualTo(outcomes.recorded().byConnection(scene));
      return;
    }
    assertThat(meant).hasSize(1);
    var recorded = outcomes.recorded().all(scene);
    assertThat(outcomes.ours().all(scene))
        .as("where we mean to differ: %s", meant.getFirst().row())
        .isEqualTo(meant.getFirst().ours().apply(recorded))
        .isNotEqualTo(recorded);
  }

  @Test
  void everyDifferenceIsOfAScene() {
    for (var difference : Difference.ALL) {
      var scenes =
          PACKERS.stream()
              .flatMap(ReplayTest::recordings)
              .filter(isOf(difference))
              .map(Recording::named);
      assertThat(scenes.flatMap(r -> r.entries().stream()).map(Recording.Entry::what).toList())
          .contains(new Recording.What.Note("scene: " + difference.scene()));
    }
  }

  private static Predicate<String> isOf(Difference difference) {
    return name -> name.startsWith(difference.recording());
  }

  @Test
  void everyDifferenceStandsInTheProtocol() throws IOException {
    var protocol = Files.readString(Recording.folder().resolve("../../PROTOCOL.md").normalize());
    assertThat(Difference.ALL)
        .allSatisfy(d -> assertThat(protocol).contains("| " + d.row() + " |"));
  }
}
