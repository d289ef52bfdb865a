package dev.sente.netty;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.testkit.AdapterTck;
import dev.sente.testkit.RunningAdapter;
import java.time.Duration;

final class NettyTckTest extends AdapterTck {

  @Override
  protected RunningAdapter start(ChannelEngine engine) {
    var server = NettyServer.builder().engine(engine).port(0).start();
    return RunningAdapter.onPort(server.port(), () -> server.close(Duration.ZERO));
  }
}
