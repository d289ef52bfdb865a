package dev.sente.server.session;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What tells sessions apart. The user is part of it, so that one user's client can never take
 * another's session over by claiming its client-id.
 */
record SessionKey(@Nullable String uid, String clientId) {

  /** What a record does by itself, many times as fast: it is asked for each poll. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SessionKey key
        && clientId.equals(key.clientId)
        && Objects.equals(uid, key.uid);
  }

  @Override
  public int hashCode() {
    return 31 * clientId.hashCode() + Objects.hashCode(uid);
  }
}
