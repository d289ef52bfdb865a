package dev.sente.benchmarks.run;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the command line says.
 *
 * @param rounds how many are counted
 * @param seconds of each
 * @param warmUp seconds of each subject's before the first that counts
 * @param profile whether flame graphs are wanted, in place of figures
 * @param isWhole whether all is measured as the README wants it
 */
record Options(
    List<Workload> workloads,
    List<Subject> subjects,
    int rounds,
    double seconds,
    double warmUp,
    boolean profile,
    boolean isWhole) {

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException if it says something else, with a sentence for whoever wrote
   *     it
   */
  static Options of(String... arguments) {
    var names = new ArrayList<String>();
    int rounds = 5;
    double seconds = 3;
    double warmUp = 10;
    int clients = 0;
    boolean smoke = false;
    boolean profile = false;
    var subjects = Subject.ALL;
    var words = new ArrayList<>(Arrays.asList(arguments));
    while (!words.isEmpty()) {
      var word = words.removeFirst();
      switch (word) {
        case "--rounds" -> rounds = (int) number(word, words, 1, 1000);
        case "--seconds" -> seconds = number(word, words, 0.1, 3600);
        case "--warm-up" -> warmUp = number(word, words, 0, 3600);
        case "--clients" -> clients = (int) number(word, words, 1, Bench.MOST_CLIENTS);
        case "--subjects" -> subjects = subjects(words.isEmpty() ? "nothing" : words.removeFirst());
        case "--profile" -> profile = true;
        case "--smoke" -> {
          smoke = true;
          rounds = 1;
          seconds = 0.5;
          warmUp = 0;
          clients = 20;
        }
        default -> {
          if (word.startsWith("--")) {
            throw new IllegalArgumentException("bench knows no " + word + ": see ./sente help");
          }
          names.add(word);
        }
      }
    }
    boolean whole =
        names.isEmpty() && !smoke && !profile && clients == 0 && subjects.equals(Subject.ALL);
    return new Options(
        workloads(names, clients), subjects, rounds, seconds, warmUp, profile, whole);
  }

  private static double number(String option, List<String> words, double least, double most) {
    var word = words.isEmpty() ? "nothing" : words.removeFirst();
    try {
      double number = Double.parseDouble(word);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "%s wants a number from %s to %s, was %s"
            .formatted(option, decimal(least), decimal(most), word));
  }

  private static String decimal(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  private static List<Workload> workloads(List<String> names, int clients) {
    for (var name : names) {
      if (Workload.ALL.stream().noneMatch(workload -> workload.isNamed(name))) {
        throw new IllegalArgumentException(
            "bench knows no workload %s, but %s"
                .formatted(name, Workload.ALL.stream().map(Workload::name).toList()));
      }
    }
    return Workload.ALL.stream()
        .filter(one -> names.isEmpty() || names.stream().anyMatch(one::isNamed))
        .map(one -> clients > 0 ? one.withClients(clients) : one)
        .toList();
  }

  static List<Subject> subjects(String text) {
    var names = Arrays.asList(text.split(",", -1));
    for (var name : names) {
      if (Subject.ALL.stream().noneMatch(subject -> subject.name().equals(name))) {
        throw new IllegalArgumentException(
            "bench knows no subject %s, but %s"
                .formatted(name, Subject.ALL.stream().map(Subject::name).toList()));
      }
    }
    return Subject.ALL.stream().filter(subject -> names.contains(subject.name())).toList();
  }
}
