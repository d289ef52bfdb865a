package dev.sente.benchmarks.run;

import java.util.ArrayList;
import java.util.List;

/**
 * What the command line says.
 *
 * @param names of workloads; none for all
 * @param rounds how many are counted
 * @param seconds of each
 * @param warmUp seconds of each subject's before the first that counts
 * @param clients how many, in place of each workload's own; 0 for those
 * @param subjects by name
 */
record Options(
    List<String> names,
    int rounds,
    double seconds,
    double warmUp,
    int clients,
    List<String> subjects) {

  static Options of(String... arguments) {
    var names = new ArrayList<String>();
    int rounds = 5;
    double seconds = 3;
    double warmUp = 10;
    int clients = 0;
    var subjects = Subject.ALL.stream().map(Subject::name).toList();
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--rounds" -> rounds = Integer.parseInt(arguments[++i]);
        case "--seconds" -> seconds = Double.parseDouble(arguments[++i]);
        case "--warm-up" -> warmUp = Double.parseDouble(arguments[++i]);
        case "--clients" -> clients = Integer.parseInt(arguments[++i]);
        case "--subjects" -> subjects = List.of(arguments[++i].split(",", -1));
        case "--smoke" -> {
          rounds = 1;
          seconds = 0.5;
          warmUp = 0;
          clients = 20;
        }
        default -> {
          if (arguments[i].startsWith("--")) {
            throw new IllegalArgumentException("bench knows no " + arguments[i]);
          }
          names.add(arguments[i]);
        }
      }
    }
    return new Options(List.copyOf(names), rounds, seconds, warmUp, clients, subjects);
  }

  List<Workload> workloads() {
    for (var name : names) {
      if (Workload.ALL.stream().noneMatch(workload -> workload.isNamed(name))) {
        throw new IllegalArgumentException("bench knows no workload " + name);
      }
    }
    return Workload.ALL.stream()
        .filter(one -> names.isEmpty() || names.stream().anyMatch(one::isNamed))
        .map(one -> clients > 0 ? one.withClients(clients) : one)
        .toList();
  }

  List<Subject> chosen(Workload workload) {
    return Subject.ALL.stream()
        .filter(subject -> subjects.contains(subject.name()))
        .filter(subject -> subject.can().contains(workload.kind()))
        .toList();
  }
}
