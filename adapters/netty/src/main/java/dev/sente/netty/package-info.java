/**
 * Sente on Netty. Receives bytes from sockets, hands whole HTTP requests and WebSocket messages to
 * {@code server/channel}; hands their answers back to the sockets.
 *
 * <p>{@link dev.sente.netty.NettyServer} is a complete web server, {@link
 * dev.sente.netty.SenteHandlers} puts an engine into a Netty server that is there already. Both
 * build the same pipeline:
 *
 * <pre>
 *   (TLS) ─▶ ReadAhead ─▶ HttpServerCodec ─▶ RequestGate ─▶ RequestHandler ─▶ ChannelEngine.accept
 *            what waits    bytes to requests  one at a time   whole requests, answers
 *            (RequestClock: time limits)
 *
 *   after an upgrade:
 *   (TLS) ─▶ NettyWebSocket ─▶ WebSocketListener
 * </pre>
 *
 * <p>What a message costs is decided in {@code LoopWriter}: connections that asked to write are
 * served by one task per event loop, and a message that goes to many connections is framed once per
 * round of that task.
 */
@NullMarked
package dev.sente.netty;

import org.jspecify.annotations.NullMarked;
