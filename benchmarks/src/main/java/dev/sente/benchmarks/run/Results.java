package dev.sente.benchmarks.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes outcomes to files: those of a whole run to {@code table.md} and {@code plot.svg}, and into
 * the README between its marks; those of a part to {@code last.md} and {@code last.svg}, which Git
 * ignores.
 */
final class Results {

  private static final String BEGIN = "<!-- the last whole run -->";
  private static final String END = "<!-- its end -->";

  private Results() {}

  /** Writes below this folder, the benchmarks'. */
  static void write(Path folder, boolean whole, String where, List<Outcome> outcomes)
      throws IOException {
    var results = Files.createDirectories(folder.resolve("results"));
    var table = where + "\n\n" + Tables.of(outcomes);
    Files.writeString(results.resolve(whole ? "table.md" : "last.md"), table);
    Files.writeString(results.resolve(whole ? "plot.svg" : "last.svg"), Plot.of(outcomes));
    var readme = folder.resolve("README.md");
    if (whole && Files.exists(readme)) {
      var text = Files.readString(readme);
      int from = text.indexOf(BEGIN);
      int to = text.indexOf(END);
      if (from >= 0 && to > from) {
        var before = text.substring(0, from + BEGIN.length());
        Files.writeString(readme, before + "\n\n" + table + "\n" + text.substring(to));
      }
    }
  }
}
