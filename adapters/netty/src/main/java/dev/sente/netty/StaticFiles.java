package dev.sente.netty;

import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves files from a folder or the class path: a path's file, or {@code index.html} where the path
 * ends in {@code /}. For an application's own few pages; a file is held in memory while it is sent,
 * once for all that it is sent to, and one of more than 32 MiB is answered 500.
 *
 * <p>Whatever lies outside, also by way of a symbolic link, and whatever has a name or a folder
 * that begins with a dot, is answered 404. Answers carry an {@code ETag} made of the content, so it
 * is the same on all nodes, and are revalidated by browsers each time ({@code Cache-Control:
 * no-cache}); {@link #withHeaders} changes that.
 */
public final class StaticFiles implements HttpHandler {

  static final int MAX_BYTES = 32 * 1024 * 1024;

  private static final HttpResponse NOT_FOUND = HttpResponse.text(404, "Not found");

  /** Where files come from. */
  interface Source {
    /** The file of that name, as {@code css/main.css}; null for none. The name has been checked. */
    @Nullable StaticFile find(String name) throws IOException;
  }

  /**
   * A file's content.
   *
   * @param modified when it was last changed; null if unknown
   */
  record StaticFile(byte[] content, @Nullable Instant modified) {}

  private final Source source;
  private final Map<String, String> headers;
  private final SharedContents contents = new SharedContents();

  private StaticFiles(Source source, Map<String, String> headers) {
    this.source = source;
    this.headers = headers;
  }

  /**
   * Files from a folder.
   *
   * @throws IllegalArgumentException where there is no such folder
   */
  public static StaticFiles fromFolder(Path folder) {
    return new StaticFiles(FolderSource.of(folder), Map.of());
  }

  /**
   * Files from the class path, as the calling thread's context class loader sees it.
   *
   * @param folder as {@code /www}
   */
  public static StaticFiles fromClassPath(String folder) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return fromClassPath(loader == null ? ClassLoader.getSystemClassLoader() : loader, folder);
  }

  /** Files from a class loader's resources. */
  public static StaticFiles fromClassPath(ClassLoader loader, String folder) {
    return new StaticFiles(new ClassPathSource(loader, folder), Map.of());
  }

  /**
   * The same with further headers in each answer that is a file; ours of the same name give way.
   */
  public StaticFiles withHeaders(Map<String, String> more) {
    var all = new LinkedHashMap<>(headers);
    all.putAll(more);
    return new StaticFiles(source, Map.copyOf(all));
  }

  @Override
  public HttpResponse handle(HttpRequest request) throws IOException {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      return HttpResponse.text(405, "Method not allowed").with(Map.of("Allow", "GET, HEAD"));
    }
    String name = StaticPath.name(request.path());
    if (name == null) {
      return NOT_FOUND;
    }
    StaticFile file = source.find(name);
    if (file != null) {
      return answer(request, name, file);
    }
    if (!request.path().endsWith("/") && source.find(name + "/index.html") != null) {
      String query = request.rawQuery() == null ? "" : "?" + request.rawQuery();
      if (query.chars().anyMatch(c -> c <= ' ' || c > 0x7E)) {
        return HttpResponse.text(400, "Malformed query");
      }
      return HttpResponse.text(308, "Moved").with(Map.of("Location", request.path() + "/" + query));
    }
    return NOT_FOUND;
  }

  private HttpResponse answer(HttpRequest request, String name, StaticFile file) {
    String type = ContentTypes.of(name);
    String tag = tag(file.content());
    var answer = new LinkedHashMap<String, String>();
    answer.put("Cache-Control", "no-cache");
    answer.put("X-Content-Type-Options", "nosniff");
    answer.put("Referrer-Policy", "same-origin");
    if (type.startsWith("text/html")) {
      answer.put("X-Frame-Options", "SAMEORIGIN");
    }
    answer.put("ETag", tag);
    if (file.modified() != null) {
      answer.put("Last-Modified", Translation.HTTP_DATE.format(file.modified()));
    }
    boolean known = isKnown(request, tag, file.modified());
    if (!known) {
      answer.put("Content-Type", type);
    }
    byte[] body = known ? new byte[0] : contents.shared(tag, file.content());
    return new HttpResponse(known ? 304 : 200, answer, body).with(headers);
  }

  /** Whether the client has this content already (RFC 9110, section 13.1). */
  private static boolean isKnown(HttpRequest request, String tag, @Nullable Instant modified) {
    String tags = request.header("if-none-match");
    if (tags != null) {
      for (String known : tags.split(",", -1)) {
        String trimmed = known.strip();
        if (trimmed.equals("*") || trimmed.equals(tag) || trimmed.equals("W/" + tag)) {
          return true;
        }
      }
      return false;
    }
    String since = request.header("if-modified-since");
    if (since == null || modified == null) {
      return false;
    }
    try {
      Instant limit = Translation.HTTP_DATE.parse(since, Instant::from);
      return !modified.truncatedTo(ChronoUnit.SECONDS).isAfter(limit);
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private static String tag(byte[] content) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
      return "\"" + HexFormat.of().formatHex(hash, 0, 12).toLowerCase(Locale.ROOT) + "\"";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
