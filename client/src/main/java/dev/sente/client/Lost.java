package dev.sente.client;

import java.util.List;

/**
 * What may be lost where a session could not be continued (V14).
 *
 * @param reason {@code unknown-session}, {@code uid-changed} or {@code overflow}, as the server
 *     said; or {@code protocol} where this client gave the session up
 * @param sent the ids of the events and requests that had been sent and that the server had not
 *     acknowledged, in order: whether it handled them is unknown. Those of the server's that had
 *     not arrived are lost too, but nobody here knows them
 */
public record Lost(String reason, List<String> sent) {

  /** Copies the list. */
  public Lost {
    sent = List.copyOf(sent);
  }
}
