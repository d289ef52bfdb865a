package dev.sente.client;

/** Handles every event, after the event's own handlers; on their thread. */
@FunctionalInterface
public interface AnyEventHandler {

  /**
   * Handles an event. What is thrown goes to the option {@code onError}.
   *
   * @param isHandled whether the event had handlers of its own
   */
  void handle(ReceivedEvent event, boolean isHandled) throws Exception;
}
