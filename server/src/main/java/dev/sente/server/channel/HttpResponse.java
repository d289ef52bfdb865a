package dev.sente.server.channel;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An HTTP answer. The adapter adds {@code Content-Length} and {@code Date}, nothing else.
 *
 * @param status the status code
 * @param headers names to values, each name once
 * @param body the bytes; empty for none. Not copied, not to be changed
 */
public record HttpResponse(int status, Map<String, String> headers, byte[] body) {

  /** An answer in plain text. */
  public static HttpResponse text(int status, String text) {
    return new HttpResponse(
        status,
        Map.of("Content-Type", "text/plain; charset=utf-8", "Cache-Control", "no-store"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same answer with further headers; a header of the same name is replaced. */
  public HttpResponse with(Map<String, String> more) {
    if (more.isEmpty()) {
      return this;
    }
    var all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new HttpResponse(status, all, body);
  }
}
