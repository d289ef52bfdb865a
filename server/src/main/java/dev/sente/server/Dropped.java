package dev.sente.server;

import org.jspecify.annotations.Nullable;

/**
 * Messages that were accepted for a client and could not be delivered. What is pushed to a client
 * after an overflow is told as one sum, when its session ends.
 *
 * @param uid the user; null for none
 * @param clientId the client
 * @param messages how many
 * @param reason why
 */
public record Dropped(@Nullable String uid, String clientId, int messages, Reason reason) {

  /** Why messages could not be delivered. */
  public enum Reason {
    /** The client did not come back in time, or the server was closed. */
    GONE,
    /** More was waiting for the client than it may. */
    OVERFLOW,
    /** The client's packer cannot pack it, though another's can, or not within the bounds. */
    UNPACKABLE,
    /** An answer was ready when the connection that asked for it was gone. */
    UNANSWERABLE
  }
}
