package dev.sente.example;

import dev.sente.example.BrowserSessions.BrowserSession;
import dev.sente.netty.HttpHandler;
import dev.sente.netty.StaticFiles;
import dev.sente.packer.BindException;
import dev.sente.packer.UnpackException;
import dev.sente.packer.json.JsonPacker;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.gate.CsrfToken;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The example's page, and who is looking at it: session, login and logout. */
final class Pages implements HttpHandler {

  private static final int MAX_UID_LENGTH = 40;

  private static final Map<String, String> SECURITY_HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "same-origin");

  record Login(@Nullable String uid) {}

  private final BrowserSessions browsers;
  private final HttpHandler files = StaticFiles.fromClassPath("/www");
  private final JsonPacker json = JsonPacker.create();

  Pages(BrowserSessions browsers) {
    this.browsers = browsers;
  }

  @Override
  public HttpResponse handle(HttpRequest request) throws Exception {
    var response =
        switch (request.method() + " " + request.path()) {
          case "GET /session" -> session(request);
          case "POST /login" -> login(request);
          case "POST /logout" -> change(request, null);
          default -> files.handle(request);
        };
    return response.with(SECURITY_HEADERS);
  }

  private HttpResponse session(HttpRequest request) {
    var session = browsers.of(request);
    return session == null ? begun(browsers.begin(null), request) : told(session);
  }

  private HttpResponse login(HttpRequest request) {
    try {
      var login = json.read(request.body()).as(Login.class);
      var uid = login == null || login.uid() == null ? "" : login.uid().strip();
      if (!uid.isEmpty() && uid.length() <= MAX_UID_LENGTH) {
        return change(request, uid);
      }
    } catch (BindException | UnpackException e) {
      // Told below.
    }
    return HttpResponse.text(400, "Expected {\"uid\": a name of up to 40 characters}");
  }

  private HttpResponse change(HttpRequest request, @Nullable String uid) {
    var session = browsers.of(request);
    var expected = CsrfToken.expected(session == null ? null : session.csrfToken());
    if (!expected.admits(request.header("x-csrf-token"))) {
      return HttpResponse.text(403, "Bad CSRF token");
    }
    // Other tabs of this browser stay connected as who they were until they connect anew. Where
    // that matters, chsk.signOut(uid) ends the user's clients, though on all devices.
    browsers.end(session);
    return begun(browsers.begin(uid), request);
  }

  private HttpResponse begun(BrowserSession session, HttpRequest request) {
    return told(session).with(Map.of("Set-Cookie", session.cookie(request.secure())));
  }

  private HttpResponse told(BrowserSession session) {
    var body = new LinkedHashMap<String, @Nullable Object>();
    body.put("uid", session.uid());
    body.put("csrfToken", session.csrfToken());
    var headers =
        Map.of("Content-Type", "application/json; charset=utf-8", "Cache-Control", "no-store");
    return new HttpResponse(200, headers, json.pack(body));
  }
}
