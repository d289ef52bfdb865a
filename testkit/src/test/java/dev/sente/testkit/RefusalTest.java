package dev.sente.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.server.channel.HttpResponse;
import dev.sente.server.gate.AllowedOrigins;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.gate.CsrfToken;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RefusalTest {

  private static final String A = "client-id=a&handshake%3F=1";

  private static Scene strict() {
    return new Scene(
        o ->
            o.reject(r -> r.param("reject").isPresent() ? HttpResponse.text(418, "teapot") : null)
                .csrfToken(r -> CsrfToken.expected("tok"))
                .allowedOrigins(AllowedOrigins.of(List.of("http://good.example")))
                .authorized(r -> r.param("authz").filter("sesame"::equals).isPresent()));
  }

  @Test
  void theFirstThatSaysNoDecides() {
    var scene = strict();
    assertThat(scene.get("reject=1").text()).isEqualTo("Missing client-id");
    assertThat(scene.get("client-id=%20").status()).isEqualTo(400);
    assertThat(scene.get("client-id=" + "x".repeat(257)).status()).isEqualTo(400);
    for (var control : List.of("%0A", "%1B", "%7F", "%C2%85", "%E2%80%A8")) {
      assertThat(scene.get("client-id=a" + control + "2026-11-22%20ERROR").text())
          .isEqualTo("client-id has control characters");
    }
    assertThat(scene.get(A + "&reject=1").status()).isEqualTo(418);
    assertThat(scene.get(A).text()).isEqualTo("Bad CSRF token");
    assertThat(scene.get(A + "&csrf-token=tok").text()).isEqualTo("Unauthorized origin");
    assertThat(scene.get(A + "&csrf-token=tok", "Origin", "http://good.example").text())
        .isEqualTo("Unauthorized request");
    assertThat(
            scene.get(A + "&csrf-token=tok&authz=sesame", "Origin", "http://good.example").status())
        .isEqualTo(200);
  }

  @Test
  void aWebSocketIsRefusedAlike() {
    var scene = strict();
    var answer = scene.channels.webSocket(A + "&csrf-token=wrong");
    scene.time.settle();
    assertThat(answer.status()).isEqualTo(403);
  }

  @Test
  void presentParameterShadowsTheHeaders() {
    var scene = new Scene(o -> o.csrfToken(r -> CsrfToken.expected("tok")));
    assertThat(scene.get(A, "X-CSRF-Token", "tok").status()).isEqualTo(200);
    assertThat(scene.get(A, "X-XSRF-Token", "tok").status()).isEqualTo(200);
    assertThat(scene.get(A + "&csrf-token=", "X-CSRF-Token", "tok").status()).isEqualTo(403);
    assertThat(scene.get(A, "X-CSRF-Token", "null").status()).isEqualTo(403);
  }

  @Test
  void noExpectedTokenRefusesEverybody() {
    var scene = new Scene(o -> o.csrfToken(r -> CsrfToken.expected(null)));
    assertThat(scene.get(A, "X-CSRF-Token", "").status()).isEqualTo(403);
    assertThat(scene.get(A).status()).isEqualTo(403);
  }

  @Test
  void byDefaultOnlyTheOwnOriginAndNonBrowsersPass() {
    var scene = new Scene();
    assertThat(scene.get(A).status()).isEqualTo(200);
    assertThat(scene.get(A, "Origin", "http://server.test").status()).isEqualTo(200);
    assertThat(scene.get(A, "Origin", "http://server.test:80").status()).isEqualTo(200);
    assertThat(scene.get(A, "Referer", "http://server.test/page").status()).isEqualTo(200);
    assertThat(scene.get(A, "Origin", "http://x.test", "Sec-Fetch-Site", "same-origin").status())
        .isEqualTo(200);
    for (var foreign :
        List.of(
            "http://evil.test",
            "http://server.test.evil.test",
            "http://server.test:8080",
            "http://server.test@evil.test",
            "null",
            "")) {
      assertThat(scene.get(A, "Origin", foreign).status()).as(foreign).isEqualTo(403);
    }
    assertThat(scene.get(A, "Referer", "http://evil.test/http://server.test/").status())
        .isEqualTo(403);
    assertThat(scene.get(A, "Sec-Fetch-Site", "cross-site").status()).isEqualTo(403);
    assertThat(scene.get(A, "Sec-Fetch-Site", "same-site").status()).isEqualTo(403);
  }

  @Test
  void theOwnOriginIsFoundInWhateverBrowsersWrite() {
    var scene = new Scene();
    for (var own :
        List.of(
            "http://server.test/app?f=a|b{}^`",
            "http://SERVER.test:80/",
            "http://server.test?q",
            "http://server.test#f",
            "https://server.test:443/")) {
      assertThat(scene.get(A, "Referer", own).status()).as(own).isEqualTo(200);
    }
    for (var host : List.of("my_app:3000", "[::1]:8080", "xn--bcher-kva.example", "a")) {
      assertThat(scene.get(A, "Host", host, "Origin", "http://" + host).status())
          .as(host)
          .isEqualTo(200);
      assertThat(scene.get(A, "Host", host, "Referer", "http://" + host + "/x").status())
          .as(host)
          .isEqualTo(200);
    }
    for (var foreign :
        List.of(
            "http://server.test@evil.test/",
            "http://evil.test/http://server.test/",
            "http://evil.test?http://server.test/",
            "http://evil.test\\\\server.test/",
            "http:server.test/",
            "//server.test/",
            "server.test/",
            "http:///server.test/",
            "http://:80/",
            "ftp://server.test/",
            "http://server.test:8080/",
            "http://server.test:/")) {
      assertThat(scene.get(A, "Referer", foreign).status())
          .as(foreign)
          .isEqualTo(foreign.endsWith("test:/") ? 200 : 403);
    }
    assertThat(AllowedOrigins.of(List.of("http://my_app:3000"))).isNotNull();
  }

  @Test
  void anUnauthorizedHookWithoutAnAnswerIsAnswered() {
    var scene = new Scene(o -> o.authorized(r -> false).unauthorized(r -> nothing()));
    assertThat(scene.get(A).status()).isEqualTo(500);
  }

  /** What a hook's compiler does not refuse. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  @Test
  void refererCountsOnlyAsAPrefixEndingInASlash() {
    var scene = new Scene(o -> o.allowedOrigins(AllowedOrigins.of(List.of("http://good.example"))));
    assertThat(scene.get(A, "Referer", "http://good.example/page").status()).isEqualTo(200);
    assertThat(scene.get(A, "Referer", "http://good.example.evil.test/").status()).isEqualTo(403);
    assertThat(scene.get(A, "Referer", "http://good.example").status()).isEqualTo(403);
  }

  @Test
  void allowedOriginGetsCorsAnswersAndOthersNone() {
    var scene = strict();
    var refused = scene.get(A, "Origin", "http://good.example");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.response().headers())
        .containsEntry("Access-Control-Allow-Origin", "http://good.example")
        .containsEntry("Access-Control-Allow-Credentials", "true")
        .containsEntry("Vary", "Origin");
    assertThat(scene.get(A, "Origin", "http://evil.test").response().headers())
        .doesNotContainKey("Access-Control-Allow-Origin");
  }

  @Test
  void preflightIsAnsweredWithoutAskingAnyHook() {
    var scene = strict();
    var answer =
        scene.channels.http(
            "OPTIONS",
            null,
            new byte[0],
            "Origin",
            "http://good.example",
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "x-csrf-token, content-type");
    scene.time.settle();
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.response().headers())
        .containsEntry("Access-Control-Allow-Methods", "GET, POST")
        .containsEntry("Access-Control-Allow-Headers", "x-csrf-token, content-type")
        .containsEntry("Access-Control-Allow-Credentials", "true");
    var evil = scene.channels.http("OPTIONS", null, new byte[0], "Origin", "http://evil.test");
    scene.time.settle();
    assertThat(evil.status()).isEqualTo(403);
  }

  @Test
  void anyOriginMeansWithoutCredentials() {
    var scene = new Scene(o -> o.allowedOrigins(AllowedOrigins.all()));
    assertThat(scene.get(A, "Origin", "http://any.test").response().headers())
        .containsEntry("Access-Control-Allow-Origin", "*")
        .doesNotContainKey("Access-Control-Allow-Credentials");
  }

  @Test
  void failingHookRefusesWithoutInternals() {
    var scene =
        new Scene(
            o ->
                o.userId(
                    r -> {
                      throw new IllegalStateException("secret");
                    }));
    var answer = scene.get(A);
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.text()).isEqualTo("Internal error");
  }

  @Test
  void failingHandshakeHookRefusesOverEveryTransportAndInBothModes() {
    Object tooDeep = List.of();
    for (int i = 0; i < 200; i++) {
      tooDeep = List.of(tooDeep);
    }
    for (var data : List.of(tooDeep, "throw")) {
      var scene =
          new Scene(
              o ->
                  o.handshakeData(
                      r -> {
                        if (data.equals("throw")) {
                          throw new IllegalStateException("secret");
                        }
                        return data;
                      }));
      assertThat(scene.get(A).text()).isEqualTo("Internal error");
      assertThat(scene.get(A, "X-Sente", "2").text()).isEqualTo("Internal error");
      var classic = scene.channels.webSocket(A);
      var stream = scene.channels.webSocket(A, "Sec-WebSocket-Protocol", "sente.v2");
      scene.time.settle();
      assertThat(classic.text()).isEqualTo("Internal error");
      assertThat(stream.text()).isEqualTo("Internal error");
    }
  }

  @Test
  void otherMethodsAndMalformedQueriesAreRefused() {
    var scene = new Scene();
    var put = scene.channels.http("PUT", A, new byte[0]);
    scene.time.settle();
    assertThat(put.status()).isEqualTo(405);
    assertThat(scene.get("client-id=%zz").status()).isEqualTo(400);
    assertThat(scene.get("client-id=a" + "&x=1".repeat(2)).status()).isEqualTo(200);
    var many = new StringBuilder("client-id=a");
    for (int i = 0; i < 100; i++) {
      many.append("&p").append(i).append("=1");
    }
    assertThat(scene.get(many.toString()).status()).isEqualTo(400);
  }

  @Test
  void aNameThatIsGivenAgainCountsAgain() {
    var scene = new Scene();
    assertThat(scene.get("client-id=a" + "&x=1".repeat(63)).status()).isEqualTo(200);
    assertThat(scene.get("client-id=a" + "&x=1".repeat(64)).status()).isEqualTo(400);
    var form = scene.channels.post("client-id=a&ppstr=x" + "&x".repeat(63));
    scene.time.settle();
    assertThat(form.text()).isEqualTo("Malformed parameters");
  }

  @Test
  @Timeout(20)
  void aLongFormWithoutValuesIsReadInLinearTime() {
    var scene = new Scene();
    var form = scene.channels.post("&".repeat(1_000_000) + "a&".repeat(1_000_000));
    scene.time.settle();
    assertThat(form.status()).isEqualTo(400);
    var empty = scene.channels.post("&".repeat(3_000_000) + "client-id=a&ppstr=x");
    scene.time.settle();
    assertThat(empty.text()).isEqualTo("Unreadable message");
  }

  @Test
  void aGetHasNoBody() {
    var scene = new Scene();
    for (var type : List.of("application/octet-stream", "application/x-www-form-urlencoded")) {
      var poll = scene.channels.http("GET", A, new byte[] {'a'}, "Content-Type", type);
      var socket =
          scene.channels.http(
              "GET",
              A,
              new byte[] {'a'},
              "Content-Type",
              type,
              "Upgrade",
              "websocket",
              "Connection",
              "Upgrade",
              "Sec-WebSocket-Version",
              "13");
      scene.time.settle();
      assertThat(poll.status()).isEqualTo(400);
      assertThat(socket.status()).isEqualTo(400);
    }
  }

  @Test
  void whatAPostBroughtIsNotKeptWithWhoBroughtIt() {
    var requests = new ArrayList<ConnectRequest>();
    var hooks = new ArrayList<String>();
    var scene =
        new Scene(
            o ->
                o.userId(
                    request -> {
                      hooks.add(request.http().bodyText() + request.param("ppstr").orElse(""));
                      return null;
                    }));
    scene.server.on("test/kept", event -> requests.add(event.request()));
    scene.post("client-id=a&mine=1", "[[:test/kept]]");
    scene.channels.http("POST", "client-id=b&binary%3F=1", "[[:test/kept]]".getBytes(UTF_8));
    scene.time.settle();
    assertThat(hooks).hasSize(2).allMatch(seen -> seen.contains("kept"));
    assertThat(requests).hasSize(2);
    assertThat(requests.getFirst().param("mine")).hasValue("1");
    for (var request : requests) {
      assertThat(request.http().body()).isEmpty();
      assertThat(request.param("ppstr")).isEmpty();
    }
  }

  @Test
  void originsAreComparedAsBrowsersWriteThem() {
    for (var wrong :
        List.of(
            "https://app.example/app",
            "https://app.example/",
            "https://app.example:",
            "https://app.example:443:",
            "https://app.example?x",
            "https://app.example#x",
            "https://app.example\n",
            "https://",
            "app.example",
            "")) {
      assertThatThrownBy(() -> AllowedOrigins.of(List.of(wrong)))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
    var origins =
        AllowedOrigins.of(
            List.of("https://App.Example", "https://a.example:443", "HTTP://b.example:80"));
    var scene = new Scene(o -> o.allowedOrigins(origins));
    for (var origin : List.of("https://app.example", "https://a.example", "http://b.example")) {
      assertThat(scene.get(A, "Origin", origin).status()).as(origin).isEqualTo(200);
    }
    var app = AllowedOrigins.of(List.of("capacitor://localhost:80"));
    var other = new Scene(o -> o.allowedOrigins(app));
    assertThat(other.get(A, "Origin", "capacitor://localhost:80").status()).isEqualTo(200);
  }

  @Test
  void clientsPerUserAndPerAddressAreBounded() {
    var scene = new Scene(o -> o.sessionsPerUser(2).sessionsPerAddress(3));
    scene.connect("uid=u&client-id=1");
    scene.connect("uid=u&client-id=2");
    assertThat(scene.get("uid=u&client-id=3").status()).isEqualTo(429);
    scene.connect("uid=v&client-id=1");
    assertThat(scene.get("uid=w&client-id=1").status()).isEqualTo(429);
    assertThat(scene.get("uid=u&client-id=1").status()).isEqualTo(200);
  }

  @Test
  void whoHasNoAddressIsOfThisMachine() {
    var scene = new Scene(o -> o.sessionsPerAddress(1).clientAddress(r -> ""));
    assertThat(scene.get("client-id=1").status()).isEqualTo(200);
    assertThat(scene.get("client-id=2").status()).isEqualTo(200);
  }

  @Test
  void whateverAHookThrowsIsAnswered() {
    for (var error : List.of(new AssertionError("x"), new NoClassDefFoundError("x"))) {
      var userId =
          new Scene(
              o ->
                  o.userId(
                      r -> {
                        throw error;
                      }));
      assertThat(userId.get(A).status()).isEqualTo(500);
      assertThat(userId.post("client-id=a", "[[:test/nocb]]").status()).isEqualTo(500);
      var handshake =
          new Scene(
              o ->
                  o.handshakeData(
                      r -> {
                        throw error;
                      }));
      assertThat(handshake.get(A).status()).isEqualTo(500);
      var socket = handshake.channels.webSocket(A);
      handshake.time.settle();
      assertThat(socket.status()).isEqualTo(500);
    }
  }
}
