package dev.sente.client.scenes;

import dev.sente.netty.NettyServer;
import dev.sente.packer.Packer;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.transit.TransitPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.testkit.clients.ClientScenes;
import dev.sente.testkit.clients.ServerOnPort;
import dev.sente.testkit.clients.TestedClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

final class JavaClientScenesTest extends ClientScenes {

  @Override
  protected TestedClients clients() {
    return TestedJavaClient::new;
  }

  @Override
  protected ServerOnPort serve(ChannelSocketServer engine) {
    var server =
        NettyServer.builder().engine(engine).host("127.0.0.1").port(0).eventLoopThreads(1).start();
    return new ServerOnPort(server.port(), () -> server.close(Duration.ZERO));
  }

  @Override
  protected List<Packer> packers() {
    var packers = new ArrayList<>(super.packers());
    packers.add(TransitPacker.DEFAULT);
    packers.add(GzipPacker.of(TransitPacker.DEFAULT));
    return packers;
  }
}
