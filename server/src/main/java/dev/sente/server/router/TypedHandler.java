package dev.sente.server.router;

/** A handler that gets the event's data bound to a class. */
@FunctionalInterface
public interface TypedHandler<T> {

  /** Handles the event. What is thrown answers a waiting requester with an error, and is logged. */
  void handle(T data, IncomingEvent event) throws Exception;
}
