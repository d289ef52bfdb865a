package dev.sente.example.testserver;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the test server can be told on its command line. CONTRIBUTING.md has the same list for
 * people.
 */
record TestServerOptions(
    int port,
    String host,
    String path,
    String packer,
    String csrf,
    String origins,
    @Nullable String authz,
    @Nullable String reject,
    @Nullable String handshakeData,
    Duration longPollTimeout,
    Duration webSocketKeepAlive,
    Duration webSocketPingTimeout,
    Duration webSocketReconnectGrace,
    Duration ajaxReconnectGrace,
    Duration webSocketBatchWindow,
    Duration ajaxBatchWindow,
    boolean cors,
    @Nullable String www) {

  private static final String USAGE =
      """
      Options of the test server, with their defaults:
        --port N                                 8090; 0 for any that is free: a line PORT N
                                                 before READY says which
        --host NAME                              localhost
        --path PATH                              /chsk
        --packer NAME                            edn; for clients that ask for none: edn, json,
                                                 msgpack, transit, with +gzip or without
        --csrf skip|TOKEN                        skip
        --origins all|A,B                        all
        --authz SECRET                           requests must bring authz=SECRET; not set
        --reject SECRET                          requests with reject=SECRET get 418; not set
        --handshake-data EDN|uid-echo            none
        --lp-timeout-ms N                        20000
        --ws-kalive-ms N                         25000
        --ws-ping-timeout-ms N                   10000
        --ms-allow-reconnect-before-close-ws N   2500
        --ms-allow-reconnect-before-close-ajax N 5000
        --send-buf-ms-ws N                       0
        --send-buf-ms-ajax N                     5
        --cors                                   let pages of any origin use /ctl
        --www DIR                                serve this folder's files
      """;

  private static final Set<String> FLAGS = Set.of("--cors");
  private static final Set<String> WITH_VALUE =
      Set.of(
          "--port",
          "--host",
          "--path",
          "--packer",
          "--csrf",
          "--origins",
          "--authz",
          "--reject",
          "--handshake-data",
          "--lp-timeout-ms",
          "--ws-kalive-ms",
          "--ws-ping-timeout-ms",
          "--ms-allow-reconnect-before-close-ws",
          "--ms-allow-reconnect-before-close-ajax",
          "--send-buf-ms-ws",
          "--send-buf-ms-ajax",
          "--www");

  /** Reads the command line; ends the process where it says something else than options. */
  static TestServerOptions parse(List<String> args) {
    if (args.contains("--help")) {
      System.out.print(USAGE);
      System.exit(0);
    }
    var given = new LinkedHashMap<String, String>();
    try {
      var left = new ArrayDeque<>(args);
      while (!left.isEmpty()) {
        var name = left.pop();
        if (FLAGS.contains(name)) {
          given.put(name, "true");
        } else if (WITH_VALUE.contains(name) && !left.isEmpty()) {
          given.put(name, left.pop());
        } else {
          throw new IllegalArgumentException(
              "there is no option " + name + ", or it needs a value");
        }
      }
      return of(given);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(USAGE);
      System.exit(2);
      throw e;
    }
  }

  private static TestServerOptions of(Map<String, String> given) {
    return new TestServerOptions(
        (int) number(given, "--port", 8090, 65535),
        given.getOrDefault("--host", "localhost"),
        given.getOrDefault("--path", "/chsk"),
        given.getOrDefault("--packer", "edn"),
        given.getOrDefault("--csrf", "skip"),
        given.getOrDefault("--origins", "all"),
        given.get("--authz"),
        given.get("--reject"),
        given.get("--handshake-data"),
        millis(given, "--lp-timeout-ms", 20_000),
        millis(given, "--ws-kalive-ms", 25_000),
        millis(given, "--ws-ping-timeout-ms", 10_000),
        millis(given, "--ms-allow-reconnect-before-close-ws", 2_500),
        millis(given, "--ms-allow-reconnect-before-close-ajax", 5_000),
        millis(given, "--send-buf-ms-ws", 0),
        millis(given, "--send-buf-ms-ajax", 5),
        given.containsKey("--cors"),
        given.get("--www"));
  }

  private static Duration millis(Map<String, String> given, String name, long otherwise) {
    return Duration.ofMillis(number(given, name, otherwise, Integer.MAX_VALUE));
  }

  private static long number(Map<String, String> given, String name, long otherwise, long most) {
    var value = given.getOrDefault(name, Long.toString(otherwise));
    if (!value.matches("\\d{1,10}") || Long.parseLong(value) > most) {
      throw new IllegalArgumentException(
          name + " needs a number from 0 to " + most + ", was " + value);
    }
    return Long.parseLong(value);
  }
}
