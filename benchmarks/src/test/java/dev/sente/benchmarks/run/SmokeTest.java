package dev.sente.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.benchmarks.load.Driver;
import dev.sente.benchmarks.run.Workload.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every workload runs for a moment with every subject of ours that knows it, and every message is
 * right; how fast is no matter here. A subject has one server for all of them where it can.
 */
class SmokeTest {

  private static final int CLIENTS = 20;
  private static final double SECONDS = 0.3;

  private static final Map<List<String>, Server> SERVERS = new HashMap<>();
  private static Driver driver;

  @BeforeAll
  static void startDriver() {
    driver = new Driver();
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(Server::close);
    driver.close();
  }

  static Stream<Workload> workloads() {
    return Stream.of(
        new Workload("echo", Kind.ECHO, CLIENTS, 1),
        new Workload("broadcast", Kind.BROADCAST, CLIENTS, 1),
        new Workload("broadcast-x10", Kind.BROADCAST, CLIENTS, 10),
        new Workload("push", Kind.PUSH, CLIENTS, 1),
        new Workload("poll", Kind.POLL, CLIENTS, 1),
        new Workload("latency", Kind.LATENCY, CLIENTS, 1),
        new Workload("idle", Kind.IDLE, CLIENTS, 1),
        new Workload("storm", Kind.STORM, CLIENTS, 1),
        new Workload("drops", Kind.DROPS, CLIENTS, 1));
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void isRight(Workload workload) throws Exception {
    var outcomes = new ArrayList<Outcome>();
    for (var subject : Subject.OURS) {
      if (subject.can().contains(workload.kind())) {
        outcomes.add(outcome(subject, workload));
      }
    }

    for (var outcome : outcomes) {
      switch (outcome) {
        case Outcome.Cost cost -> {
          // What is not the next message of its client has failed the trial.
          assertThat(cost.latencies().total()).isPositive();
          assertThat(cost.cpu().median()).isPositive();
        }
        case Outcome.Rest rest -> assertThat(rest.cpu()).isNotNegative();
        case Outcome.Return back -> {
          assertThat(back.back().total()).isEqualTo(CLIENTS);
          assertThat(List.of(back.lost(), back.missing(), back.repeated())).containsOnly(0L);
        }
        case Outcome.Cuts cuts -> {
          assertThat(cuts.arrived()).isEqualTo(cuts.due());
          assertThat(List.of(cuts.lost(), cuts.repeated())).containsOnly(0L);
        }
        case Outcome.Cannot cannot -> throw new AssertionError(cannot);
      }
    }
    assertThat(Tables.of(outcomes)).contains("| " + workload.name() + " | ");
    assertThat(Plot.of(outcomes)).startsWith("<svg ").endsWith("</svg>\n");
  }

  private static Outcome outcome(Subject subject, Workload workload) throws Exception {
    var command = subject.command().of(workload.kind(), List.of());
    var key = Stream.concat(Stream.of(subject.name()), command.stream()).toList();
    var server = SERVERS.computeIfAbsent(key, none -> Server.start(command));
    return switch (workload.kind()) {
      case ECHO, BROADCAST, PUSH, POLL, LATENCY -> {
        try (var trial = new Trial(driver, subject, workload, server)) {
          trial.rounds().add(trial.round(SECONDS));
          trial.weigh();
          yield Outcome.Cost.of(trial, trial);
        }
      }
      case IDLE, STORM, DROPS -> Bench.measure(driver, subject, workload, server, 1, SECONDS);
    };
  }
}
