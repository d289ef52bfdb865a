/** What has become of numbered events, and how soon connections recovered. */

/**
 * @param {number} sent how many there were, numbered from 0
 * @param {number[]} heard the numbers as they came
 */
export function tally(sent, heard) {
  const distinct = new Set();
  let duplicates = 0;
  let reordered = 0;
  let highest = -1;
  for (const n of heard) {
    if (distinct.has(n)) duplicates++;
    else if (n < highest) reordered++;
    distinct.add(n);
    highest = Math.max(highest, n);
  }
  return { sent, delivered: distinct.size, duplicates, reordered };
}

/**
 * How long after each cut something came over a connection begun after it, in ms. What came until the first bytes
 * passed there had passed before the cut.
 *
 * @param {import("./proxy.mjs").Cut[]} cuts
 * @param {"up" | "down"} direction
 * @param {number[]} times when events or handshakes came, ascending, in ms since the epoch
 */
export function recoveries(cuts, direction, times) {
  const took = [];
  let fresh = Infinity;
  let i = times.length;
  for (let c = cuts.length - 1; c >= 0; c--) {
    fresh = cuts[c][direction] ?? fresh;
    while (i > 0 && times[i - 1] >= fresh) i--;
    if (i < times.length && times[i] >= fresh) took.push(times[i] - cuts[c].at);
  }
  return took;
}

export function percentile(values, share) {
  const sorted = values.toSorted?.((a, b) => a - b) ?? [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** A table in Markdown, aligned for reading as it is. */
export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((cell, i) => pad(cell, widths[i], i)).join(" | ")} |`;
  const rule = widths.map((width, i) => (i < 2 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(rows[0]), `| ${rule.join(" | ")} |`, ...rows.slice(1).map(line)].join("\n");
}

function pad(cell, width, column) {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}
