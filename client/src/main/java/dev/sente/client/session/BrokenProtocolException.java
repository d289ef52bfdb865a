package dev.sente.client.session;

/** The server said what no rule allows. */
final class BrokenProtocolException extends RuntimeException {

  private static final long serialVersionUID = 1;

  BrokenProtocolException(String message) {
    super(message);
  }
}
