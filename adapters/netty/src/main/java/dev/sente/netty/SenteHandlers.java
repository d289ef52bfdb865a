package dev.sente.netty;

import dev.sente.server.channel.ChannelEngine;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpServerCodec;
import java.util.List;

/**
 * Puts an engine into a Netty server that is there already.
 *
 * <pre>{@code
 * protected void initChannel(SocketChannel channel) {
 *   channel.pipeline().addLast(new HttpServerCodec());
 *   SenteHandlers.addTo(channel.pipeline(), engine);
 *   channel.pipeline().addLast(new YourHandler());
 * }
 * }</pre>
 *
 * <p>Requests to the engine's path go to the engine; all others are fired on as they came. Requests
 * are let through one at a time, yours too: the next one follows when the present one's answer has
 * left for the socket, which its last content tells, or the promise of an {@code HttpChunkedInput}.
 *
 * <p>When another handler answers 101, as Netty's for WebSockets do, all that follows on the
 * connection is its own: both directions are passed on as they are.
 *
 * <p>When a WebSocket of an engine's opens, Netty's HTTP handlers and ours leave the pipeline, and
 * so do Netty's for WebSockets of your own. Handlers of your own stay; those before the codec see
 * the WebSocket's bytes, those behind ours see only its end. A time limit for idle connections
 * would end WebSockets too: give it to the handlers of your own requests, not to the pipeline. Time
 * limits for slow requests are yours, as are the codec's bounds; {@link NettyServer} brings both.
 *
 * <p>The channel's auto-read is ours to switch; {@code ALLOW_HALF_CLOSURE} must stay off, so that a
 * client that ends its direction counts as gone.
 */
public final class SenteHandlers {

  private static final Bounds BOUNDS =
      new Bounds(ServerLimits.defaults().writeTimeout(), ArrivingBytes.OF_THE_PROCESS);

  private SenteHandlers() {}

  /**
   * Adds the handlers at the pipeline's end, which must hold an {@code HttpServerCodec} or its two
   * halves, and one before these. An aggregator between is allowed, but not needed.
   *
   * @param engines one or more, each with a path of its own
   * @throws IllegalArgumentException where two engines have the same path
   */
  public static void addTo(ChannelPipeline pipeline, ChannelEngine... engines) {
    var gate = new RequestGate(null);
    var doors = Doors.of(List.of(engines), null);
    var codec = pipeline.context(HttpServerCodec.class);
    var decoder = codec == null ? pipeline.context(HttpRequestDecoder.class) : codec;
    if (decoder == null) {
      pipeline.addFirst(gate.ahead());
    } else {
      pipeline.addBefore(decoder.name(), null, gate.ahead());
    }
    pipeline.addLast(gate);
    pipeline.addLast(new RequestHandler(doors, gate, BOUNDS));
  }
}
