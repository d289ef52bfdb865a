package dev.sente.client.captures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.client.ClientOptionsBuilder;
import dev.sente.client.TransportChoice;
import dev.sente.event.Event;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.packer.transit.TransitPacker;
import dev.sente.wire.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every recording of Sente's own client. What is not compared: times ({@code udt}), callback ids,
 * and what the browser does by itself. Where this client differs on purpose is told in {@code
 * client-ts/README.md}; unlike the TypeScript one it is told the status of a refused WebSocket, and
 * so asks nobody why.
 */
class CapturesTest {

  private static final String BIG = "{:big \"" + "lorem ipsum dolor sit amet ".repeat(100) + "\"}";

  private static final String RICH =
      "{:neg -129, :m {}, :e [], :s sym, :l 9007199254740991, :str \"ünï 😀\", \"k\" #{1}, :d 0.1,"
          + " :f 1.5, :i #inst \"2020-02-03T04:05:06.789-00:00\", :u #uuid"
          + " \"550e8400-e29b-41d4-a716-446655440000\"}";

  private static final String HELLO = "{:motd \"hello\", :n 42}";

  /**
   * A packer by its name in the recordings' file names.
   *
   * @param order the order in which Sente sent three flushed pushes by polls
   */
  record Case(TransportChoice type, String name, Packer packer, int[] order) {
    @Override
    public String toString() {
      return type.name().toLowerCase(Locale.ROOT) + "-" + name;
    }
  }

  static Stream<Case> cases() {
    int[] others = {0, 2, 1};
    int[] gzips = {0, 1, 2};
    return Stream.of(TransportChoice.WS, TransportChoice.AJAX)
        .flatMap(
            type ->
                Stream.of(
                    new Case(type, "edn", EdnPacker.DEFAULT, others),
                    new Case(type, "transit", TransitPacker.DEFAULT, others),
                    new Case(type, "msgpack", MsgpackPacker.DEFAULT, others),
                    new Case(type, "gzip", new Named(GzipPacker.of(MsgpackPacker.DEFAULT)), gzips),
                    new Case(type, "edn+gzip", GzipPacker.of(EdnPacker.DEFAULT), gzips)));
  }

  /** A packer as it is. */
  private record Named(Packer packer) implements Packer {
    @Override
    public String name() {
      return "gzip";
    }

    @Override
    public boolean isBinary() {
      return packer.isBinary();
    }

    @Override
    public boolean hasKeywords() {
      return packer.hasKeywords();
    }

    @Override
    public byte[] pack(@Nullable Object value) {
      return packer.pack(value);
    }

    @Override
    public @Nullable Object unpack(byte[] packed) {
      return packer.unpack(packed);
    }
  }

  /** What the application saw, as edn has it. */
  private final List<@Nullable Object> seen = new ArrayList<>();

  private void start(
      Performance performance,
      TransportChoice type,
      String uid,
      String letter,
      UnaryOperator<ClientOptionsBuilder> options) {
    var client =
        performance.client(
            builder ->
                options.apply(
                    builder.type(type).params(Map.of("uid", uid)).clientId("client-" + letter)));
    client.onState(
        (state, before) -> {
          var close = state.lastClose();
          if (state.open() && !before.open()) {
            see("open", state.uid(), state.handshakeData(), state.firstOpen());
          } else if (close != null && !close.equals(before.lastClose())) {
            see("closed", close.reason().name().toLowerCase(Locale.ROOT));
          }
        });
    client.onAny((event, isHandled) -> see(event.id(), event.data()));
    client.connect();
  }

  private void see(@Nullable Object... what) {
    seen.add(Arrays.asList(what));
  }

  private static @Nullable Object edn(String text) {
    return EdnPacker.DEFAULT.unpack(text.getBytes(StandardCharsets.UTF_8));
  }

  private Runnable send(Performance performance, Event event) {
    return () -> seen.add(performance.client().send(event));
  }

  private Runnable ask(Performance performance, Event event, long timeoutMillis) {
    return () ->
        performance
            .client()
            .request(event, Duration.ofMillis(timeoutMillis))
            .thenAccept(
                reply -> {
                  switch (reply) {
                    case Reply.Value(PackedValue value) -> see("answer", value.value());
                    case Reply.TimedOut late -> see("no answer", "timeout");
                    default -> see("no answer", reply.toString());
                  }
                });
  }

  private Runnable ask(Performance performance, String id, @Nullable Object data) {
    return ask(performance, Event.of(id, data), 10_000);
  }

  private Map<String, List<Runnable>> script(Performance given, TransportChoice type) {
    Runnable disconnect = () -> given.client().disconnect();
    Runnable breakOff = () -> given.client().breakConnection(true);
    var script = new HashMap<String, List<Runnable>>();
    script.put(
        "handshake, uid \"alice\", server has :handshake-data-fn",
        List.of(() -> start(given, type, "alice", "A", options -> options)));
    script.put(
        "client event without callback [:test/nocb {:x 1}]",
        List.of(send(given, Event.of("test/nocb", edn("{:x 1}")))));
    script.put(
        "client event without callback and without data [:test/nocb]",
        List.of(send(given, Event.of("test/nocb"))));
    script.put(
        "client event with callback [:test/echo {:a 1 :b [true nil \"s\" :ns/k] :c {:a 2}}] and its"
            + " reply",
        List.of(ask(given, "test/echo", edn("{:a 1 :b [true nil \"s\" :ns/k] :c {:a 2}}"))));
    script.put("reply nil", List.of(ask(given, "test/echo", null)));
    script.put("reply keyword", List.of(ask(given, "test/echo", edn(":some/kw"))));
    script.put(
        "reply map with string/keyword keys, set, symbol, inst, uuid, float, big ints",
        List.of(ask(given, "test/echo", edn(RICH))));
    script.put(
        "large value (over 1024 packed bytes, so really gzipped)",
        List.of(ask(given, "test/echo", edn(BIG))));
    script.put("one push", List.of(send(given, Event.of("test/push-me", edn("{:n 1}")))));
    script.put(
        "five pushes buffered into one batch",
        List.of(send(given, Event.of("test/push-me", edn("{:n 5}")))));
    script.put(
        "three pushes each sent with {:flush? true}",
        List.of(send(given, Event.of("test/push-me", edn("{:n 3 :flush? true}")))));
    script.put(
        "event that is no valid event server-side is refused client-side (nothing on the wire)",
        List.of(
            () ->
                assertThatThrownBy(() -> given.client().send("not-an-event"))
                    .isInstanceOf(IllegalArgumentException.class)));
    script.put(
        "callback that the server never answers, client timeout 700 ms",
        List.of(ask(given, Event.of("test/never-reply"), 700)));
    script.put(
        "callback that the server never answers, client timeout 6000 ms > lp-timeout-ms 2500",
        List.of(ask(given, Event.of("test/never-reply"), 6000)));
    script.put(
        "late reply (after the client timeout of 300 ms)",
        List.of(ask(given, Event.of("test/reply-later", edn("{:ms 800}")), 300)));
    script.put("server replies twice", List.of(ask(given, Event.of("test/reply-twice"), 10_000)));
    script.put(
        "connection broken (code 3000 by client), then reconnect with 2nd handshake",
        List.of(breakOff));
    script.put(
        "poll aborted by chsk-break-connection!, then handshake poll again", List.of(breakOff));
    script.put(
        "server closes with [:chsk/close]; client reconnects by itself",
        List.of(send(given, Event.of("test/close-me"))));
    script.put("clean client disconnect", List.of(disconnect));
    script.put(
        "client kalive: [:chsk/ws-ping] with a cb-uuid, server answers \"pong\"",
        List.of(
            () -> start(given, type, "bob", "B", o -> o.wsKeepAlive(Duration.ofMillis(750))),
            disconnect));
    script.put(
        "handshake with user-id-fn returning nil",
        List.of(() -> start(given, type, "__nil", "C", options -> options)));
    if (type == TransportChoice.AJAX) {
      script.put("page closed (browser goes away)", List.of(disconnect));
    }
    var dave = new LinkedHashMap<String, String>();
    dave.put("uid", "dave");
    dave.put("foo", "b&r");
    script.put(
        "server has CSRF token tok-1234 and no handshake-data; client has the right token",
        List.of(
            () -> start(given, type, "dave", "D", o -> o.params(dave).csrfToken(() -> "tok-1234")),
            ask(given, "test/echo", 1),
            send(given, Event.of("test/nocb", 1)),
            disconnect));
    script.put(
        "client has the wrong token",
        List.of(() -> start(given, type, "eve", "E", o -> o.csrfToken(() -> "wrong"))));
    script.put(
        "client has no token", List.of(() -> start(given, type, "fay", "F", options -> options)));
    return script;
  }

  /** What an application sees up to the scenes that differ between the transports. */
  private static String common(Case given) {
    return """
    ["open" "alice" %1$s true]
    true
    true
    ["answer" {:a 1 :b [true nil "s" :ns/k] :c {:a 2}}]
    ["answer" nil]
    ["answer" :some/kw]
    ["answer" %2$s]
    %3$s
    true ["test/pushed" 0]
    true ["test/pushed" 0] ["test/pushed" 1] ["test/pushed" 2] ["test/pushed" 3] ["test/pushed" 4]
    true\
    """
        .formatted(HELLO, RICH, given.name().contains("gzip") ? "[\"answer\" " + BIG + "]" : "");
  }

  private void assertSeen(String expected) {
    assertThat(seen).isEqualTo(edn("[" + expected + "]"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itSaysWhatSentesClientSaid(Case given) {
    var performance = new Performance(given.packer());
    performance.play(
        Recording.named(given.toString()),
        script(performance, given.type()),
        given.type() == TransportChoice.WS
            ? Map.of("page closed (browser goes away)", 0)
            : Map.of());
    var order = given.order();
    assertSeen(
        given.type() == TransportChoice.WS
            ? common(given)
                + """
                 ["test/pushed" 0] ["test/pushed" 1] ["test/pushed" 2]
                ["no answer" "timeout"]
                ["no answer" "timeout"]
                ["answer" :first]
                ["closed" "clean"]
                ["open" "alice" %1$s false]
                true
                ["closed" "clean"]
                ["open" "alice" %1$s false]
                ["closed" "requested_disconnect"]
                ["open" "bob" %1$s true]
                ["closed" "requested_disconnect"]
                ["open" nil %1$s true]
                ["closed" "requested_disconnect"]
                """
                    .formatted(HELLO)
            : common(given)
                + """
                 ["test/pushed" %2$d] ["test/pushed" %3$d] ["test/pushed" %4$d]
                ["no answer" "timeout"]
                ["no answer" "timeout"]
                ["no answer" "timeout"]
                ["answer" :first]
                ["closed" "unexpected"]
                ["open" "alice" %1$s false]
                ["closed" "requested_disconnect"]
                ["open" nil %1$s true]
                ["closed" "requested_disconnect"]
                """
                    .formatted(HELLO, order[0], order[1], order[2]));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itBringsTheTokenAndStaysAwayWhereThatIsRefused(Case given) {
    var performance = new Performance(given.packer());
    performance.play(
        Recording.named(given + "-csrf"),
        script(performance, given.type()),
        Map.of("client has the wrong token", 1, "client has no token", 1));
    assertSeen(
        """
        ["open" "dave" nil true]
        ["answer" 1]
        true
        ["closed" "requested_disconnect"]
        ["closed" "refused"]
        ["closed" "refused"]
        ["closed" "requested_disconnect"]
        """);
  }
}
