package dev.sente.client;

/**
 * Handles events. Called on a thread of the option {@code executor}; a client's handlers run one at
 * a time, in the order in which the events were sent, and may block: while they do, this client's
 * further events wait.
 */
@FunctionalInterface
public interface EventHandler {

  /** Handles an event. What is thrown goes to the option {@code onError}. */
  void handle(ReceivedEvent event) throws Exception;
}
