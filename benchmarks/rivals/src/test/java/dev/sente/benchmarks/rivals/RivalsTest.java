package dev.sente.benchmarks.rivals;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The driver and each rival understand each other. Each is a process, for their libraries differ.
 */
class RivalsTest {

  /** Those that need nothing but Java; {@code ./sente test} names Socket.IO too. */
  private static final String RIVALS =
      System.getProperty("sente.rivals", "netty-socketio,cometd,spring");

  @Test
  void everyMessageIsRight() throws Exception {
    var benchmarks = Path.of(System.getProperty("sente.root", ""), "benchmarks");
    var target = benchmarks.resolve("target");
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Dsente.benchmarks=" + benchmarks,
            "-cp",
            target.resolve("classes") + ":" + target.resolve("lib") + "/*",
            "dev.sente.benchmarks.run.Rehearsal",
            RIVALS);

    var driver = new ProcessBuilder(command).redirectErrorStream(true).start();

    var said = new String(driver.getInputStream().readAllBytes(), UTF_8);
    assertThat(driver.waitFor()).as(said).isZero();
    assertThat(said).contains(RIVALS.split(",", -1));
  }
}
