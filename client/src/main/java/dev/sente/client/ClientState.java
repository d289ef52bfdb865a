package dev.sente.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an application can know of the connection: a new object for every change.
 *
 * @param type the transport in use, or being tried
 * @param open whether events can pass now
 * @param everOpened whether it has ever been open
 * @param firstOpen whether this is the first time that it is open
 * @param uid the user's id as the server gave it in the last handshake; null for none
 * @param handshakeData what the server's application put into the last handshake, as a plain value
 * @param lastClose how the last connection or attempt ended; null while nothing has
 * @param nextReconnectAt when the next attempt is due; null when none is
 * @param resumed whether the last handshake continued the session before it. Always false in
 *     classic mode
 * @param lost set if the last handshake did not continue the session there was. Always null in
 *     classic mode
 */
public record ClientState(
    TransportType type,
    boolean open,
    boolean everOpened,
    boolean firstOpen,
    @Nullable String uid,
    @Nullable Object handshakeData,
    @Nullable LastClose lastClose,
    @Nullable Instant nextReconnectAt,
    boolean resumed,
    @Nullable Lost lost) {

  /** The state before the first attempt. */
  public static ClientState initial(TransportType type) {
    return new ClientState(type, false, false, false, null, null, null, null, false, null);
  }

  /** The state while an attempt is under way. */
  public ClientState trying(TransportType next) {
    return new ClientState(
        next, false, everOpened, false, uid, handshakeData, lastClose, null, resumed, lost);
  }

  /** The state after an end. */
  public ClientState ended(LastClose close) {
    return new ClientState(
        type, false, everOpened, false, uid, handshakeData, close, null, resumed, lost);
  }

  /** The state while it waits for the next attempt. */
  public ClientState waiting(TransportType next, Instant until) {
    return new ClientState(
        next, false, everOpened, false, uid, handshakeData, lastClose, until, resumed, lost);
  }
}
