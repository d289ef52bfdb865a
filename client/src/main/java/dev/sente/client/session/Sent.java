package dev.sente.client.session;

import dev.sente.wire.Outgoing;
import org.jspecify.annotations.Nullable;

/**
 * A message of v2 on its way to the server.
 *
 * @param outgoing packed already
 * @param id the event's id; null for answers to the server's requests
 * @param request the number of a request; 0 for others
 */
record Sent(Outgoing outgoing, @Nullable String id, long request) {

  int weight() {
    return outgoing.weight();
  }

  // Each is itself only: an event may be sent twice.
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
