package dev.sente.server.gate;

import dev.sente.server.channel.HttpRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A request to connect, to poll or to send, as the application's hooks see it. Immutable, for any
 * thread. Nothing in it may be trusted but {@link #remoteAddress} (the TCP peer's, so a proxy's
 * where there is one).
 */
public final class ConnectRequest {

  /** More parameters than this in one request are refused. */
  static final int MAX_PARAMETERS = 64;

  /** The subprotocol that marks a v2 WebSocket. */
  public static final String STREAM_SUBPROTOCOL = "sente.v2";

  /** The parameter of a form that carries a classic client's message (K6). */
  public static final String MESSAGE = "ppstr";

  /** Words that are in most requests, so that each is kept once, however many clients there are. */
  private static final String[] USUAL = {
    "client-id",
    "packer",
    "received",
    "first",
    "handshake?",
    "csrf-token",
    "udt",
    "json",
    "edn",
    "msgpack",
    "transit",
    "0",
    "true"
  };

  /** What a WebSocket's handshake is made of, and of no use once it is open. */
  private static final Set<String> HANDSHAKE =
      Set.of(
          "connection",
          "sec-websocket-key",
          "sec-websocket-version",
          "sec-websocket-protocol",
          "sec-websocket-extensions");

  private final HttpRequest http;
  private final boolean isWebSocket;
  private final Map<String, String> parameters;

  /** What a v2 WebSocket's subprotocols say, by name; empty for other requests. */
  private final Map<String, String> subprotocols;

  private ConnectRequest(
      HttpRequest http, Map<String, String> parameters, Map<String, String> subprotocols) {
    this.http = http;
    this.isWebSocket = http.isWebSocketUpgrade();
    this.parameters = parameters;
    this.subprotocols = subprotocols;
  }

  /**
   * Reads the parameters of the query and of a form that was posted; the form's shadow the query's.
   *
   * @throws IllegalArgumentException if they are malformed or too many
   */
  static ConnectRequest of(HttpRequest http) {
    var parameters = new HashMap<String, String>();
    var query = http.rawQuery();
    int given = query == null ? 0 : readForm(query, 0, parameters);
    if (http.method().equals("POST")) {
      var type = http.header("content-type");
      if (type != null
          && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")) {
        readForm(http.bodyText(), given, parameters);
      }
    }
    return new ConnectRequest(http, parameters, readSubprotocols(http));
  }

  /** V1: {@code sente.v2, sente.csrf.…, sente.auth.…, sente.session.…}. */
  private static Map<String, String> readSubprotocols(HttpRequest http) {
    if (!http.isWebSocketUpgrade()) {
      return Map.of();
    }
    var lines = http.headers().getOrDefault("sec-websocket-protocol", List.of());
    if (lines.isEmpty()) {
      return Map.of();
    }
    var told = new HashMap<String, String>();
    for (var part : String.join(",", lines).split(",", -1)) {
      var name = part.strip();
      if (name.equals(STREAM_SUBPROTOCOL)) {
        told.put("v2", "");
      } else if (name.startsWith("sente.csrf.")) {
        told.put("csrf", decodeBase64(name.substring("sente.csrf.".length())));
      } else if (name.startsWith("sente.auth.")) {
        told.put("auth", decodeBase64(name.substring("sente.auth.".length())));
      } else if (name.startsWith("sente.session.")) {
        told.put("session", name.substring("sente.session.".length()));
      }
    }
    return Map.copyOf(told);
  }

  private static String decodeBase64(String text) {
    return new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
  }

  /**
   * Reads in linear time: anybody may send what is read here. A name given twice counts twice.
   *
   * @param before how many parameters there were before
   * @return how many there are now
   */
  private static int readForm(String text, int before, Map<String, String> into) {
    int given = before;
    int start = 0;
    while (start <= text.length()) {
      int end = text.indexOf('&', start);
      if (end < 0) {
        end = text.length();
      }
      if (end > start) {
        if (++given > MAX_PARAMETERS) {
          throw new IllegalArgumentException("too many parameters");
        }
        int equals = text.indexOf('=', start, end);
        if (equals < 0) {
          equals = end;
        }
        into.put(word(text, start, equals), word(text, Math.min(equals + 1, end), end));
      }
      start = end + 1;
    }
    return given;
  }

  /** A name or a value in a form, decoded. */
  private static String word(String text, int from, int to) {
    for (var usual : USUAL) {
      if (usual.length() == to - from && text.startsWith(usual, from)) {
        return usual;
      }
    }
    return decode(text.substring(from, to));
  }

  private static String decode(String text) {
    return text.indexOf('%') < 0 && text.indexOf('+') < 0
        ? text
        : URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /**
   * The same request as it is kept, in little memory: a session may keep it for as long as it
   * lives. Without the message that a POST brings, and, of a WebSocket, without what its handshake
   * is made of.
   */
  ConnectRequest kept() {
    if (!isWebSocket() && !http.method().equals("POST")) {
      return this;
    }
    var headers = new HashMap<>(http.headers());
    var rest = new HashMap<>(parameters);
    if (isWebSocket()) {
      headers.keySet().removeAll(HANDSHAKE);
    } else {
      rest.remove(MESSAGE);
    }
    return new ConnectRequest(withoutBody(headers), Map.copyOf(rest), subprotocols);
  }

  private HttpRequest withoutBody(Map<String, List<String>> headers) {
    return new HttpRequest(
        http.method(),
        http.path(),
        http.rawQuery(),
        Map.copyOf(headers),
        http.remoteAddress(),
        http.secure(),
        new byte[0]);
  }

  /**
   * A parameter of the query or of a form that was posted. The message in a form ({@code ppstr}) is
   * there for the hooks only, not for handlers.
   */
  public Optional<String> param(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /**
   * The first value of a header, by its name in any case. {@code Authorization} is also what a v2
   * client, which cannot set headers on a browser's WebSocket, gave in its place. What a
   * WebSocket's handshake is made of ({@code Connection}, {@code Sec-WebSocket-…}) is there for the
   * hooks only, not for handlers.
   */
  public Optional<String> header(String name) {
    var given = http.header(name);
    if (given == null && name.equalsIgnoreCase("authorization")) {
      given = subprotocols.get("auth");
    }
    return Optional.ofNullable(given);
  }

  /** The CSRF token that the request brings; a present parameter, even empty, shadows the rest. */
  Optional<String> csrfToken() {
    return param("csrf-token")
        .or(() -> header("x-csrf-token"))
        .or(() -> header("x-xsrf-token"))
        .or(() -> Optional.ofNullable(subprotocols.get("csrf")));
  }

  /** Whether the client speaks v2. */
  public boolean isStream() {
    return isWebSocket() ? subprotocols.containsKey("v2") : "2".equals(http.header("x-sente"));
  }

  /** The session that a v2 client wants to go on with. */
  public Optional<String> sessionToken() {
    return isWebSocket()
        ? Optional.ofNullable(subprotocols.get("session"))
        : header("x-sente-session");
  }

  /** The value of a cookie (RFC 6265, section 5.4; the first of that name), not decoded. */
  public Optional<String> cookie(String name) {
    return http.cookie(name);
  }

  /** What the client calls itself: one per tab, device or process. Chosen by the client. */
  public String clientId() {
    return param("client-id").orElse("");
  }

  /** The IP address of the TCP peer, as text. */
  public String remoteAddress() {
    return http.remoteAddress();
  }

  /** Whether the client comes by WebSocket; otherwise by long-polling. */
  public boolean isWebSocket() {
    return isWebSocket;
  }

  /**
   * The request as the web server gave it. Its body is there for the hooks only, not for handlers.
   */
  public HttpRequest http() {
    return http;
  }
}
