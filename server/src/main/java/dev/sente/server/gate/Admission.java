package dev.sente.server.gate;

import dev.sente.packer.Packer;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpResponse;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request that the gate has let in.
 *
 * @param exchange what to answer
 * @param request what the hooks saw, with all that it brings
 * @param caller who asks
 * @param cors headers that every answer to this request carries
 */
public record Admission(
    HttpExchange exchange, ConnectRequest request, Caller caller, Map<String, String> cors) {

  private static final Map<String, String> TEXT = headers("text/plain; charset=utf-8");
  private static final Map<String, String> BINARY = headers("application/octet-stream");

  private static Map<String, String> headers(String type) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("Content-Type", type);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Cache-Control", "no-store");
    return Collections.unmodifiableMap(headers);
  }

  /** Which of the user's clients; never trusted for identity. */
  public String clientId() {
    return caller.clientId();
  }

  /** Whose request this is; null for nobody's. */
  public @Nullable String uid() {
    return caller.uid();
  }

  /** The packer of this connection. */
  public Packer packer() {
    return caller.packer();
  }

  /** Whether the client speaks v2 (PROTOCOL.md, V1 and V2). */
  public boolean isStream() {
    return request.isStream();
  }

  /** Answers with a packed message. */
  public void respond(byte[] message) {
    var headers = packer().isBinary() ? BINARY : TEXT;
    exchange.respond(new HttpResponse(200, headers, message).with(cors));
  }

  /** Refuses after all, in plain text. */
  public void refuse(int status, String why) {
    exchange.respond(HttpResponse.text(status, why).with(cors));
  }
}
