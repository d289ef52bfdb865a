package dev.sente.client;

/** What takes a handler out again. */
@FunctionalInterface
public interface Registration {

  /** Takes it out; once is enough. An event being handled meanwhile may still reach it. */
  void remove();
}
