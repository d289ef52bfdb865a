package dev.sente.server.gate;

import dev.sente.server.channel.HttpRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request to connect, to poll or to send, as the application's hooks see it. Immutable, for any
 * thread. Nothing in it may be trusted but {@link #remoteAddress} (the TCP peer's, so a proxy's
 * where there is one).
 */
public final class ConnectRequest {

  /** More parameters than this in one request are refused. */
  static final int MAX_PARAMETERS = 64;

  private final HttpRequest http;
  private final Map<String, String> parameters;

  private ConnectRequest(HttpRequest http, Map<String, String> parameters) {
    this.http = http;
    this.parameters = parameters;
  }

  /**
   * Reads the parameters of the query and of a form-encoded body; the body's shadow the query's.
   *
   * @throws IllegalArgumentException if they are malformed or too many
   */
  static ConnectRequest of(HttpRequest http) {
    var parameters = new LinkedHashMap<String, String>();
    var query = http.rawQuery();
    if (query != null) {
      readForm(query, parameters);
    }
    var type = http.header("content-type");
    if (type != null
        && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded")) {
      readForm(http.bodyText(), parameters);
    }
    return new ConnectRequest(http, parameters);
  }

  private static void readForm(String text, Map<String, String> into) {
    int start = 0;
    while (start <= text.length()) {
      int end = text.indexOf('&', start);
      if (end < 0) {
        end = text.length();
      }
      if (end > start) {
        int equals = text.indexOf('=', start);
        if (equals < 0 || equals > end) {
          equals = end;
        }
        var name = decode(text.substring(start, equals));
        var value = equals == end ? "" : decode(text.substring(equals + 1, end));
        into.put(name, value);
        if (into.size() > MAX_PARAMETERS) {
          throw new IllegalArgumentException("too many parameters");
        }
      }
      start = end + 1;
    }
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** A parameter of the query or of a form-encoded body. */
  public Optional<String> param(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /** The first value of a header, by its name in any case. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(http.header(name));
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
    return http.isWebSocketUpgrade();
  }

  /** The request as the web server gave it. */
  public HttpRequest http() {
    return http;
  }
}
