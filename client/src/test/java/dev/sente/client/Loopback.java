package dev.sente.client;

import dev.sente.netty.NettyServer;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.server.ChannelSocketServer;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A real server on loopback, with an application that echoes. */
final class Loopback implements AutoCloseable {

  /** How long anything may take on a machine that is busy. Nothing is measured by it. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  static final Packer GZIPPED = GzipPacker.of(EdnPacker.DEFAULT);

  final ChannelSocketServer chsk;
  private final NettyServer server;

  private Loopback(ChannelSocketServer chsk) {
    this.chsk = chsk;
    chsk.on("test/echo", event -> event.reply(event.data()));
    chsk.on("test/silent", event -> {});
    chsk.on("test/fail", event -> event.replyError("nope", "not today"));
    chsk.on(
        "test/push-back",
        event -> chsk.push(java.util.Objects.requireNonNull(event.uid()), pushed(event.data())));
    server =
        NettyServer.builder().engine(chsk).host("127.0.0.1").port(0).eventLoopThreads(2).start();
  }

  private static dev.sente.event.Event pushed(@org.jspecify.annotations.Nullable Object data) {
    return dev.sente.event.Event.of("test/pushed", data);
  }

  static Loopback start() {
    return new Loopback(
        ChannelSocketServer.builder()
            .packers(JsonPacker.DEFAULT, EdnPacker.DEFAULT, MsgpackPacker.DEFAULT, GZIPPED)
            .userId(request -> request.header("x-uid").orElse(null))
            .build());
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.port() + "/chsk");
  }

  /** Options for a user. */
  static ClientOptionsBuilder as(String uid) {
    return ClientOptions.builder().headers(Map.of("X-Uid", uid));
  }

  /** The next of what comes; fails if nothing does. */
  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    var found = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (found == null) {
      throw new AssertionError("nothing came within " + PATIENCE);
    }
    return found;
  }

  @Override
  public void close() {
    chsk.close();
    server.close(Duration.ZERO);
  }
}
