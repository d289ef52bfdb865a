package dev.sente.netty;

import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Handlers by path and method. Immutable: each method returns routes with one more.
 *
 * <pre>{@code
 * Routes.none()
 *     .get("/login", login)
 *     .post("/api/*", api)
 *     .otherwise(StaticFiles.fromClassPath("/www"))
 * }</pre>
 *
 * <p>A path matches as a whole, undecoded; or, where it ends in {@code /*}, everything below it,
 * the longest first. A HEAD is answered as the GET. A known path with another method is answered
 * 405, an unknown one goes to {@link #otherwise}, and is answered 404 without it.
 */
public final class Routes implements HttpHandler {

  private static final Routes NONE =
      new Routes(Map.of(), request -> HttpResponse.text(404, "Not found"));

  /** Paths as given, to methods, to handlers. */
  private final Map<String, Map<String, HttpHandler>> byPath;

  private final HttpHandler otherwise;

  private Routes(Map<String, Map<String, HttpHandler>> byPath, HttpHandler otherwise) {
    this.byPath = byPath;
    this.otherwise = otherwise;
  }

  /** No routes yet. */
  public static Routes none() {
    return NONE;
  }

  /** With a handler for GET and HEAD. */
  public Routes get(String path, HttpHandler handler) {
    return on("GET", path, handler);
  }

  /** With a handler for POST. */
  public Routes post(String path, HttpHandler handler) {
    return on("POST", path, handler);
  }

  /**
   * With a handler for a method.
   *
   * @param method in upper case
   * @param path as {@code /login}, or {@code /api/*} for all below {@code /api/}
   * @throws IllegalArgumentException where the path has another form, or such a route exists
   */
  public Routes on(String method, String path, HttpHandler handler) {
    String exact = path.endsWith("/*") ? path.substring(0, path.length() - 1) : path;
    if (!path.startsWith("/") || exact.contains("*")) {
      throw new IllegalArgumentException("path must be as /login or /api/*, was " + path);
    }
    var all = new HashMap<>(byPath);
    var methods = new TreeMap<>(all.getOrDefault(path, Map.of()));
    if (methods.put(method, handler) != null) {
      throw new IllegalArgumentException("there is a route for " + method + " " + path);
    }
    all.put(path, methods);
    return new Routes(all, otherwise);
  }

  /** With a handler for all other paths. */
  public Routes otherwise(HttpHandler handler) {
    return new Routes(byPath, handler);
  }

  @Override
  public HttpResponse handle(HttpRequest request) throws Exception {
    var methods = find(request.path());
    if (methods == null) {
      return otherwise.handle(request);
    }
    HttpHandler handler = methods.get(request.method());
    if (handler == null && request.method().equals("HEAD")) {
      handler = methods.get("GET");
    }
    if (handler == null) {
      return HttpResponse.text(405, "Method not allowed")
          .with(Map.of("Allow", String.join(", ", methods.keySet())));
    }
    return handler.handle(request);
  }

  private @Nullable Map<String, HttpHandler> find(String path) {
    var methods = byPath.get(path);
    int slash = path.lastIndexOf('/');
    while (methods == null && slash >= 0) {
      methods = byPath.get(path.substring(0, slash) + "/*");
      slash = path.lastIndexOf('/', slash - 1);
    }
    return methods;
  }
}
