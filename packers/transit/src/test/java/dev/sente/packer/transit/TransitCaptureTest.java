package dev.sente.packer.transit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.packer.UnpackException;
import dev.sente.packer.edn.EdnPacker;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Recorded payloads of Clojure's Sente, and the golden ones that TypeScript reads too. */
class TransitCaptureTest {

  private static final TransitPacker PACKER = TransitPacker.DEFAULT;

  @ParameterizedTest
  @CsvSource({"ws-transit, 34", "ajax-transit, 35", "ws-transit-csrf, 4", "ajax-transit-csrf, 5"})
  void unpacksToTheValueAndPacksToTheBytes(String recording, int messages) throws IOException {
    int count = 0;
    for (var line : Files.readAllLines(fixtures().resolve("captures/" + recording + ".jsonl"))) {
      var message = JsonMapper.shared().readTree(line);
      if (!message.path("edn").isString()) {
        continue;
      }
      count++;
      var value = edn(message.path("edn").asString());
      var payload = payload(message);
      assertThat(PACKER.unpack(payload.getBytes(UTF_8))).as(line).isEqualTo(value);
      // The browser writes characters beyond 16 bits as they are, the JVM as escapes.
      var expected = payload.replace("😀", "\\uD83D\\uDE00");
      assertThat(new String(PACKER.pack(value), UTF_8)).isEqualTo(expected);
    }
    assertThat(count).isEqualTo(messages);
  }

  private static String payload(JsonNode message) {
    var text = (message.has("body") ? message.path("body") : message).path("text").asString();
    if (message.path("kind").asString().equals("http-request")) {
      var form = text.substring(text.indexOf("ppstr=") + "ppstr=".length());
      int after = form.indexOf('&');
      return URLDecoder.decode(after < 0 ? form : form.substring(0, after), UTF_8);
    }
    return text;
  }

  @Test
  void agreesWithTheGoldenPayloads() {
    var file = JsonMapper.shared().readTree(fixtures().resolve("transit.json"));
    for (var row : file.path("packs")) {
      var value = edn(row.path("value").asString());
      var text = row.path("text").asString();
      assertThat(new String(PACKER.pack(value), UTF_8)).as(row.toString()).isEqualTo(text);
      assertThat(PACKER.unpack(text.getBytes(UTF_8))).as(row.toString()).isEqualTo(value);
    }
    for (var row : file.path("unpacks")) {
      assertThat(PACKER.unpack(row.path("text").asString().getBytes(UTF_8)))
          .as(row.toString())
          .isEqualTo(edn(row.path("value").asString()));
    }
    for (var row : file.path("refuses")) {
      assertThatThrownBy(() -> PACKER.unpack(row.path("text").asString().getBytes(UTF_8)))
          .as(row.toString())
          .isInstanceOf(UnpackException.class);
    }
  }

  private static @Nullable Object edn(String text) {
    return EdnPacker.DEFAULT.unpack(text.getBytes(UTF_8));
  }

  private static Path fixtures() {
    return Path.of(requireNonNull(System.getProperty("sente.root"))).resolve("wire-fixtures");
  }
}
