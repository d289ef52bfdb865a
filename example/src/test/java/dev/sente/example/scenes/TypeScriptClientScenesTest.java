package dev.sente.example.scenes;

import dev.sente.netty.NettyServer;
import dev.sente.packer.Packer;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.transit.TransitPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.testkit.clients.ClientScenes;
import dev.sente.testkit.clients.ServerOnPort;
import dev.sente.testkit.clients.TestedClients;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** All clients are in one Node process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TypeScriptClientScenesTest extends ClientScenes {

  private final NodeProcess node =
      new NodeProcess(Path.of(System.getProperty("sente.root", ".."), "client-ts"));

  @BeforeAll
  void startNode() {
    node.start();
  }

  @AfterAll
  void stopNode() {
    node.close();
  }

  @Override
  protected TestedClients clients() {
    return (uri, options, listener) -> new TestedNodeClient(node, uri, options, listener);
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
