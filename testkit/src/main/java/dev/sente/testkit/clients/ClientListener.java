package dev.sente.testkit.clients;

import org.jspecify.annotations.Nullable;

/** Told by a {@link TestedClient} what it hears, one thing after the other, in order. */
public interface ClientListener {

  /**
   * An event came from the server.
   *
   * @param data as JSON has it; a number may be of any class
   */
  void onEvent(String id, @Nullable Object data);

  /** The state has changed. */
  void onState(TestedState state);

  /** Something went wrong with nobody waiting for it. Told when a scene fails. */
  void onError(String what);
}
