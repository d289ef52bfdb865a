/**
 * The Java client, as an application sees it. Receives calls from the application, hands them to
 * {@code session}; the other way round for events and changes of the state.
 *
 * <pre>
 *   your code ─▶ ChannelSocketClient ─▶ session ─▶ core/wire, core/stream ─▶ net ─▶ java.net.http
 *                                        (state,       (frames, order,      (one request or
 *   your handlers ◀── one lane ◀──────── requests)      resume)              WebSocket each)
 * </pre>
 */
@NullMarked
package dev.sente.client;

import org.jspecify.annotations.NullMarked;
