package dev.sente.testkit.clients;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's state after a change.
 *
 * @param transport the one in use or being tried: {@code ws} or {@code ajax}
 * @param open whether events can pass now
 * @param firstOpen whether this is the first time that it is open
 * @param uid the user that the last handshake named
 * @param handshakeData what the last handshake brought, as JSON has it
 * @param resumed whether the last handshake continued the session before it
 * @param lost why it did not; null where it did, or where there was none
 * @param sent the ids of what may be lost with that session
 * @param closed how the last connection ended, as TypeScript names it: {@code refused}, {@code
 *     unexpected} …; null while none has
 * @param code the close code that the server gave then; null for none
 * @param status the HTTP status that was seen then; null for none
 */
public record TestedState(
    String transport,
    boolean open,
    boolean firstOpen,
    @Nullable String uid,
    @Nullable Object handshakeData,
    boolean resumed,
    @Nullable String lost,
    List<String> sent,
    @Nullable String closed,
    @Nullable Integer code,
    @Nullable Integer status) {

  /** Copies the list. */
  public TestedState {
    sent = List.copyOf(sent);
  }
}
