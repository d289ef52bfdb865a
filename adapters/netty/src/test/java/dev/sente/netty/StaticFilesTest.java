package dev.sente.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StaticFilesTest {

  @TempDir Path temp;
  private Path www;

  @BeforeEach
  void write() throws IOException {
    www = Files.createDirectories(temp.resolve("www"));
    fill(www);
    Files.writeString(temp.resolve("secret.txt"), "secret");
    Files.createSymbolicLink(www.resolve("escape.txt"), temp.resolve("secret.txt"));
    Files.createSymbolicLink(www.resolve("up"), temp);
    Files.createSymbolicLink(www.resolve("hidden.txt"), www.resolve(".env"));
    Files.createSymbolicLink(www.resolve("inner.txt"), www.resolve("a b.txt"));
    Files.createSymbolicLink(www.resolve("loop"), www.resolve("loop"));
  }

  private static void fill(Path root) throws IOException {
    Files.createDirectories(root.resolve("sub"));
    Files.createDirectories(root.resolve(".git"));
    Files.createDirectories(root.resolve("bare"));
    Files.writeString(root.resolve("index.html"), "<p>home");
    Files.writeString(root.resolve("sub/index.html"), "<p>sub");
    Files.writeString(root.resolve("bare/x.txt"), "x");
    Files.writeString(root.resolve("main.js"), "1");
    Files.writeString(root.resolve("a b.txt"), "spaced");
    Files.writeString(root.resolve(".env"), "secret");
    Files.writeString(root.resolve(".git/config"), "secret");
  }

  private static HttpRequest request(String method, String path, Map<String, String> headers) {
    var lists = new java.util.HashMap<String, List<String>>();
    headers.forEach((name, value) -> lists.put(name, List.of(value)));
    return new HttpRequest(method, path, null, lists, "127.0.0.1", false, new byte[0]);
  }

  private static HttpResponse get(HttpHandler files, String path) {
    return get(files, path, Map.of());
  }

  private static HttpResponse get(HttpHandler files, String path, Map<String, String> headers) {
    try {
      return files.handle(request("GET", path, headers));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String text(HttpResponse response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  /** It cannot stand in the answer's header, and is none (RFC 3986): no fault for the log. */
  @ParameterizedTest
  @ValueSource(strings = {"\u0001", "\u007f", "\u00e4"})
  void redirectsToNoQueryThatIsNone(String query) {
    try (var server = NettyServer.builder().fallback(StaticFiles.fromFolder(www)).port(0).start();
        var peer = new RawPeer(server.port())) {
      peer.send("GET /sub?" + query + " HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.answer().status()).isEqualTo(400);
      peer.send("GET /sub?a=%01&b[]={1}|2 HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(peer.answer().headers()).containsEntry("location", "/sub/?a=%01&b[]={1}|2");
    }
  }

  @Test
  void servesFilesAndIndexes() {
    var files = StaticFiles.fromFolder(www);
    assertThat(text(get(files, "/"))).isEqualTo("<p>home");
    assertThat(text(get(files, "/sub/"))).isEqualTo("<p>sub");
    assertThat(text(get(files, "/a%20b.txt"))).isEqualTo("spaced");
    assertThat(text(get(files, "/inner.txt"))).as("a link that stays within").isEqualTo("spaced");
    assertThat(get(files, "/main.js").headers())
        .containsEntry("Content-Type", "text/javascript; charset=utf-8")
        .containsEntry("X-Content-Type-Options", "nosniff")
        .containsEntry("Cache-Control", "no-cache");
    assertThat(get(files, "/").headers()).containsEntry("X-Frame-Options", "SAMEORIGIN");
    assertThat(get(files, "/sub").headers()).containsEntry("Location", "/sub/");
    assertThat(get(files, "/none.txt").status()).isEqualTo(404);
    assertThat(get(files, "/bare/").status()).isEqualTo(404);
    assertThat(get(files, "/bare").status()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../secret.txt",
        "/sub/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2Fsecret.txt",
        "/..%5csecret.txt",
        "/%252e%252e/secret.txt",
        "/sub/%2e%2e/index.html",
        "/./index.html",
        "//index.html",
        "//etc/passwd",
        "/sub//index.html",
        "/escape.txt",
        "/up/secret.txt",
        "/hidden.txt",
        "/loop",
        "/.env",
        "/.git/config",
        "/sub/.hidden",
        "/index.html%00.txt",
        "/index.html%0a",
        "/index.html/",
        "/index.html/x",
        "/index.html.",
        "/index.html%20",
        "/index.html::$DATA",
        "/c:/windows",
        "/%c0%ae%c0%ae/secret.txt",
        "/%",
        "/%4",
        "/%zz",
        "/\u00e4",
        "index.html",
        "*",
        ""
      })
  void refusesWhatIsNotAPlainName(String path) throws IOException {
    assertThat(get(StaticFiles.fromFolder(www), path).status()).isEqualTo(404);
    try (var loader = new URLClassLoader(new URL[] {temp.toUri().toURL()}, null)) {
      if (!path.contains("escape") && !path.startsWith("/up") && !path.startsWith("/hidden")) {
        assertThat(get(StaticFiles.fromClassPath(loader, "/www"), path).status()).isEqualTo(404);
      }
    }
  }

  @Test
  void nameThatIsTooLongIsNotFound() {
    assertThat(get(StaticFiles.fromFolder(www), "/" + "x".repeat(5000)).status()).isEqualTo(404);
  }

  @Test
  void answers304ToWhoHasItAlready() throws Exception {
    var files = StaticFiles.fromFolder(www);
    var first = get(files, "/main.js");
    String tag = first.headers().get("ETag");
    assertThat(tag).matches("\"[0-9a-f]{24}\"");
    var again = get(files, "/main.js", Map.of("if-none-match", "W/\"x\", W/" + tag));
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(again.headers()).containsEntry("ETag", tag).doesNotContainKey("Content-Type");
    String modified = first.headers().getOrDefault("Last-Modified", "");
    assertThat(modified).endsWith(" GMT");
    assertThat(get(files, "/main.js", Map.of("if-modified-since", modified)).status())
        .isEqualTo(304);
    assertThat(
            get(
                    files,
                    "/main.js",
                    Map.of("if-modified-since", modified, "if-none-match", "\"other\""))
                .status())
        .as("the tag decides")
        .isEqualTo(200);
    assertThat(
            get(files, "/main.js", Map.of("if-modified-since", "Mon, 01 Jan 1990 00:00:00 GMT"))
                .status())
        .isEqualTo(200);
    assertThat(get(files, "/main.js", Map.of("if-modified-since", "yesterday")).status())
        .isEqualTo(200);
    Files.writeString(www.resolve("main.js"), "2");
    assertThat(get(files, "/main.js", Map.of("if-none-match", tag)).status()).isEqualTo(200);
  }

  @Test
  void contentIsHeldOnceHoweverManyTakeIt() throws Exception {
    var files = StaticFiles.fromFolder(www);
    var first = get(files, "/main.js");
    assertThat(get(files, "/main.js").body()).isSameAs(first.body());
    Files.writeString(www.resolve("main.js"), "2");
    assertThat(text(get(files, "/main.js"))).isEqualTo("2");
    assertThat(text(first)).isEqualTo("1");
  }

  @Test
  void otherMethodsAreRefused() throws Exception {
    var answer = StaticFiles.fromFolder(www).handle(request("POST", "/", Map.of()));
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.headers()).containsEntry("Allow", "GET, HEAD");
  }

  @Test
  void headersCanBeReplaced() {
    var files =
        StaticFiles.fromFolder(www)
            .withHeaders(Map.of("Cache-Control", "public, max-age=60", "X-A", "b"));
    assertThat(get(files, "/").headers())
        .containsEntry("Cache-Control", "public, max-age=60")
        .containsEntry("X-A", "b");
  }

  @Test
  void servesFromClassPathFolderAndJar() throws Exception {
    Path jar = temp.resolve("www.jar");
    try (var zip =
        FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of("create", "true"))) {
      fill(Files.createDirectories(zip.getPath("/www")));
      Files.writeString(zip.getPath("/secret.txt"), "secret");
    }
    for (URL url : List.of(temp.toUri().toURL(), jar.toUri().toURL())) {
      try (var loader = new URLClassLoader(new URL[] {url}, null)) {
        var files = StaticFiles.fromClassPath(loader, "/www");
        assertThat(text(get(files, "/"))).isEqualTo("<p>home");
        assertThat(text(get(files, "/a%20b.txt"))).isEqualTo("spaced");
        assertThat(get(files, "/sub").headers()).containsEntry("Location", "/sub/");
        assertThat(get(files, "/bare").status()).as("no list of a folder").isEqualTo(404);
        assertThat(get(files, "/bare/").status()).isEqualTo(404);
        assertThat(get(files, "/../secret.txt").status()).isEqualTo(404);
        assertThat(get(files, "/.env").status()).isEqualTo(404);
        String tag = get(files, "/main.js").headers().getOrDefault("ETag", "");
        assertThat(get(files, "/main.js", Map.of("if-none-match", tag)).status()).isEqualTo(304);
      }
    }
  }

  @Test
  void wrongFoldersAreRefused() {
    assertThatThrownBy(() -> StaticFiles.fromFolder(www.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> StaticFiles.fromFolder(www.resolve("main.js")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> StaticFiles.fromClassPath("/"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
