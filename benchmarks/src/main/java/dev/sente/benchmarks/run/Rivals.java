package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.BayeuxDialect;
import dev.sente.benchmarks.load.Dialect;
import dev.sente.benchmarks.load.SocketIoDialect;
import dev.sente.benchmarks.load.StompDialect;
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

  static final List<Subject> ALL =
      List.of(
          new Subject(
              "socketio",
              new SocketIoDialect(),
              CAN,
              (kind, options) ->
                  List.of("node", "--expose-gc", folder("socketio/server.mjs").toString())),
          onJvm("netty-socketio", new SocketIoDialect(), "NettySocketIoServer"),
          onJvm("cometd", new BayeuxDialect(), "CometdServer"),
          onJvm("spring", new StompDialect(), "SpringServer"));

  private Rivals() {}

  /** The class path is the rival's libraries, and our console and messages. */
  private static Subject onJvm(String name, Dialect dialect, String main) {
    return new Subject(
        name,
        dialect,
        CAN,
        (kind, options) ->
            Subject.java(
                folder("target/classes")
                    + ":"
                    + folder("../target/classes")
                    + ":"
                    + folder("target/lib")
                    + "/*",
                "dev.sente.benchmarks.rivals." + main,
                options));
  }

  private static Path folder(String name) {
    return Path.of(System.getProperty("sente.benchmarks", "benchmarks"), "rivals", name);
  }
}
