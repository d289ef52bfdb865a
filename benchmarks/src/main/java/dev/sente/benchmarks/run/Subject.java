package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.ClassicDialect;
import dev.sente.benchmarks.load.Dialect;
import dev.sente.benchmarks.load.RawDialect;
import dev.sente.benchmarks.load.StreamDialect;
import dev.sente.benchmarks.run.Workload.Kind;
import dev.sente.benchmarks.subject.FloorServer;
import dev.sente.benchmarks.subject.SenteServer;
import dev.sente.netty.LoopThreads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is compared: a server, and how clients speak to it.
 *
 * @param can the workloads that it knows; of others the table says that it cannot
 * @param command starts the server for a kind of workload
 */
record Subject(String name, Dialect dialect, Set<Kind> can, Command command) {

  /** How a server is started. */
  interface Command {
    List<String> of(Kind kind, List<String> jvmOptions);
  }

  /** Whether the others are measured by it. */
  boolean isFloor() {
    return name.equals("floor");
  }

  /** Whether it is the floor, with clients that never tell that they are there. */
  boolean isSilentFloor() {
    return name.equals("floor-silent");
  }

  /** Whether it is ours, with what the application does carried by the event loops. */
  boolean isOnLoops() {
    return name.equals("sente-loops");
  }

  /** What such threads need, see {@link LoopThreads}. */
  static boolean hasLoopThreads() {
    return Runtime.version().feature() >= 24;
  }

  /** What needs nothing but this module. The first is what the others are measured by. */
  static final List<Subject> OURS =
      List.of(
          new Subject(
              "floor",
              new RawDialect(false),
              EnumSet.complementOf(EnumSet.of(Kind.STORM, Kind.DROPS)),
              Subject::floor),
          new Subject(
              "floor-silent",
              new RawDialect(true),
              EnumSet.of(Kind.BROADCAST, Kind.PUSH),
              Subject::floor),
          new Subject(
              "sente",
              new StreamDialect(),
              EnumSet.allOf(Kind.class),
              (kind, options) -> java(SenteServer.class, options)),
          new Subject(
              "sente-loops",
              new StreamDialect(),
              hasLoopThreads() ? EnumSet.of(Kind.ECHO, Kind.POLL) : EnumSet.noneOf(Kind.class),
              (kind, options) -> java(SenteServer.class, opened(options), SenteServer.LOOPS)),
          new Subject(
              "sente-classic",
              new ClassicDialect(),
              EnumSet.complementOf(EnumSet.of(Kind.POLL, Kind.STORM, Kind.DROPS)),
              (kind, options) -> java(SenteServer.class, options)));

  /** Everything. */
  static final List<Subject> ALL = Stream.concat(OURS.stream(), Rivals.ALL.stream()).toList();

  private static List<String> floor(Kind kind, List<String> options) {
    return java(FloorServer.class, options, kind == Kind.POLL ? "polls" : "sockets");
  }

  private static List<String> opened(List<String> options) {
    var all = new ArrayList<>(options);
    all.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
    return all;
  }

  /** Ours; Maven's tests name it elsewhere, and have a jar in its place that only points to it. */
  private static final String CLASS_PATH =
      System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

  private static List<String> java(Class<?> main, List<String> options, String... arguments) {
    return java(CLASS_PATH, main.getName(), options, arguments);
  }

  /** A command that runs a class by the same Java that runs this. */
  static List<String> java(
      String classPath, String main, List<String> options, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx1g"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main));
    command.addAll(List.of(arguments));
    return command;
  }
}
