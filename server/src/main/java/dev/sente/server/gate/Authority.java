package dev.sente.server.gate;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Host and port of a URL, in lower case and without a default port. Cut by hand: browsers write
 * hosts and queries that {@link java.net.URI} refuses.
 */
final class Authority {

  /** Up to the path: no user, and nothing else that is not a host's. */
  private static final Pattern BEGINNING =
      Pattern.compile(
          "(?<scheme>[a-z][a-z0-9+.-]*+)://"
              + "(?<host>\\[[0-9a-f:.]++]|[^\\s/?#@:,\\\\\\[\\]]++)"
              + "(?<port>:[0-9]++)?+:?+(?=[/?#]|$)");

  private Authority() {}

  /** That of a URL of any scheme; null where it has none. */
  static @Nullable String of(String url) {
    var found = BEGINNING.matcher(url.toLowerCase(Locale.ROOT));
    if (!found.lookingAt()) {
      return null;
    }
    var port = found.group("port");
    var standard = found.group("scheme").equals("https") ? ":443" : ":80";
    return found.group("host") + (port == null || port.equals(standard) ? "" : port);
  }

  /**
   * What is an origin and nothing else, as browsers write it: in lower case, and without a default
   * port; null for all else.
   */
  static @Nullable String originOf(String text) {
    var found = BEGINNING.matcher(text.toLowerCase(Locale.ROOT));
    if (!found.matches() || text.endsWith(":")) {
      return null;
    }
    var scheme = found.group("scheme");
    var port = found.group("port");
    var standard = scheme.equals("https") ? ":443" : scheme.equals("http") ? ":80" : "";
    return scheme
        + "://"
        + found.group("host")
        + (port == null || port.equals(standard) ? "" : port);
  }

  /** That of an http or https URL; null for all others. */
  static @Nullable String ofPage(String url) {
    return url.regionMatches(true, 0, "http://", 0, 7)
            || url.regionMatches(true, 0, "https://", 0, 8)
        ? of(url)
        : null;
  }
}
