package dev.sente.server.channel;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request as the engine and the application's hooks see it. Immutable.
 *
 * @param method in upper case, as {@code GET}
 * @param path the path, undecoded and without the query
 * @param rawQuery what follows {@code ?}, undecoded; null for none
 * @param headers names in lower case to their values, in order of appearance
 * @param remoteAddress the peer's IP address as text, of the TCP connection
 * @param secure whether the connection is encrypted
 * @param body the body's bytes; empty for none. Not copied, not to be changed
 */
public record HttpRequest(
    String method,
    String path,
    @Nullable String rawQuery,
    Map<String, List<String>> headers,
    String remoteAddress,
    boolean secure,
    byte[] body) {

  /** The first value of a header, by its name in any case; null where there is none. */
  public @Nullable String header(String name) {
    var values = headers.get(name.toLowerCase(Locale.ROOT));
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  /** Whether the request asks for a WebSocket (RFC 6455, section 4.2.1, or RFC 8441). */
  public boolean isWebSocketUpgrade() {
    return method.equals("GET") && "websocket".equalsIgnoreCase(header("upgrade"));
  }

  /** The value of a cookie (RFC 6265, section 4.2; the first of that name), as it was sent. */
  public Optional<String> cookie(String name) {
    for (var header : headers.getOrDefault("cookie", List.of())) {
      for (var pair : header.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
          var value = pair.substring(equals + 1).strip();
          boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
          return Optional.of(quoted ? value.substring(1, value.length() - 1) : value);
        }
      }
    }
    return Optional.empty();
  }

  /** The body as UTF-8 text. */
  public String bodyText() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
