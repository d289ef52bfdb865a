package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Latencies;
import org.jspecify.annotations.Nullable;

/** What is told of one subject at one workload. */
sealed interface Outcome {

  Workload workload();

  Subject subject();

  /**
   * What messages cost.
   *
   * @param cpu of the server, in µs per message
   * @param ratio to the floor's of the same round; null where there is none
   * @param compiler share of the CPU time that compiled the server's code
   * @param perParcel messages in each WebSocket message or answer to a poll
   * @param perSecond messages, the median of the rounds
   * @param resident bytes of the server when the rounds were over
   * @param heap bytes of it in use after a collection
   * @param allocated bytes per message
   * @param driver µs of CPU time per message, of the driver's
   */
  record Cost(
      Workload workload,
      Subject subject,
      Spread cpu,
      @Nullable Spread ratio,
      double compiler,
      double perParcel,
      double perSecond,
      Latencies latencies,
      long resident,
      long heap,
      double allocated,
      double driver)
      implements Outcome {

    static Cost of(Trial trial, Trial floor) {
      var rounds = trial.rounds();
      double[] ratios = new double[rounds.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = rounds.get(i).cpuMicros() / floor.rounds().get(i).cpuMicros();
      }
      long messages = rounds.stream().mapToLong(Round::messages).sum();
      var latencies = new Latencies();
      rounds.forEach(round -> latencies.addAll(round.latencies()));
      return new Cost(
          trial.workload(),
          trial.subject(),
          Spread.of(rounds.stream().mapToDouble(Round::cpuMicros).toArray()),
          floor.subject().isFloor() ? Spread.of(ratios) : null,
          Spread.of(rounds.stream().mapToDouble(Round::compilerShare).toArray()).median(),
          (double) messages / rounds.stream().mapToLong(Round::parcels).sum(),
          Spread.of(rounds.stream().mapToDouble(Round::perSecond).toArray()).median(),
          latencies,
          trial.resident(),
          trial.heap(),
          (double) rounds.stream().mapToLong(Round::allocated).sum() / messages,
          rounds.stream().mapToLong(Round::driverNanos).sum() / 1e3 / messages);
    }
  }

  /**
   * What clients cost that only are there.
   *
   * @param resident growth of the whole process, in bytes per client
   * @param heap growth of what is in use after a collection, in bytes per client
   * @param cpu seconds of CPU time per second, of all clients together
   */
  record Rest(Workload workload, Subject subject, double resident, double heap, double cpu)
      implements Outcome {}

  /**
   * How clients came back that were all cut at once.
   *
   * @param times how often
   * @param back how long each took until it could go on
   * @param all the longest that it took until the last was back, in ms
   * @param lost clients that could not go on where they were
   * @param due messages sent to clients while they were away
   * @param missing those that never came
   * @param repeated those that came twice
   */
  record Return(
      Workload workload,
      Subject subject,
      int times,
      Latencies back,
      double all,
      long lost,
      long due,
      long missing,
      long repeated)
      implements Outcome {}

  /**
   * What arrived at clients that were cut again and again.
   *
   * @param recovered from each cut until the client could go on
   */
  record Cuts(
      Workload workload,
      Subject subject,
      long cuts,
      long due,
      long arrived,
      long repeated,
      long lost,
      Latencies recovered)
      implements Outcome {}

  /**
   * The subject does not know how, or did it wrong.
   *
   * @param fault what it did wrong; null where it does not know how
   */
  record Cannot(Workload workload, Subject subject, @Nullable String fault) implements Outcome {}
}
