package dev.sente.client.session;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** The server's address, to which requests add a query. */
final class Target {

  private final String http;
  private final String ws;
  private final String query;

  private Target(String http, String ws, String query) {
    this.http = http;
    this.ws = ws;
    this.query = query;
  }

  static Target of(URI uri) {
    var scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.matches("(http|ws)s?") || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "uri must be http, https, ws or wss with a host, was " + uri);
    }
    var path = uri.getRawPath() == null ? "" : uri.getRawPath();
    var rest = "://" + uri.getRawAuthority() + (path.isEmpty() ? "/" : path);
    var secure = scheme.equals("https") || scheme.equals("wss") ? "s" : "";
    var query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    return new Target("http" + secure + rest, "ws" + secure + rest, query);
  }

  URI http(Map<String, String> more) {
    return URI.create(http + queryWith(more));
  }

  URI ws(Map<String, String> more) {
    return URI.create(ws + queryWith(more));
  }

  private String queryWith(Map<String, String> more) {
    var added = encode(more);
    if (query.isEmpty() && added.isEmpty()) {
      return "";
    }
    return "?" + (query.isEmpty() || added.isEmpty() ? query + added : query + "&" + added);
  }

  /** Fields as a form has them. */
  static String encode(Map<String, String> fields) {
    var text = new StringBuilder();
    fields.forEach(
        (name, value) -> {
          if (!text.isEmpty()) {
            text.append('&');
          }
          text.append(encode(name)).append('=').append(encode(value));
        });
    return text.toString();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
