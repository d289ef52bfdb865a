package dev.sente.benchmarks.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The costs as bars in an SVG: for each workload a bar per subject, as a multiple of the floor. It
 * has no background, and its colours follow what the reader's system prefers.
 */
final class Plot {

  private static final int WIDTH = 820;
  private static final int LEFT = 250;
  private static final int RIGHT = 120;
  private static final int BAR = 14;
  private static final int GAP = 12;

  /** The end of the axis; longer bars are cut there and say so by their number. */
  private static final double MOST = 8;

  private static final String STYLE =
      """
      <style>
        text { font: 13px system-ui, sans-serif; fill: #24292f }
        .quiet { fill: #57606a; font-size: 12px }
        .line { stroke: #d0d7de }
        .floor { stroke: #57606a; stroke-dasharray: 4 3 }
        .range { stroke: #24292f }
        .s1 { fill: #0969da } .s2 { fill: #8250df } .s3 { fill: #bf8700 }
        .s4 { fill: #cf222e } .s5 { fill: #1a7f37 } .s6 { fill: #57606a } .s7 { fill: #bf3989 }
        @media (prefers-color-scheme: dark) {
          text { fill: #e6edf3 }
          .quiet { fill: #9198a1 }
          .line { stroke: #3d444d }
          .floor { stroke: #9198a1 }
          .range { stroke: #e6edf3 }
          .s1 { fill: #4493f8 } .s2 { fill: #ab7df8 } .s3 { fill: #d29922 }
          .s4 { fill: #f85149 } .s5 { fill: #3fb950 } .s6 { fill: #9198a1 } .s7 { fill: #db61a2 }
        }
      </style>
      """;

  private final StringBuilder svg = new StringBuilder();
  private final List<String> subjects = new ArrayList<>();
  private final double most;
  private int y = 56;

  private Plot(double most) {
    this.most = most;
  }

  /** The plot of those outcomes that have a ratio; the floor itself is the line at 1. */
  static String of(List<Outcome> outcomes) {
    var costs = new ArrayList<Outcome.Cost>();
    double longest = 2;
    for (var outcome : outcomes) {
      if (outcome instanceof Outcome.Cost cost
          && cost.ratio() != null
          && !cost.subject().isFloor()) {
        costs.add(cost);
        longest = Math.max(longest, Math.min(MOST, cost.ratio().most()));
      }
    }
    return new Plot(Math.ceil(longest)).draw(costs);
  }

  private String draw(List<Outcome.Cost> costs) {
    var workload = "";
    for (var cost : costs) {
      if (!cost.workload().name().equals(workload)) {
        workload = cost.workload().name();
        y += GAP;
        text(LEFT - 96, y + BAR - 3, "end", "", workload);
      }
      bar(cost);
    }
    int bottom = y + 6;
    var all = new StringBuilder();
    int height = bottom + 26;
    all.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" role=\"img\">\n"
                + "<title>Server CPU per message, as a multiple of raw Netty</title>\n",
            WIDTH, height, WIDTH, height));
    all.append(STYLE);
    var bars = svg.toString();
    svg.setLength(0);
    text(8, 20, "start", "", "Server CPU per message, as a multiple of raw Netty; less is better");
    text(8, 40, "start", "quiet", "medians of the rounds, lines from least to most");
    for (int i = 0; i <= most; i++) {
      line(x(i), 52, x(i), bottom, i == 1 ? "floor" : "line");
      text(x(i), bottom + 16, "middle", "quiet", i == 1 ? "1 (floor)" : Integer.toString(i));
    }
    return all.append(svg).append(bars).append("</svg>\n").toString();
  }

  private void bar(Outcome.Cost cost) {
    var ratio = cost.ratio();
    if (ratio == null) {
      return;
    }
    var name = cost.subject().name();
    if (!subjects.contains(name)) {
      subjects.add(name);
    }
    double length = x(Math.min(most, ratio.median())) - LEFT;
    svg.append(
        format(
            "<rect class=\"s%d\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
            1 + subjects.indexOf(name) % 7, LEFT, y, length, BAR - 2));
    double middle = y + (BAR - 2) / 2.0;
    double end = x(Math.min(most, ratio.most()));
    line(x(Math.min(most, ratio.least())), middle, end, middle, "range");
    text(LEFT - 8, y + BAR - 4, "end", "quiet", name);
    text(end + 6, y + BAR - 3, "start", "", format("%.2f", ratio.median()));
    y += BAR + 2;
  }

  private double x(double ratio) {
    return LEFT + (WIDTH - LEFT - RIGHT) * ratio / most;
  }

  private void line(double x1, double y1, double x2, double y2, String type) {
    svg.append(
        format(
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
            type, x1, y1, x2, y2));
  }

  private void text(double x, double at, String anchor, String type, String text) {
    svg.append(
        format(
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n",
            x, at, anchor, type.isEmpty() ? "" : " class=\"" + type + "\"", text));
  }

  @SuppressWarnings("AnnotateFormatMethod") // No annotations of Error Prone's at run time.
  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
