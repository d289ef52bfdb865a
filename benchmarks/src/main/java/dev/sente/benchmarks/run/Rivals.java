package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.SocketIoDialect;
import dev.sente.benchmarks.run.Workload.Kind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What people would use instead. Their servers are in {@code rivals}, with libraries that are not
 * ours. All are measured by WebSocket only; what a client missed while it was away is lost there,
 * so storms and drops would measure nothing.
 */
final class Rivals {

  private static final Set<Kind> CAN =
      EnumSet.complementOf(EnumSet.of(Kind.POLL, Kind.STORM, Kind.DROPS));

  private Rivals() {}

  static Subject socketIo() {
    return new Subject(
        "socketio",
        new SocketIoDialect(),
        CAN,
        (kind, options) ->
            List.of("node", "--expose-gc", folder().resolve("socketio/server.mjs").toString()));
  }

  private static Path folder() {
    return Path.of(System.getProperty("sente.benchmarks", "benchmarks"), "rivals");
  }
}
