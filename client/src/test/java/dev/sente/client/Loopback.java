package dev.sente.client;

import dev.sente.netty.NettyServer;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.server.Builder;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.router.IncomingEvent;
import dev.sente.testkit.FaultProxy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A real server on loopback, with an application that echoes. */
final class Loopback implements AutoCloseable {

  /** How long anything may take on a machine that is busy. Nothing is measured by it. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  static final Packer GZIPPED = GzipPacker.of(EdnPacker.DEFAULT);

  final ChannelSocketServer chsk;
  final BlockingQueue<IncomingEvent> heard = new LinkedBlockingQueue<>();
  private final NettyServer server;

  private Loopback(ChannelSocketServer chsk, int port) {
    this.chsk = chsk;
    chsk.on("test/echo", event -> event.reply(event.data()));
    chsk.on("test/silent", event -> {});
    chsk.on("test/fail", event -> event.replyError("nope", "not today"));
    chsk.on("test/push-back", event -> chsk.push(event.uid(), pushed(event.data())));
    chsk.otherwise(
        event -> {
          if (!event.id().startsWith("chsk/")) {
            heard.add(event);
          }
        });
    server =
        NettyServer.builder().engine(chsk).host("127.0.0.1").port(port).eventLoopThreads(2).start();
  }

  private static dev.sente.event.Event pushed(@org.jspecify.annotations.Nullable Object data) {
    return dev.sente.event.Event.of("test/pushed", data);
  }

  static Loopback start() {
    return start(builder -> builder);
  }

  static Loopback start(UnaryOperator<Builder> options) {
    return start(options, 0);
  }

  static Loopback start(UnaryOperator<Builder> options, int port) {
    var builder =
        ChannelSocketServer.builder()
            .packers(JsonPacker.DEFAULT, EdnPacker.DEFAULT, MsgpackPacker.DEFAULT, GZIPPED)
            .userId(request -> request.header("x-uid").orElse(null));
    return new Loopback(options.apply(builder).build(), port);
  }

  /** A client's address by way of a proxy. */
  static URI by(FaultProxy proxy) {
    return URI.create("http://127.0.0.1:" + proxy.port() + "/chsk");
  }

  int port() {
    return server.port();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port() + "/chsk");
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
