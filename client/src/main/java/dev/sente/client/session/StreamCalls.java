package dev.sente.client.session;

import dev.sente.client.net.HttpCall;
import dev.sente.client.net.SocketCall;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** v2's requests (V1, V2). No secret stands in a URL. */
final class StreamCalls {

  static final String SUBPROTOCOL = "sente.v2";

  private StreamCalls() {}

  static SocketCall webSocket(Host host, Access access, @Nullable String token, long received) {
    var protocols = new ArrayList<>(List.of(SUBPROTOCOL));
    if (access.csrfToken() != null) {
      protocols.add("sente.csrf." + base64(access.csrfToken()));
    }
    if (access.authorization() != null) {
      protocols.add("sente.auth." + base64(access.authorization()));
    }
    if (token != null) {
      protocols.add("sente.session." + token);
    }
    var query = queryOf(host, access);
    query.put("received", Long.toString(received));
    return new SocketCall(
        host.target().ws(query), access.headers(), protocols, host.options().maxMessageBytes());
  }

  /** A poll, or a POST where there is a body. */
  static HttpCall http(
      Host host,
      Access access,
      @Nullable String token,
      Map<String, String> more,
      byte @Nullable [] body) {
    var headers = new LinkedHashMap<>(access.headers());
    headers.put("X-Sente", "2");
    if (access.csrfToken() != null) {
      headers.put("X-CSRF-Token", access.csrfToken());
    }
    if (token != null) {
      headers.put("X-Sente-Session", token);
    }
    if (body != null) {
      headers.put(
          "Content-Type",
          host.packer().isBinary() ? "application/octet-stream" : "text/plain;charset=UTF-8");
    }
    var query = queryOf(host, access);
    query.putAll(more);
    return new HttpCall(host.target().http(query), headers, body, host.options().maxMessageBytes());
  }

  /** Whether a poll was answered by a server that speaks classic mode only. */
  static boolean isClassic(Packer packer, byte[] answer) {
    try {
      return ClassicFrame.read(packer, answer) instanceof ClassicFrame.Handshake;
    } catch (UnpackException e) {
      return false;
    }
  }

  static BrokenProtocolException withoutV2() {
    return new BrokenProtocolException(
        "the server does not speak v2; connect with the option protocol CLASSIC");
  }

  private static Map<String, String> queryOf(Host host, Access access) {
    var query = new LinkedHashMap<>(access.params());
    query.put("client-id", host.clientId());
    query.put("packer", host.packer().name());
    return query;
  }

  private static String base64(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
