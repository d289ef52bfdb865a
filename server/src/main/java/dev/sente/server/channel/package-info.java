/**
 * The interface between the engine and a web server. Receives HTTP requests and WebSocket messages
 * from an adapter, hands them to {@code gate} and {@code session}; hands their answers back.
 *
 * <p>An adapter implements {@link dev.sente.server.channel.HttpExchange} and {@link
 * dev.sente.server.channel.WebSocketConnection}, and calls {@link
 * dev.sente.server.channel.ChannelEngine} and {@link dev.sente.server.channel.WebSocketListener}.
 * The rules are numbered {@code C1} to {@code C16}; the AdapterTck's tests carry the numbers.
 */
@NullMarked
package dev.sente.server.channel;

import org.jspecify.annotations.NullMarked;
