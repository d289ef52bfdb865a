package dev.sente.example.testserver;

import dev.sente.event.Event;
import dev.sente.netty.HttpHandler;
import dev.sente.netty.StaticFiles;
import dev.sente.packer.Packer;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a test may ask of the server beside its channel, under {@code /ctl}; and static files. */
final class TestControl implements HttpHandler {

  private static final Map<String, String> CORS =
      Map.of("Access-Control-Allow-Origin", "*", "Access-Control-Allow-Headers", "*");

  private final ChannelSocketServer chsk;
  private final TestLog log;
  private final Packer packer;
  private final boolean cors;
  private final @Nullable HttpHandler files;

  TestControl(ChannelSocketServer chsk, TestLog log, Packer packer, TestServerOptions options) {
    this.chsk = chsk;
    this.log = log;
    this.packer = packer;
    this.cors = options.cors();
    this.files = options.www() == null ? null : StaticFiles.fromFolder(Path.of(options.www()));
  }

  @Override
  public HttpResponse handle(HttpRequest request) throws Exception {
    var response =
        cors && request.method().equals("OPTIONS") ? HttpResponse.text(200, "") : answer(request);
    return cors ? response.with(CORS) : response;
  }

  private HttpResponse answer(HttpRequest request) throws Exception {
    var params = params(request.rawQuery());
    try {
      return switch (request.path()) {
        case "/ctl/uids" -> text(Edn.write(TestEvents.uids(chsk)));
        case "/ctl/push" -> push(params);
        case "/ctl/close" -> close(params);
        case "/ctl/bcast" -> broadcast(params);
        case "/ctl/log" -> text(log.since(Long.parseLong(params.getOrDefault("since", "0"))));
        case "/ctl/pack" -> text(packed(Edn.read(required(params, "edn"))));
        case "/ctl/unpack" -> text(Edn.write(packer.unpack(bytes(params))));
        case "/ctl/now" -> text(Long.toString(System.currentTimeMillis()));
        default -> files == null ? HttpResponse.text(404, "Not found") : files.handle(request);
      };
    } catch (RuntimeException e) {
      return HttpResponse.text(400, "" + e.getMessage());
    }
  }

  private HttpResponse push(Map<String, String> params) {
    var uid = Edn.uid(Edn.read(required(params, "uid")));
    var flush = Boolean.parseBoolean(params.get("flush"));
    times(params, event -> TestEvents.push(chsk, uid, event, flush));
    return text("ok");
  }

  private HttpResponse broadcast(Map<String, String> params) {
    times(params, chsk::broadcast);
    return text("ok");
  }

  private HttpResponse close(Map<String, String> params) {
    var uid = Edn.uid(Edn.read(required(params, "uid")));
    TestEvents.push(chsk, uid, TestEvents.CLOSE, false);
    return text("ok");
  }

  /** The event {@code ev}, or, with {@code n}, that many of its id with the data 0, 1, 2 … */
  private static void times(Map<String, String> params, java.util.function.Consumer<Event> send) {
    var event = Edn.event(Edn.read(required(params, "ev")));
    var n = params.get("n");
    if (n == null) {
      send.accept(event);
      return;
    }
    for (int i = 0; i < Integer.parseInt(n); i++) {
      send.accept(Event.of(event.id(), i));
    }
  }

  private String packed(@Nullable Object value) {
    var bytes = packer.pack(value);
    return packer.isBinary()
        ? "hex:" + HexFormat.of().formatHex(bytes)
        : "text:" + new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Map<String, String> params) {
    var hex = params.get("hex");
    return hex == null
        ? required(params, "text").getBytes(StandardCharsets.UTF_8)
        : HexFormat.of().parseHex(hex);
  }

  private static String required(Map<String, String> params, String name) {
    var value = params.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the parameter " + name + " is missing");
    }
    return value;
  }

  private static Map<String, String> params(@Nullable String query) {
    var params = new HashMap<String, String>();
    for (var pair : query == null ? new String[0] : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        params.put(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return params;
  }

  private static HttpResponse text(String text) {
    return HttpResponse.text(200, text);
  }
}
