package dev.sente.netty;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** From a request's path to a file's name, and what is refused on the way. */
final class StaticPath {

  private StaticPath() {}

  /**
   * The name below the root, as {@code css/main.css}, with {@code index.html} for a folder; null
   * for a path that may not be served. A name consists of plain segments: none is empty, begins
   * with a dot, or holds what some file system reads as more than a letter.
   */
  static @Nullable String name(String path) {
    String decoded = path.startsWith("/") ? decoded(path.substring(1)) : null;
    if (decoded == null) {
      return null;
    }
    String name = decoded.isEmpty() || decoded.endsWith("/") ? decoded + "index.html" : decoded;
    for (String segment : name.split("/", -1)) {
      if (!isPlain(segment)) {
        return null;
      }
    }
    return name;
  }

  private static boolean isPlain(String segment) {
    return !segment.isEmpty()
        && !segment.startsWith(".")
        && !segment.endsWith(".")
        && !segment.endsWith(" ")
        && segment.chars().noneMatch(c -> c < ' ' || c == 0x7F || "\\:*?\"<>|%".indexOf(c) >= 0);
  }

  /** Percent-decoded once, as UTF-8; null where it is not that, or hides a slash. */
  private static @Nullable String decoded(String path) {
    var bytes = new ByteArrayOutputStream(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        if (i + 2 >= path.length()
            || !HexFormat.isHexDigit(path.charAt(i + 1))
            || !HexFormat.isHexDigit(path.charAt(i + 2))) {
          return null;
        }
        int b = HexFormat.fromHexDigits(path, i + 1, i + 3);
        if (b == '/') {
          return null;
        }
        bytes.write(b);
        i += 2;
      } else if (c > 0x7E) {
        return null;
      } else {
        bytes.write(c);
      }
    }
    byte[] all = bytes.toByteArray();
    return Utf8.isValid(all, 0, all.length) ? new String(all, StandardCharsets.UTF_8) : null;
  }
}
