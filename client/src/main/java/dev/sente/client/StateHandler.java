package dev.sente.client;

/**
 * Is told of each change of the state, in order; runs where an {@link EventHandler} does, between
 * the events that came before the change and those that came after it.
 */
@FunctionalInterface
public interface StateHandler {

  /** The state has changed. What is thrown goes to the option {@code onError}. */
  void changed(ClientState state, ClientState previous) throws Exception;
}
