package dev.sente.netty;

import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The opening handshake of a WebSocket, the server's side (RFC 6455, section 4.2). */
final class Handshake {

  private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Handshake() {}

  /** Why the handshake fails, as the answer to give; null where it does not. */
  static @Nullable HttpResponse refusal(HttpRequest request) {
    if (!request.isWebSocketUpgrade() || !names(request, "connection", "upgrade")) {
      return HttpResponse.text(400, "Not a WebSocket handshake");
    }
    if (!"13".equals(request.header("sec-websocket-version"))) {
      return HttpResponse.text(426, "Unknown WebSocket version")
          .with(Map.of("Sec-WebSocket-Version", "13", "Upgrade", "websocket"));
    }
    String key = request.header("sec-websocket-key");
    if (key == null || !isNonce(key)) {
      return HttpResponse.text(400, "Bad Sec-WebSocket-Key");
    }
    return null;
  }

  /** The answer that opens a WebSocket. */
  static FullHttpResponse answer(String key, @Nullable String subprotocol) {
    var answer =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    var headers = answer.headers();
    headers.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
    headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    headers.set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept(key));
    if (subprotocol != null) {
      headers.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    headers.set(HttpHeaderNames.DATE, Translation.date());
    return answer;
  }

  private static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + MAGIC).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  private static boolean isNonce(String key) {
    try {
      return Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean names(HttpRequest request, String header, String token) {
    for (String value : request.headers().getOrDefault(header, List.of())) {
      for (String part : value.split(",", -1)) {
        if (part.trim().toLowerCase(Locale.ROOT).equals(token)) {
          return true;
        }
      }
    }
    return false;
  }
}
