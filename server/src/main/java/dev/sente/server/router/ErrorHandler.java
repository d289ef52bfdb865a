package dev.sente.server.router;

/**
 * Told when a handler throws, after the requester was answered; in place of the log. Also told of
 * data that does not fit ({@link dev.sente.packer.BindException}) or cannot be read ({@link
 * dev.sente.packer.UnpackException}): no fault of the application's, and as frequent as clients
 * like. The log has those at debug level, without trace.
 */
@FunctionalInterface
public interface ErrorHandler {

  /** Takes note of what a handler threw for an event. */
  void failed(IncomingEvent event, Throwable error);
}
