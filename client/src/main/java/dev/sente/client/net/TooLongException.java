package dev.sente.client.net;

import java.io.IOException;

/** An answer has more bytes than it may have. */
final class TooLongException extends IOException {

  private static final long serialVersionUID = 1;

  TooLongException(int maxBytes) {
    super("an answer of more than " + maxBytes + " bytes");
  }
}
