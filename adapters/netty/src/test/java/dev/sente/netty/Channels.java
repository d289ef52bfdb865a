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
