package dev.sente.client.session;

import dev.sente.client.net.HttpCall;
import dev.sente.client.net.SocketCall;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Classic mode's requests (K1 to K3, K6), with the parameters in the order in which Sente's own
 * client has them. Each also names the packer, last: our server takes it for the choice of the
 * packer, and Sente ignores it.
 */
final class ClassicCalls {

  private ClassicCalls() {}

  static SocketCall webSocket(Host host, Access access) {
    var query = new LinkedHashMap<>(access.params());
    query.put("client-id", host.clientId());
    if (access.csrfToken() != null) {
      query.put("csrf-token", access.csrfToken());
    }
    query.put("packer", host.packer().name());
    return new SocketCall(
        host.target().ws(query), access.headers(), List.of(), host.options().maxMessageBytes());
  }

  static HttpCall poll(Host host, Access access, boolean isHandshake) {
    var query = new LinkedHashMap<>(access.params());
    putNames(query, host);
    if (isHandshake) {
      query.put("handshake?", "1");
    }
    query.put("packer", host.packer().name());
    return call(host, host.target().http(query), headersOf(access), null);
  }

  static HttpCall post(Host host, Access access, byte[] packed) {
    var fields = new LinkedHashMap<String, String>();
    putNames(fields, host);
    fields.put("packer", host.packer().name());
    var headers = headersOf(access);
    if (host.packer().isBinary()) {
      headers.put("Content-Type", "application/octet-stream");
      fields.put("binary?", "true");
      return call(host, host.target().http(fields), headers, packed);
    }
    headers.put("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8");
    fields.put("ppstr", new String(packed, StandardCharsets.UTF_8));
    var form = Target.encode(fields).getBytes(StandardCharsets.UTF_8);
    return call(host, host.target().http(Map.of()), headers, form);
  }

  private static HttpCall call(
      Host host,
      java.net.URI uri,
      Map<String, String> headers,
      byte @org.jspecify.annotations.Nullable [] body) {
    return new HttpCall(uri, headers, body, host.options().maxMessageBytes());
  }

  private static void putNames(Map<String, String> fields, Host host) {
    fields.put("udt", Long.toString(host.options().time().millis()));
    fields.put("client-id", host.clientId());
  }

  private static Map<String, String> headersOf(Access access) {
    var headers = new LinkedHashMap<>(access.headers());
    if (access.csrfToken() != null) {
      headers.put("X-CSRF-Token", access.csrfToken());
    }
    headers.put("X-Requested-With", "XMLHTTPRequest");
    return headers;
  }
}
