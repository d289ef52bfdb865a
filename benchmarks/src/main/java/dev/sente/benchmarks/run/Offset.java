package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Dialect;
import dev.sente.benchmarks.load.Talk;

/** The same clients by higher numbers, beside a fleet that has the lower. */
record Offset(Dialect dialect, int by) implements Dialect {

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return dialect.talk(client + by, ear);
  }
}
