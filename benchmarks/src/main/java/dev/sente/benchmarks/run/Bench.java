package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.run.Workload.Kind;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs workloads, with the load driver in this process and each subject in one of its own. */
public final class Bench {

  /** As many connections the driver may have at once: 20,000 files are a common limit. */
  static final int MOST_CLIENTS = 15_000;

  /** A server is warm when its compilers take no more of its CPU time than this. */
  private static final double WARM = 0.02;

  /** How many times longer than asked the warming up may last. */
  private static final int MOST_WARM_UP = 5;

  private final Options options;
  private final Driver driver = new Driver();
  private final List<Outcome> outcomes = new ArrayList<>();

  /** Whether something was wrong: then there is no figure of it, and no success. */
  private boolean failed;

  Bench(Options options) {
    this.options = options;
  }

  private static final Path FOLDER = Path.of(System.getProperty("sente.benchmarks", "benchmarks"));
  private static final Path PROFILES = FOLDER.resolve("results").resolve("profiles");

  /** Runs; the arguments are those of {@code ./sente bench}. */
  public static void main(String[] args) throws Exception {
    var loadBefore = Machine.load();
    var bench = new Bench(optionsOf(args));
    bench.run();
    var where = Machine.text(String.join(" ", args), loadBefore);
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println(where + "\n\n" + Tables.of(bench.outcomes));
    if (bench.options.profile()) {
      out.println("The flame graphs are in " + PROFILES);
    } else {
      Results.write(FOLDER, bench.options.isWhole() && !bench.failed, where, bench.outcomes);
    }
    System.exit(bench.failed ? 1 : 0);
  }

  private static Options optionsOf(String... arguments) {
    try {
      return Options.of(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      throw e;
    }
  }

  /** What has been found. */
  List<Outcome> outcomes() {
    return outcomes;
  }

  void run() throws Exception {
    for (var workload : options.workloads()) {
      System.err.println(workload.name() + "…");
      try {
        switch (workload.kind()) {
          case ECHO, BROADCAST, PUSH, POLL, LATENCY -> compareAll(workload);
          case IDLE, STORM, DROPS -> measureEach(workload);
        }
      } catch (IllegalStateException e) {
        e.printStackTrace();
        failed = true;
      }
      for (var subject : options.subjects()) {
        if (!subject.can().contains(workload.kind())) {
          outcomes.add(new Outcome.Cannot(workload, subject, null));
        }
      }
    }
  }

  private List<Subject> subjectsOf(Workload workload) {
    return options.subjects().stream()
        .filter(subject -> subject.can().contains(workload.kind()))
        .toList();
  }

  /** One subject after the other. */
  private void measureEach(Workload workload) throws InterruptedException {
    for (var subject : subjectsOf(workload)) {
      attempt(subject, workload, () -> measureAlone(subject, workload));
      tell(outcomes.getLast());
    }
  }

  private void measureAlone(Subject subject, Workload workload) throws InterruptedException {
    double seconds = options.seconds() * options.rounds();
    try (var server = Server.start(subject.command().of(workload.kind(), javaOptions(workload)))) {
      if (options.profile()) {
        server.startProfile();
      }
      var outcome = measure(driver, subject, workload, server, options.rounds(), seconds);
      if (options.profile()) {
        server.writeProfile(PROFILES, subject, workload);
      }
      outcomes.add(outcome);
    }
  }

  /** What a server's Java is started with, besides what all are. */
  private List<String> javaOptions(Workload workload) {
    if (options.profile()) {
      // Else what is inlined is told as time of whatever it is inlined into.
      return List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints");
    }
    return workload.kind() == Kind.IDLE ? Resting.TIGHT : List.of();
  }

  /** What is not measured in rounds. */
  static Outcome measure(
      Driver driver, Subject subject, Workload workload, Server server, int rounds, double seconds)
      throws InterruptedException {
    return switch (workload.kind()) {
      case IDLE -> Resting.measure(driver, subject, workload, server, seconds);
      case STORM -> Storm.measure(driver, subject, workload, server, rounds);
      case DROPS -> Drops.measure(driver, subject, workload, server, (int) Math.ceil(seconds));
      case ECHO, BROADCAST, PUSH, POLL, LATENCY ->
          throw new IllegalArgumentException("measured in rounds: " + workload);
    };
  }

  /** All subjects beside the first, as many at once as the driver has sockets for. */
  private void compareAll(Workload workload) throws InterruptedException {
    var subjects = subjectsOf(workload);
    if (subjects.isEmpty()) {
      return;
    }
    int atOnce = Math.max(1, MOST_CLIENTS / workload.clients() - 1);
    for (int from = 1; from == 1 || from < subjects.size(); from += atOnce) {
      var group = new ArrayList<>(List.of(subjects.getFirst()));
      int to = Math.min(from + atOnce, subjects.size());
      if (from < to) {
        group.addAll(subjects.subList(from, to));
      }
      compare(workload, group, from == 1);
    }
  }

  /** These by turns. */
  private void compare(Workload workload, List<Subject> subjects, boolean firstToo)
      throws InterruptedException {
    var servers = new ArrayList<Server>();
    var trials = new ArrayList<Trial>();
    try {
      for (var subject : subjects) {
        attempt(
            subject,
            workload,
            () -> {
              var server =
                  Server.start(subject.command().of(workload.kind(), javaOptions(workload)));
              servers.add(server);
              trials.add(new Trial(driver, subject, workload, server));
            });
      }
      warmUp(trials);
      for (int i = 0; i < options.rounds(); i++) {
        for (var trial : List.copyOf(trials)) {
          attempt(trial, trials, () -> trial.rounds().add(round(trial)));
        }
      }
      for (var trial : List.copyOf(trials)) {
        attempt(trial, trials, trial::weigh);
      }
      for (var trial : trials) {
        if (firstToo || !trial.subject().equals(subjects.getFirst())) {
          outcomes.add(Outcome.Cost.of(trial, trials.getFirst()));
          tell(outcomes.getLast());
        }
      }
    } finally {
      trials.forEach(Trial::close);
      servers.forEach(Server::close);
    }
  }

  /** By turns, for as long as was asked, and longer while a server's code is still compiled. */
  private void warmUp(List<Trial> trials) throws InterruptedException {
    double seconds = Math.min(options.warmUp(), Math.max(options.seconds(), 1));
    boolean warm = false;
    for (double done = 0;
        done < options.warmUp() || (!warm && done < MOST_WARM_UP * options.warmUp());
        done += seconds) {
      var compilerShares = new ArrayList<Double>();
      for (var trial : List.copyOf(trials)) {
        attempt(trial, trials, () -> compilerShares.add(trial.round(seconds).compilerShare()));
      }
      warm = compilerShares.stream().allMatch(share -> share < WARM);
    }
  }

  /** A part of what is done with a subject; IllegalStateException where it does wrong. */
  @FunctionalInterface
  private interface Work {
    void run() throws InterruptedException;
  }

  private void attempt(Trial trial, List<Trial> trials, Work work) throws InterruptedException {
    if (!attempt(trial.subject(), trial.workload(), work)) {
      trials.remove(trial);
      trial.close();
    }
  }

  /**
   * What one of the others does wrong ends its part in the workload, and is told in the table.
   *
   * @return false where it did wrong
   */
  private boolean attempt(Subject subject, Workload workload, Work work)
      throws InterruptedException {
    try {
      work.run();
      return true;
    } catch (IllegalStateException e) {
      if (Subject.OURS.contains(subject)) {
        throw e;
      }
      e.printStackTrace();
      var fault = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      outcomes.add(new Outcome.Cannot(workload, subject, fault == null ? e.getMessage() : fault));
      return false;
    }
  }

  /** A round; where profiles are wanted, the last one's remains. */
  private Round round(Trial trial) {
    if (!options.profile()) {
      return trial.round(options.seconds());
    }
    trial.server().startProfile();
    var round = trial.round(options.seconds());
    trial.server().writeProfile(PROFILES, trial.subject(), trial.workload());
    return round;
  }

  private static void tell(Outcome outcome) {
    System.err.println(Tables.of(List.of(outcome)));
  }
}
