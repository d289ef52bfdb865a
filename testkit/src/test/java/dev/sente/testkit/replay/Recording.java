package dev.sente.testkit.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * All that went between Sente's server and one or more clients, in order.
 *
 * @param name the file's name without its ending: transport, packer, and {@code csrf} where a token
 *     was asked for
 */
record Recording(String name, List<Entry> entries) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  static Path folder() {
    return Path.of(System.getProperty("sente.root", ".."), "wire-fixtures", "captures");
  }

  static Recording named(String name) {
    var entries = new ArrayList<Entry>();
    try {
      for (var line : Files.readAllLines(folder().resolve(name + ".jsonl"))) {
        entries.add(entry(JSON.readTree(line)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Recording(name, List.copyOf(entries));
  }

  private static Entry entry(JsonNode json) {
    var conn = json.path("conn").asInt(0);
    return new Entry(
        json.path("t").asLong(), conn, json.path("dir").asString("").equals("c2s"), what(json));
  }

  private static What what(JsonNode json) {
    return switch (json.path("kind").asString()) {
      case "note" -> new What.Note(json.path("text").asString());
      case "http-request" ->
          new What.Request(
              json.path("method").asString(),
              json.path("query").asString(""),
              headers(json),
              bytes(json.path("body")),
              json.path("upgrade").asBoolean(false));
      case "http-response" ->
          new What.Response(json.path("status").asInt(0), bytes(json.path("body")));
      case "ws-frame" ->
          new What.Frame(
              json.path("op").asString(),
              json.path("fin").asBoolean(true),
              bytes(json),
              json.path("code").asInt(1005));
      case "tcp-fin" -> new What.Ended(json.path("from").asString().equals("client"));
      case "tcp-error" -> new What.Ended(false);
      default -> throw new IllegalArgumentException("unknown kind in " + json);
    };
  }

  /** Names and values in turn. */
  private static String[] headers(JsonNode json) {
    var all = new ArrayList<String>();
    for (var header : json.path("headers")) {
      all.add(header.get(0).asString());
      all.add(header.get(1).asString());
    }
    return all.toArray(String[]::new);
  }

  private static byte[] bytes(JsonNode json) {
    return json.has("hex")
        ? HexFormat.of().parseHex(json.path("hex").asString())
        : json.path("text").asString("").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * One thing that happened.
   *
   * @param at when, in milliseconds since the start
   * @param connection the number of the TCP connection; 0 for none
   * @param fromClient whether the client sent it
   */
  record Entry(long at, int connection, boolean fromClient, What what) {}

  /** What happened. */
  sealed interface What {

    /** A remark of who recorded; {@code scene: …} begins a scene. */
    record Note(String text) implements What {}

    record Request(String method, String query, String[] headers, byte[] body, boolean upgrade)
        implements What {}

    /** Status 0 stands for what was no HTTP. */
    record Response(int status, byte[] body) implements What {}

    record Frame(String op, boolean fin, byte[] payload, int code) implements What {}

    /** The TCP connection was ended from this side. */
    record Ended(boolean byClient) implements What {}
  }
}
