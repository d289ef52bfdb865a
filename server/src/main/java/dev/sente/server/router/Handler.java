package dev.sente.server.router;

/**
 * The application's answer to an event. Called on a virtual thread; may block its own client. The
 * thread may handle another client's event next: what is put into a ThreadLocal is to be taken out.
 */
@FunctionalInterface
public interface Handler {

  /** Handles the event. What is thrown answers a waiting requester with an error, and is logged. */
  void handle(IncomingEvent event) throws Exception;
}
