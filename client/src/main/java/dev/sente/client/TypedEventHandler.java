package dev.sente.client;

/** An {@link EventHandler} that gets the event's data bound to a class. */
@FunctionalInterface
public interface TypedEventHandler<T> {

  /** Handles an event. What is thrown goes to the option {@code onError}. */
  void handle(T data, ReceivedEvent event) throws Exception;
}
