package dev.sente.server.router;

/** Told when a handler throws, after the requester was answered; in place of the log. */
@FunctionalInterface
public interface ErrorHandler {

  /** Takes note of what a handler threw for an event. */
  void failed(IncomingEvent event, Throwable error);
}
