package dev.sente.server.session;

import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What tells sessions apart. The user is part of it, so that one user's client can never take
 * another's session over by claiming its client-id.
 */
record SessionKey(@Nullable String uid, String clientId) implements Comparable<SessionKey> {

  private static final Comparator<SessionKey> ORDER =
      Comparator.comparing(SessionKey::clientId)
          .thenComparing(SessionKey::uid, Comparator.nullsFirst(Comparator.naturalOrder()));

  /** By which a map finds one among many of the same hash: clients choose their ids. */
  @Override
  public int compareTo(SessionKey other) {
    return ORDER.compare(this, other);
  }

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
