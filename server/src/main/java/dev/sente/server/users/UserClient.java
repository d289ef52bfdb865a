package dev.sente.server.users;

import dev.sente.packer.Packer;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.router.Lane;
import dev.sente.wire.Outgoing;
import org.jspecify.annotations.Nullable;

/** One of a user's clients, as the users see it. Any thread; nothing blocks. */
public interface UserClient {

  /** The user; null for none. */
  @Nullable String uid();

  /** Which of the user's clients. */
  String clientId();

  /** The packer of its present connection. */
  Packer packer();

  /** Its latest request. */
  ConnectRequest request();

  /** Where its events are handled. */
  Lane lane();

  /**
   * Sends an event, after all that was sent before.
   *
   * @param event packed for {@link #packer} already, or packed on the way
   * @param flush whether to leave at once, without waiting for the batch window
   */
  void push(Outgoing event, boolean flush);

  /** Closes its connection, after all that was sent before. */
  void close();
}
