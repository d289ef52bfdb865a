package dev.sente.example.testserver;

import dev.sente.example.Start;
import dev.sente.netty.NettyServer;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.packer.transit.TransitPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.gate.AllowedOrigins;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.gate.CsrfToken;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A server that does on demand whatever a test of the protocol needs. Not for any other use. */
public final class TestServer {

  private TestServer() {}

  /**
   * Runs the server until it is interrupted; prints {@code READY} when it listens, and before that
   * {@code PORT N} where it was told to take any.
   */
  public static void main(String[] args) {
    var options = TestServerOptions.parse(List.of(args));
    var packers = chosenFirst(options);
    var uids = new TestUids();
    var log = new TestLog();
    var chsk = channel(options, packers, uids);
    new TestEvents(chsk, log).register();

    var control = new TestControl(chsk, log, packers[0], options);
    var server =
        Start.orEnd(
            NettyServer.builder()
                .engine(chsk)
                .fallback(control)
                .host(options.host())
                .port(options.port()));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  chsk.close();
                  server.close();
                }));
    if (options.port() == 0) {
      System.out.println("PORT " + server.port());
    }
    System.out.println("READY");
  }

  private static Packer[] chosenFirst(TestServerOptions options) {
    try {
      return packers(options.packer());
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      throw e;
    }
  }

  private static ChannelSocketServer channel(
      TestServerOptions options, Packer[] packers, TestUids uids) {
    var csrf =
        options.csrf().equals("skip") ? CsrfToken.skip() : CsrfToken.expected(options.csrf());
    var origins =
        options.origins().equals("all")
            ? AllowedOrigins.all()
            : AllowedOrigins.of(List.of(options.origins().split(",")));
    return ChannelSocketServer.builder()
        .path(options.path())
        .packers(packers)
        .userId(uids::of)
        .csrfToken(request -> csrf)
        .allowedOrigins(origins)
        .reject(
            request ->
                isSecret(request, "reject", options.reject())
                    ? HttpResponse.text(418, "Rejected")
                    : null)
        .authorized(
            request -> options.authz() == null || isSecret(request, "authz", options.authz()))
        .handshakeData(request -> handshakeData(options.handshakeData(), request, uids))
        .longPollTimeout(options.longPollTimeout())
        .webSocketKeepAlive(options.webSocketKeepAlive())
        .webSocketPingTimeout(options.webSocketPingTimeout())
        .webSocketReconnectGrace(options.webSocketReconnectGrace())
        .ajaxReconnectGrace(options.ajaxReconnectGrace())
        .webSocketBatchWindow(options.webSocketBatchWindow())
        .ajaxBatchWindow(options.ajaxBatchWindow())
        .build();
  }

  private static boolean isSecret(ConnectRequest request, String name, @Nullable String secret) {
    return secret != null && request.param(name).filter(secret::equals).isPresent();
  }

  private static @Nullable Object handshakeData(
      @Nullable String asked, ConnectRequest request, TestUids uids) {
    if (asked == null) {
      return null;
    }
    return asked.equals("uid-echo") ? uids.of(request) : Edn.read(asked);
  }

  /** All packers, the chosen one first. */
  private static Packer[] packers(String name) {
    var packers = new ArrayList<Packer>();
    for (var packer :
        List.of(
            EdnPacker.create(),
            JsonPacker.create(),
            MsgpackPacker.create(),
            TransitPacker.create())) {
      packers.add(packer);
      packers.add(GzipPacker.of(packer));
    }
    for (var packer : packers) {
      if (packer.name().equals(name)) {
        packers.remove(packer);
        packers.addFirst(packer);
        return packers.toArray(Packer[]::new);
      }
    }
    var names = packers.stream().map(Packer::name).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("--packer must be one of " + names + ", was " + name);
  }
}
