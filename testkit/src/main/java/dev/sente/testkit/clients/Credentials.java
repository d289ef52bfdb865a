package dev.sente.testkit.clients;

import org.jspecify.annotations.Nullable;

/**
 * What a client says who it is.
 *
 * @param uid the query parameter {@code uid}; null for no such parameter
 * @param csrfToken the CSRF token; null for none
 * @param authorization the value of the header {@code Authorization}; null for none
 */
public record Credentials(
    @Nullable String uid, @Nullable String csrfToken, @Nullable String authorization) {

  /** A user, without further secrets. */
  public static Credentials of(@Nullable String uid) {
    return new Credentials(uid, null, null);
  }
}
