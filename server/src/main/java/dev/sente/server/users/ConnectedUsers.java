package dev.sente.server.users;

import java.util.Set;
import java.util.function.Consumer;

/**
 * The users with at least one client, those in their reconnect grace included. The sets are live
 * and unmodifiable; clients without a uid are not in them. Any thread.
 */
public interface ConnectedUsers {

  /** Users connected in any way. */
  Set<String> any();

  /** Users with a client on a WebSocket. */
  Set<String> webSocket();

  /** Users with a client on long-polling. */
  Set<String> ajax();

  /**
   * Tells of every change, in order for each user, on a virtual thread that may block. Of a user
   * who changes faster than it is told, 16 changes wait at most: of the later ones, those that
   * change nothing by the time they would be told are left out.
   *
   * @return what ends the telling
   */
  Subscription onChange(Consumer<PresenceChange> listener);

  /** What ends the telling. */
  interface Subscription extends AutoCloseable {

    /** Tells of no further change; one that is being told already may still come. */
    @Override
    void close();
  }
}
