package dev.sente.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How the last connection, or the last attempt at one, ended.
 *
 * @param reason why
 * @param at when
 * @param type which transport it was
 * @param code the close code that the server gave; null where there was none
 * @param status the HTTP status, where one was seen and it was no good one; null otherwise
 */
public record LastClose(
    CloseReason reason,
    Instant at,
    TransportType type,
    @Nullable Integer code,
    @Nullable Integer status) {}
