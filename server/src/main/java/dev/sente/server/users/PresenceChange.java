package dev.sente.server.users;

import org.jspecify.annotations.Nullable;

/**
 * A user came, went, or changed transports.
 *
 * @param uid the user; null for the clients without one, taken together
 * @param webSocket whether the user now has a client on a WebSocket
 * @param ajax whether the user now has a client on long-polling
 * @param wasWebSocket the same, before
 * @param wasAjax the same, before
 */
public record PresenceChange(
    @Nullable String uid, boolean webSocket, boolean ajax, boolean wasWebSocket, boolean wasAjax) {

  /** Whether the user is connected now and was not before. */
  public boolean came() {
    return (webSocket || ajax) && !(wasWebSocket || wasAjax);
  }

  /** Whether the user was connected before and no longer is. */
  public boolean went() {
    return !(webSocket || ajax) && (wasWebSocket || wasAjax);
  }
}
