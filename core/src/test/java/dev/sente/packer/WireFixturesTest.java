package dev.sente.packer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The golden payloads in {@code wire-fixtures}, which the TypeScript tests read too. */
class WireFixturesTest {

  private static final List<Packer> PACKERS =
      List.of(
          EdnPacker.DEFAULT,
          JsonPacker.DEFAULT,
          MsgpackPacker.DEFAULT,
          GzipPacker.of(EdnPacker.DEFAULT));

  @TestFactory
  Stream<DynamicTest> packs() {
    return rows("packs", WireFixturesTest::packs, WireFixturesTest::unpacks);
  }

  @TestFactory
  Stream<DynamicTest> packsOnly() {
    return rows("packs only", WireFixturesTest::packs);
  }

  @TestFactory
  Stream<DynamicTest> unpacks() {
    return rows("unpacks", WireFixturesTest::unpacks);
  }

  @TestFactory
  Stream<DynamicTest> refuses() {
    return rows(
        "refuses",
        (packer, row) ->
            assertThatThrownBy(() -> packer.unpack(bytes(row)))
                .isInstanceOf(UnpackException.class));
  }

  private interface Check {
    void run(Packer packer, JsonNode row);
  }

  private static void packs(Packer packer, JsonNode row) {
    var packed = packer.pack(value(row));
    if (packer.isBinary()) {
      assertThat(HexFormat.of().formatHex(packed)).isEqualTo(row.get("hex").asString());
    } else {
      assertThat(new String(packed, UTF_8)).isEqualTo(row.get("text").asString());
    }
  }

  private static void unpacks(Packer packer, JsonNode row) {
    assertThat(packer.unpack(bytes(row))).isEqualTo(value(row));
  }

  private static @Nullable Object value(JsonNode row) {
    return EdnPacker.DEFAULT.unpack(row.get("value").asString().getBytes(UTF_8));
  }

  private static byte[] bytes(JsonNode row) {
    return row.has("hex")
        ? HexFormat.of().parseHex(row.get("hex").asString())
        : row.get("text").asString().getBytes(UTF_8);
  }

  private static Stream<DynamicTest> rows(String section, Check... checks) {
    return PACKERS.stream()
        .flatMap(
            packer ->
                StreamSupport.stream(file(packer).path(section).spliterator(), false)
                    .map(
                        row ->
                            dynamicTest(
                                packer.name() + ": " + row.get("about").asString(),
                                () -> {
                                  for (var check : checks) {
                                    check.run(packer, row);
                                  }
                                })));
  }

  private static JsonNode file(Packer packer) {
    var root = Path.of(requireNonNull(System.getProperty("sente.root")));
    var file = root.resolve("wire-fixtures").resolve(packer.name() + ".json");
    return JsonMapper.shared().readTree(file);
  }
}
