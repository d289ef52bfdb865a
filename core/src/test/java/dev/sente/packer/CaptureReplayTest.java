package dev.sente.packer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every payload that Clojure's Sente and its own client sent each other while recorded. */
class CaptureReplayTest {

  private static final Pattern OBJECT =
      Pattern.compile("#object\\[java.time.Instant \\S+ (\"[^\"]*\")]");

  /** Bytes that a browser wrote where the JVM writes others, so that they do not come back. */
  private static final String FLOAT_32 = "ca3fc00000";

  @ParameterizedTest
  @CsvSource({
    "edn, edn, 34, 35",
    "msgpack, msgpack, 34, 35",
    "gzip, msgpack, 36, 37",
    "edn+gzip, edn, 36, 37",
  })
  void unpacksToTheValueAndPacksToTheBytes(
      String recording, String format, int frames, int messages) throws IOException {
    Packer inner = format.equals("edn") ? EdnPacker.DEFAULT : MsgpackPacker.DEFAULT;
    var packer = recording.contains("gzip") ? GzipPacker.of(inner) : inner;

    assertThat(replay("ws-" + recording, packer, inner)).isEqualTo(frames);
    assertThat(replay("ajax-" + recording, packer, inner)).isEqualTo(messages);
    assertThat(replay("ws-" + recording + "-csrf", packer, inner)).isEqualTo(4);
    assertThat(replay("ajax-" + recording + "-csrf", packer, inner)).isEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource({"raw-oddities-edn, 72", "raw-rejections-edn, 9"})
  void unpacksWhatWasSentByHand(String recording, int messages) throws IOException {
    assertThat(replay(recording, EdnPacker.DEFAULT, null)).isEqualTo(messages);
  }

  /** Replays a recording and returns how many payloads it had. */
  private static int replay(String recording, Packer packer, @Nullable Packer canonical)
      throws IOException {
    var file =
        Path.of(requireNonNull(System.getProperty("sente.root")))
            .resolve("wire-fixtures/captures/" + recording + ".jsonl");
    int count = 0;
    for (var line : Files.readAllLines(file)) {
      var message = JsonMapper.shared().readTree(line);
      if (!message.path("edn").isString()) {
        continue;
      }
      count++;
      var expected = EdnPacker.DEFAULT.unpack(edn(message).getBytes(UTF_8));
      var payload = payload(message);
      assertThat(packer.unpack(payload)).as(line).isEqualTo(expected);
      if (canonical != null) {
        var raw = packer.equals(canonical) ? payload : GzipPacker.unwrap(payload, 1 << 20);
        packsAgain(canonical, expected, raw);
      }
    }
    return count;
  }

  private static void packsAgain(Packer packer, @Nullable Object value, byte[] payload) {
    var hex = HexFormat.of().formatHex(payload);
    if (!hex.contains(FLOAT_32)) {
      var packed = packer.pack(value);
      // A browser's POST of MessagePack carries the rest of its buffer.
      assertThat(HexFormat.of().formatHex(packed))
          .isEqualTo(HexFormat.of().formatHex(Arrays.copyOf(payload, packed.length)));
    }
  }

  private static String edn(JsonNode message) {
    return OBJECT
        .matcher(message.path("edn").asString())
        .replaceAll(match -> Matcher.quoteReplacement("#inst " + match.group(1)));
  }

  private static byte[] payload(JsonNode message) {
    var holder = message.has("body") ? message.path("body") : message;
    if (holder.has("hex")) {
      return HexFormat.of().parseHex(holder.path("hex").asString());
    }
    var text = holder.path("text").asString();
    if (message.path("kind").asString().equals("http-request")) {
      var form = text.substring(text.indexOf("ppstr=") + "ppstr=".length());
      int after = form.indexOf('&');
      text = URLDecoder.decode(after < 0 ? form : form.substring(0, after), UTF_8);
    }
    return text.getBytes(UTF_8);
  }
}
