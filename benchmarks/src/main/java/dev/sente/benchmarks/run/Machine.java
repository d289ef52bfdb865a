package dev.sente.benchmarks.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** Where and when figures were measured, in a sentence. */
final class Machine {

  private Machine() {}

  static String text(String command, String loadBefore) {
    return String.format(
        Locale.ROOT,
        "`./sente bench%s` on %s: %d cores of %s, %s memory, Linux %s, Java %s, Netty %s; load %s"
            + " at the beginning, %s at the end, the driver on the same machine.",
        command.isEmpty() ? "" : " " + command,
        LocalDate.now(ZoneOffset.UTC),
        Runtime.getRuntime().availableProcessors(),
        field("/proc/cpuinfo", "model name"),
        memory(),
        System.getProperty("os.version", "?").replaceAll("-.*", ""),
        Runtime.version(),
        netty(),
        loadBefore,
        load());
  }

  /** The system's load of the last minute. */
  static String load() {
    String[] words = read("/proc/loadavg").split(" ", -1);
    return words[0];
  }

  private static String netty() {
    var version = io.netty.util.Version.identify().get("netty-transport");
    return version == null ? "?" : version.artifactVersion();
  }

  private static String memory() {
    long kib = Long.parseLong(field("/proc/meminfo", "MemTotal").replaceAll("\\D+", ""));
    return Math.round(kib / 1024.0 / 1024.0) + " GiB";
  }

  private static String field(String file, String name) {
    for (var line : read(file).split("\n", -1)) {
      if (line.startsWith(name)) {
        return line.substring(line.indexOf(':') + 1).strip();
      }
    }
    return "?";
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
