package dev.sente.server.gate;

import dev.sente.server.channel.HttpRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may connect. A page of the server's own origin always may; others only by name.
 *
 * <p>The origin is the {@code Origin} header; only without one, what {@code Referer} begins with.
 * {@code Sec-Fetch-Site}, which no script can forge, vouches for the same origin where a proxy has
 * changed {@code Host}. A request with none of the three comes from no browser: it passes where no
 * origin is named, and is refused where some are, as in Sente.
 */
public sealed interface AllowedOrigins {

  /** Only pages of the server's own origin. */
  static AllowedOrigins sameOrigin() {
    return new Named(Set.of());
  }

  /**
   * The server's own origin and these, each as {@code https://app.example}. They are compared as
   * browsers write them: in lower case, and without a default port.
   *
   * @throws IllegalArgumentException if one is not {@code scheme://host[:port]}
   */
  static AllowedOrigins of(List<String> origins) {
    return new Named(
        origins.stream().map(AllowedOrigins::asBrowsersWriteIt).collect(Collectors.toSet()));
  }

  private static String asBrowsersWriteIt(String origin) {
    var written = Authority.originOf(origin);
    if (written == null) {
      throw new IllegalArgumentException(
          "an origin must be scheme://host[:port] without a path, was \"" + origin + "\"");
    }
    return written;
  }

  /** Any page at all: only for servers that hold nothing a visitor's browser vouches for. */
  static AllowedOrigins all() {
    return All.ALL;
  }

  /** Whether the request may pass. */
  boolean admits(HttpRequest request);

  /**
   * The value of {@code Access-Control-Allow-Origin} for the request; null for no such header. Only
   * an origin allowed by name may send credentials.
   */
  @Nullable String corsOrigin(HttpRequest request);

  /** The server's own origin and those named. */
  record Named(Set<String> origins) implements AllowedOrigins {

    /** Takes a copy. */
    public Named {
      origins = Set.copyOf(origins);
    }

    @Override
    public boolean admits(HttpRequest request) {
      var origin = request.header("origin");
      var site = request.header("sec-fetch-site");
      if (origin != null) {
        // Browsers differ in what they say of a WebSocket's site, so the origin itself decides too.
        return origins.contains(origin)
            || "same-origin".equals(site)
            || (isSame(origin, request) && !(request.secure() && origin.startsWith("http:")));
      }
      var referer = request.header("referer");
      if (referer != null) {
        for (var allowed : origins) {
          if (referer.startsWith(allowed + "/")) {
            return true;
          }
        }
        return "same-origin".equals(site) || (site == null && isSame(referer, request));
      }
      if (site != null) {
        return site.equals("same-origin") || site.equals("none");
      }
      return origins.isEmpty();
    }

    @Override
    public @Nullable String corsOrigin(HttpRequest request) {
      var origin = origins.isEmpty() ? null : request.header("origin");
      return origin != null && origins.contains(origin) ? origin : null;
    }

    private static boolean isSame(String url, HttpRequest request) {
      var authority = Authority.ofPage(url);
      var host = request.header("host");
      if (authority == null || host == null) {
        return false;
      }
      var own = host.toLowerCase(Locale.ROOT);
      return authority.equals(own)
          || (own.endsWith(":443") && authority.equals(own.substring(0, own.length() - 4)))
          || (own.endsWith(":80") && authority.equals(own.substring(0, own.length() - 3)));
    }
  }

  /** Everybody. */
  enum All implements AllowedOrigins {
    /** The one value. */
    ALL;

    @Override
    public boolean admits(HttpRequest request) {
      return true;
    }

    @Override
    public @Nullable String corsOrigin(HttpRequest request) {
      return request.header("origin") == null ? null : "*";
    }
  }
}
