package dev.sente.client.captures;

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

/** All that went between Sente's client and its server, scene by scene. */
record Recording(List<Scene> scenes) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What was recorded after one note of who recorded, in order. */
  record Scene(String title, List<Entry> entries) {}

  /** One thing that happened. */
  record Entry(JsonNode json) {

    /** When, in ms since the start. */
    long at() {
      return json.path("t").asLong();
    }

    /** The number of its TCP connection. */
    int connection() {
      return json.path("conn").asInt(0);
    }

    boolean isByClient() {
      return json.path("dir").asString("").equals("c2s");
    }

    boolean isKind(String kind) {
      return json.path("kind").asString().equals(kind);
    }

    /** The end of a connection, from the client's side. */
    boolean isEndByClient() {
      return isKind("tcp-fin") && json.path("from").asString().equals("client");
    }

    boolean isClose() {
      return json.path("op").asString("").equals("close");
    }

    int status() {
      return json.path("status").asInt(0);
    }

    int closeCode() {
      return json.path("code").asInt(1005);
    }

    byte[] payload() {
      return bytes(json);
    }

    byte[] body() {
      return bytes(json.path("body"));
    }

    /** What the library decided about what the client said, as one text. */
    String line() {
      if (!isKind("http-request")) {
        return isClose()
            ? "close " + closeCode() + " " + json.path("reason").asString("")
            : Lines.ofPacked(payload());
      }
      var query = json.path("query").asString("");
      if (json.path("upgrade").asBoolean(false)) {
        return "upgrade " + query;
      }
      // Sente's client sends the whole buffer of its msgpack encoder.
      var said = Lines.ofPacked(body()).replaceFirst("\0+$", "");
      return Lines.ofRequest(json.path("method").asString(), query, this::header, said);
    }

    private String header(String name) {
      for (var header : json.path("headers")) {
        if (header.get(0).asString().equalsIgnoreCase(name)) {
          return header.get(1).asString();
        }
      }
      return "";
    }

    private static byte[] bytes(JsonNode json) {
      return json.has("hex")
          ? HexFormat.of().parseHex(json.path("hex").asString())
          : json.path("text").asString("").getBytes(StandardCharsets.UTF_8);
    }
  }

  static Recording named(String name) {
    var folder = Path.of(System.getProperty("sente.root", ".."), "wire-fixtures", "captures");
    var scenes = new ArrayList<Scene>();
    try {
      for (var line : Files.readAllLines(folder.resolve(name + ".jsonl"))) {
        var entry = new Entry(JSON.readTree(line));
        var text = entry.json().path("text").asString("");
        if (!entry.isKind("note")) {
          scenes.getLast().entries().add(entry);
        } else if (text.startsWith("scene: ")) {
          scenes.add(new Scene(text.substring("scene: ".length()), new ArrayList<>()));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Recording(scenes);
  }
}
