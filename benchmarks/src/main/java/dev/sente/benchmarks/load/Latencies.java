package dev.sente.benchmarks.load;

/** Counts of times, each to within 3 %. On one thread. */
public final class Latencies {

  private static final int PARTS = 32;

  private final long[] counts = new long[64 * PARTS];
  private long total;

  /** Counts a time in nanoseconds. */
  public void add(long nanos) {
    counts[slot(Math.max(0, nanos))]++;
    total++;
  }

  /** Counts what the other has counted. */
  public void addAll(Latencies other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
  }

  /** How many were counted. */
  public long total() {
    return total;
  }

  /** The time that this share, 0 to 1, does not exceed, in nanoseconds; NaN of none. */
  public double percentile(double share) {
    if (total == 0) {
      return Double.NaN;
    }
    long wanted = Math.max(1, (long) Math.ceil(share * total));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return middle(i);
      }
    }
    throw new IllegalStateException("counted fewer than the total");
  }

  private static int slot(long nanos) {
    if (nanos < PARTS) {
      return (int) nanos;
    }
    int power = 63 - Long.numberOfLeadingZeros(nanos); // at least 5
    return (power - 4) * PARTS + (int) (nanos >> (power - 5)) - PARTS;
  }

  private static double middle(int slot) {
    if (slot < PARTS) {
      return slot;
    }
    int power = slot / PARTS + 4;
    double width = Math.scalb(1.0, power - 5);
    return (slot % PARTS + PARTS + 0.5) * width;
  }
}
