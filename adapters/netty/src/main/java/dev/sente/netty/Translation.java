package dev.sente.netty;

import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.AsciiString;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Between Netty's requests and answers and ours. */
final class Translation {

  /** RFC 9110's date; the day of the month in two digits, unlike {@code RFC_1123_DATE_TIME}. */
  static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /**
   * Names that come with most requests, in any case, to their lower case: so that each is kept
   * once, however many are open. Only read.
   */
  private static final HttpHeaders USUAL = new DefaultHttpHeaders();

  static {
    Stream.of(
            HttpHeaderNames.HOST,
            HttpHeaderNames.CONNECTION,
            HttpHeaderNames.UPGRADE,
            HttpHeaderNames.ORIGIN,
            HttpHeaderNames.REFERER,
            HttpHeaderNames.COOKIE,
            HttpHeaderNames.USER_AGENT,
            HttpHeaderNames.ACCEPT,
            HttpHeaderNames.ACCEPT_ENCODING,
            HttpHeaderNames.ACCEPT_LANGUAGE,
            HttpHeaderNames.CACHE_CONTROL,
            HttpHeaderNames.PRAGMA,
            HttpHeaderNames.CONTENT_LENGTH,
            HttpHeaderNames.CONTENT_TYPE,
            HttpHeaderNames.AUTHORIZATION,
            HttpHeaderNames.SEC_WEBSOCKET_KEY,
            HttpHeaderNames.SEC_WEBSOCKET_VERSION,
            HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL,
            HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS,
            "sec-fetch-site",
            "sec-fetch-mode",
            "sec-fetch-dest",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-sente",
            "x-sente-session")
        .map(Object::toString)
        .forEach(name -> USUAL.set(name, name));
  }

  /** What is in most answers. */
  private static final Map<String, AsciiString> USUAL_IN_ANSWERS =
      Stream.of(
              "Content-Type",
              "text/plain; charset=utf-8",
              "application/octet-stream",
              "X-Content-Type-Options",
              "nosniff",
              "Cache-Control",
              "no-store")
          .collect(Collectors.toUnmodifiableMap(text -> text, AsciiString::new));

  private static final List<String> WEB_SOCKET = List.of("websocket");

  private record Stamp(long second, AsciiString text) {}

  /** The latest {@code Date}. Any thread; a race writes an equal one. */
  private static volatile Stamp stamp = new Stamp(-1, AsciiString.EMPTY_STRING);

  private Translation() {}

  /**
   * A request as it is handed on.
   *
   * @param path what {@link #path} said of it
   */
  static HttpRequest request(
      io.netty.handler.codec.http.HttpRequest head, String path, Peer peer, byte[] body) {
    String target = target(head.uri());
    int question = target.indexOf('?');
    return new HttpRequest(
        head.method().name(),
        path,
        question < 0 ? null : target.substring(question + 1),
        headers(head.headers()),
        peer.address(),
        peer.isSecure(),
        body);
  }

  /** The undecoded path of a request. */
  static String path(io.netty.handler.codec.http.HttpRequest head) {
    String target = target(head.uri());
    int question = target.indexOf('?');
    return question < 0 ? target : target.substring(0, question);
  }

  /**
   * An answer to send.
   *
   * @throws RuntimeException where something in it cannot be sent, or is null
   */
  static FullHttpResponse response(HttpResponse response) {
    if (response.status() < 200 || response.status() > 999) {
      // What is below is not an answer's end: the client would wait on.
      throw new IllegalArgumentException("status must be 200 to 999, was " + response.status());
    }
    var status = HttpResponseStatus.valueOf(response.status());
    var netty =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            Unpooled.wrappedBuffer(response.body()),
            DefaultHttpHeadersFactory.headersFactory().newHeaders(),
            EmptyHttpHeaders.INSTANCE);
    var headers = netty.headers();
    response.headers().forEach((name, value) -> headers.set(ascii(name), ascii(value)));
    if (status.code() != 204 && status.code() != 304) {
      headers.set(HttpHeaderNames.CONTENT_LENGTH, response.body().length);
    }
    headers.set(HttpHeaderNames.DATE, date());
    return netty;
  }

  /** Netty writes its own kind of text many times as fast. */
  private static CharSequence ascii(String text) {
    var usual = USUAL_IN_ANSWERS.get(text);
    return usual == null ? text : usual;
  }

  /** The present {@code Date}, made once a second. */
  static CharSequence date() {
    long second = System.currentTimeMillis() / 1000;
    Stamp latest = stamp;
    if (latest.second != second) {
      latest = new Stamp(second, new AsciiString(HTTP_DATE.format(Instant.ofEpochSecond(second))));
      stamp = latest;
    }
    return latest.text;
  }

  /** A request target as path and query, also where it is written as a whole URL. */
  private static String target(String uri) {
    if (uri.startsWith("/")) {
      return uri;
    }
    int authority = uri.indexOf("://");
    if (authority < 0) {
      return uri;
    }
    int path = uri.indexOf('/', authority + 3);
    int query = uri.indexOf('?', authority + 3);
    if (query >= 0 && (path < 0 || query < path)) {
      return "/" + uri.substring(query);
    }
    return path < 0 ? "/" : uri.substring(path);
  }

  private static Map<String, List<String>> headers(HttpHeaders given) {
    Map<String, List<String>> headers = HashMap.newHashMap(given.size());
    var all = given.iteratorCharSequence();
    while (all.hasNext()) {
      var header = all.next();
      var usual = USUAL.get(header.getKey());
      var name = usual == null ? header.getKey().toString().toLowerCase(Locale.ROOT) : usual;
      var value = header.getValue().toString();
      var before = headers.put(name, value.equals("websocket") ? WEB_SOCKET : List.of(value));
      if (before != null) {
        headers.put(name, joined(before, value));
      }
    }
    return Collections.unmodifiableMap(headers);
  }

  private static List<String> joined(List<String> values, String more) {
    var all = new ArrayList<>(values);
    all.add(more);
    return List.copyOf(all);
  }

  /**
   * Who is at the other end of a connection.
   *
   * @param address the IP address as text; empty where there is none
   * @param isSecure whether the connection is encrypted
   */
  record Peer(String address, boolean isSecure) {

    static Peer of(Channel channel) {
      return new Peer(remoteAddress(channel), channel.pipeline().get(SslHandler.class) != null);
    }
  }

  private static String remoteAddress(Channel channel) {
    if (!(channel.remoteAddress() instanceof InetSocketAddress peer) || peer.isUnresolved()) {
      return "";
    }
    String address = peer.getAddress().getHostAddress();
    int zone = address.indexOf('%');
    return zone < 0 ? address : address.substring(0, zone);
  }
}
