package dev.sente.benchmarks.run;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Outcomes as tables in Markdown. */
final class Tables {

  private Tables() {}

  /** All outcomes, by kind. */
  static String of(List<Outcome> outcomes) {
    var all = new StringBuilder();
    table(all, outcomes, Tables::cost, COST);
    table(all, outcomes, Tables::rest, REST);
    table(all, outcomes, Tables::storm, STORM);
    table(all, outcomes, Tables::drops, DROPS);
    return all.toString();
  }

  private interface Row {
    /** The cells after the workload's and the subject's; null where it is another table's. */
    @Nullable String of(Outcome outcome);
  }

  private static final String COST =
      "| workload | subject | server CPU, µs per message | × floor | of it JIT | messages per frame"
          + " | messages/s | p50 ms | p99 ms | RSS MiB | heap MiB | allocated B/message | driver"
          + " CPU µs |\n"
          + "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
          + " ---: |\n";

  private static final String REST =
      "| workload | subject | clients | RSS growth, B/client | heap growth, B/client | CPU, ms per"
          + " s |\n"
          + "| --- | --- | ---: | ---: | ---: | ---: |\n";

  private static final String STORM =
      "| workload | subject | clients | storms | back p50 ms | p99 ms | all ms | resumed | sent"
          + " while away | missing | twice |\n"
          + "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";

  private static final String DROPS =
      "| workload | subject | clients | cuts | messages | delivered | twice | told as lost |"
          + " recovered p50 ms | p99 ms |\n"
          + "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";

  private static void table(StringBuilder to, List<Outcome> outcomes, Row row, String head) {
    boolean begun = false;
    for (var outcome : outcomes) {
      var cells = row.of(outcome);
      if (cells != null) {
        if (!begun) {
          to.append(to.isEmpty() ? "" : "\n").append(head);
          begun = true;
        }
        to.append("| ")
            .append(outcome.workload().name())
            .append(" | ")
            .append(outcome.subject().name())
            .append(" | ")
            .append(cells)
            .append(" |\n");
      }
    }
  }

  private static @Nullable String cost(Outcome outcome) {
    if (outcome instanceof Outcome.Cannot cannot) {
      return switch (cannot.workload().kind()) {
        case ECHO, BROADCAST, PUSH, POLL, LATENCY -> why(cannot) + " | | | | | | | | | |";
        case IDLE, STORM, DROPS -> null;
      };
    }
    if (!(outcome instanceof Outcome.Cost cost)) {
      return null;
    }
    return format(
        "%s | %s | %.0f %% | %.1f | %.0f | %.2f | %.2f | %d | %d | %.0f | %.2f",
        cost.cpu().text(),
        cost.ratio() == null ? "" : cost.ratio().text(),
        cost.compiler() * 100,
        cost.perParcel(),
        cost.perSecond(),
        cost.latencies().percentile(0.5) / 1e6,
        cost.latencies().percentile(0.99) / 1e6,
        cost.resident() >> 20,
        cost.heap() >> 20,
        cost.allocated(),
        cost.driver());
  }

  private static @Nullable String rest(Outcome outcome) {
    if (outcome instanceof Outcome.Cannot cannot
        && cannot.workload().kind() == Workload.Kind.IDLE
        && cannot.fault() != null) {
      return cannot.workload().clients() + " | " + why(cannot) + " | |";
    }
    if (!(outcome instanceof Outcome.Rest rest)) {
      return null;
    }
    return format(
        "%d | %.0f | %.0f | %.1f",
        rest.workload().clients(), rest.resident(), rest.heap(), rest.cpu() * 1e3);
  }

  private static @Nullable String storm(Outcome outcome) {
    if (outcome instanceof Outcome.Cannot cannot
        && cannot.workload().kind() == Workload.Kind.STORM) {
      return cannot.workload().clients() + " | " + why(cannot) + " | | | | | | |";
    }
    if (!(outcome instanceof Outcome.Return back)) {
      return null;
    }
    return format(
        "%d | %d | %.0f | %.0f | %.0f | %s | %d | %d | %d",
        back.workload().clients(),
        back.times(),
        back.back().percentile(0.5) / 1e6,
        back.back().percentile(0.99) / 1e6,
        back.all(),
        percent(back.back().total() - back.lost(), back.back().total()),
        back.due(),
        back.missing(),
        back.repeated());
  }

  private static @Nullable String drops(Outcome outcome) {
    if (outcome instanceof Outcome.Cannot cannot
        && cannot.workload().kind() == Workload.Kind.DROPS) {
      return cannot.workload().clients() + " | " + why(cannot) + " | | | | | |";
    }
    if (!(outcome instanceof Outcome.Cuts cuts)) {
      return null;
    }
    return format(
        "%d | %d | %d | %s | %d | %d | %.0f | %.0f",
        cuts.workload().clients(),
        cuts.cuts(),
        cuts.due(),
        percent(cuts.arrived(), cuts.due()),
        cuts.repeated(),
        cuts.lost(),
        cuts.recovered().percentile(0.5) / 1e6,
        cuts.recovered().percentile(0.99) / 1e6);
  }

  private static String why(Outcome.Cannot cannot) {
    if (cannot.fault() != null) {
      return "— (" + cannot.fault() + ")";
    }
    if (cannot.subject().isOnLoops()) {
      return Subject.hasLoopThreads() ? "— (as sente)" : "— (Java 24 or newer)";
    }
    if (cannot.subject().isSilentFloor()) {
      return "— (as floor)";
    }
    return switch (cannot.workload().kind()) {
      case POLL -> "— (by WebSocket only)";
      case STORM, DROPS -> "— (no resume)";
      case ECHO, BROADCAST, PUSH, LATENCY, IDLE -> "—";
    };
  }

  private static String percent(long part, long all) {
    return part == all ? "100 %" : format("%.3f %%", 100.0 * part / all);
  }

  @SuppressWarnings("AnnotateFormatMethod") // No annotations of Error Prone's at run time.
  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
