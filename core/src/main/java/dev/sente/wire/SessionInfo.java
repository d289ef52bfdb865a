package dev.sente.wire;

import org.jspecify.annotations.Nullable;

/**
 * What a v2 handshake tells of the session.
 *
 * @param session the token to resume with
 * @param received how many of the client's messages the server has accepted in this session
 * @param resumed whether an earlier connection's session goes on
 * @param lost why an earlier session does not go on: {@code unknown-session}, {@code uid-changed}
 *     or {@code overflow}; null where none was asked for, or it does
 * @param pingMillis how often the server says something on a WebSocket, at least; 0 for never
 * @param timeoutMillis how long it waits for a sign of life
 * @param maxMessageBytes the largest frame that it reads or sends, in bytes
 */
public record SessionInfo(
    String session,
    long received,
    boolean resumed,
    @Nullable String lost,
    long pingMillis,
    long timeoutMillis,
    int maxMessageBytes) {}
