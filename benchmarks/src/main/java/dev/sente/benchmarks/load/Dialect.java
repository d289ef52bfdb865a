package dev.sente.benchmarks.load;

import org.jspecify.annotations.Nullable;

/** How clients speak to a subject: what must be written to measure another one. */
public interface Dialect {

  /** A client that connects by WebSocket; clients count from 0. */
  Talk talk(int client, Talk.Ear ear);

  /** A client that polls; null where the subject has none. */
  default @Nullable PollTalk pollTalk(int client, Talk.Ear ear) {
    return null;
  }
}
