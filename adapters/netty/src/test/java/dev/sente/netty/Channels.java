package dev.sente.netty;

import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/** A look at a server's connections from within. */
final class Channels {

  /** What waits to be taken by a peer. */
  record Pending(long bytes) {}

  private Channels() {}

  /** Whether there is a connection whose peer is read no further. */
  static boolean isOneNotRead(NettyServer server) {
    return server.connections().stream().anyMatch(channel -> !channel.config().isAutoRead());
  }

  static List<Pending> pending(NettyServer server) {
    var all = new ArrayList<Pending>();
    for (Channel channel : server.connections()) {
      try {
        all.add(
            channel
                .eventLoop()
                .submit(
                    () ->
                        new Pending(
                            Objects.requireNonNull(channel.unsafe().outboundBuffer())
                                .totalPendingWriteBytes()))
                .get());
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      }
    }
    return all;
  }
}
