package dev.sente.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.sente.packer.edn.EdnPacker;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.WebSocketListener;
import dev.sente.server.gate.AllowedOrigins;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.gate.CsrfToken;
import dev.sente.server.gate.Gate;
import dev.sente.server.gate.GateRules;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes bytes for what a request says in its query, form and headers, a line each, and brings it to
 * the gate, which must decide: an answer of 500 says that it did not.
 */
final class GateReading {

  private static final Gate GATE =
      new Gate(
          new GateRules(
              request -> null,
              request -> CsrfToken.expected("t"),
              AllowedOrigins.of(List.of("https://a.b")),
              GateReading::asksEverything,
              request -> HttpResponse.text(401, "no"),
              request -> request.cookie("u").orElse(null),
              HttpRequest::remoteAddress),
          Map.of("edn", EdnPacker.DEFAULT),
          () -> 0,
          (request, error) -> {});

  private GateReading() {}

  private static boolean asksEverything(ConnectRequest request) {
    request.header("authorization");
    request.isStream();
    return request.sessionToken().isEmpty();
  }

  static void read(byte[] bytes) {
    var lines = new String(bytes, ISO_8859_1).split("\n", 8);
    var headers =
        Map.of(
            "cookie", List.of(line(lines, 2)),
            "host", List.of(line(lines, 3)),
            "origin", List.of(line(lines, 4)),
            "sec-websocket-protocol", List.of(line(lines, 5)),
            "upgrade", List.of("websocket"));
    admit("GET", line(lines, 0), headers, "");
    var form =
        Map.of(
            "content-type", List.of("application/x-www-form-urlencoded"),
            "host", List.of(line(lines, 3)),
            "referer", List.of(line(lines, 6)),
            "x-csrf-token", List.of("t"));
    admit("POST", line(lines, 0), form, line(lines, 1));
    var preflight =
        Map.of(
            "origin", List.of(line(lines, 4)),
            "access-control-request-headers", List.of(line(lines, 7)));
    admit("OPTIONS", null, preflight, "");
  }

  private static String line(String[] lines, int number) {
    return number < lines.length ? lines[number] : lines[0];
  }

  private static void admit(
      String method, @Nullable String query, Map<String, List<String>> headers, String body) {
    var request =
        new HttpRequest(
            method, "/chsk", query, headers, "127.0.0.1", false, body.getBytes(ISO_8859_1));
    GATE.admit(new Exchange(request)).ifPresent(admission -> admission.respond(new byte[1]));
  }

  private record Exchange(HttpRequest request) implements HttpExchange {

    @Override
    public void respond(HttpResponse response) {
      if (response.status() >= 500) {
        throw new AssertionError("the gate answered " + response.status());
      }
      for (var value : response.headers().values()) {
        if (value.chars().anyMatch(c -> c < ' ')) {
          throw new AssertionError("a header that goes on in another line: " + value);
        }
      }
    }

    @Override
    public void acceptWebSocket(@Nullable String subprotocol, WebSocketListener listener) {}

    @Override
    public void onAbort(Runnable aborted) {}
  }
}
