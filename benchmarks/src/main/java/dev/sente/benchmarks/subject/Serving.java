package dev.sente.benchmarks.subject;

/** What a subject's server does when it is told to. Called by one thread. */
public interface Serving {

  /** The port that it listens on. */
  int port();

  /** Sends this many events, numbered from {@code number} on, to all clients. */
  void broadcast(long number, int count);

  /** Sends the event of this number to each of {@code count} clients from {@code first} on. */
  void push(long number, int first, int count);
}
