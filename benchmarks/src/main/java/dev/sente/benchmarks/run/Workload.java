package dev.sente.benchmarks.run;

/**
 * What is measured.
 *
 * @param name as it is named on the command line and in the table
 * @param clients how many
 * @param batch how many events in a row, where that matters
 */
record Workload(String name, Kind kind, int clients, int batch) {

  enum Kind {
    /** Each client has one request outstanding. */
    ECHO,
    /** The same event to all; the next when all have it. */
    BROADCAST,
    /** A different event to each; the next when all have it. */
    PUSH,
    /** The same, to clients that poll; the next when all poll again. */
    POLL,
    /** An event to one of many that are idle. */
    LATENCY,
    /** Connections that only are there. */
    IDLE,
    /** All are cut at once. */
    STORM,
    /** Each is cut once a second. */
    DROPS
  }

  static final java.util.List<Workload> ALL =
      java.util.List.of(
          new Workload("echo-100", Kind.ECHO, 100, 1),
          new Workload("echo-1000", Kind.ECHO, 1000, 1),
          new Workload("broadcast-1000", Kind.BROADCAST, 1000, 1),
          new Workload("broadcast-5000", Kind.BROADCAST, 5000, 1),
          new Workload("broadcast-1000x10", Kind.BROADCAST, 1000, 10),
          new Workload("broadcast-5000x10", Kind.BROADCAST, 5000, 10),
          new Workload("push", Kind.PUSH, 1000, 1),
          new Workload("poll", Kind.POLL, 1000, 1),
          new Workload("latency", Kind.LATENCY, 1000, 1),
          new Workload("idle", Kind.IDLE, 10_000, 1),
          new Workload("storm", Kind.STORM, 5_000, 1),
          new Workload("drops", Kind.DROPS, 200, 1));

  Workload withClients(int count) {
    return new Workload(name, kind, count, batch);
  }

  /** Whether a name of the command line means this one: all of it, or its part before the dash. */
  boolean isNamed(String word) {
    return name.equals(word) || name.startsWith(word + "-");
  }
}
