package dev.sente.packer.gzip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.packer.Hostile;
import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** gzip around packers. */
class GzipPackerTest {

  private final GzipPacker packer = GzipPacker.of(EdnPacker.DEFAULT);

  @Test
  void isNamedAfterTheOther() {
    assertThat(packer.name()).isEqualTo("edn+gzip");
    assertThat(GzipPacker.of(MsgpackPacker.DEFAULT).name()).isEqualTo("msgpack+gzip");
    assertThat(packer.isBinary()).isTrue();
  }

  @Test
  void shortMessagesAreFlaggedOnly() {
    var packed = packer.pack(Arrays.asList(null, "88ca8c"));

    assertThat(HexFormat.of().formatHex(packed)).isEqualTo("005b6e696c2022383863613863225d");
    assertThat(packer.unpack(packed)).isEqualTo(Arrays.asList(null, "88ca8c"));
  }

  @Test
  void from1024BytesOnTheyAreCompressed() {
    assertThat(packer.pack("x".repeat(1021))).hasSize(1024).startsWith(0, '"', 'x');
    assertThat(packer.pack("x".repeat(1022))).hasSizeLessThan(100).startsWith(1, 0x1f, 0x8b);
    assertThat(packer.unpack(packer.pack("x".repeat(1022)))).isEqualTo("x".repeat(1022));
  }

  @Test
  void whatCompressesBadlyIsFlaggedOnly() {
    var noise = new byte[100_000];
    new Random(7).nextBytes(noise);
    var gzipped = GzipPacker.of(MsgpackPacker.DEFAULT);

    var packed = gzipped.pack(noise);

    assertThat(packed).hasSize(MsgpackPacker.DEFAULT.pack(noise).length + 1).startsWith(0);
    assertThat(gzipped.unpack(packed)).isEqualTo(noise);
  }

  @Test
  void weighsWhatItIsOnceDecompressed() {
    assertThat(packer.weight(packer.pack("x".repeat(100_000)))).isEqualTo(100_002);
    assertThat(packer.weight(packer.pack("x".repeat(1000)))).isEqualTo(1003);
    assertThat(packer.weight(new byte[] {1, 2})).isEqualTo(2);
  }

  @Test
  void anyFlagButOneIsRaw() {
    assertThat(packer.unpack(new byte[] {2, '7'})).isEqualTo(7L);
  }

  @Test
  void joinsIfTheOtherDoes() {
    var joining = (JoiningPacker) GzipPacker.of(JsonPacker.DEFAULT);
    var element = joining.packElement("x".repeat(600));
    var joined = joining.joinElements(List.of(element, joining.joinElements(List.of(element))));

    var message = joining.finish(joined);

    assertThat(message).startsWith(1, 0x1f, 0x8b);
    assertThat(joining.read(message).elements())
        .extracting(PackedValue::value)
        .isEqualTo(List.of("x".repeat(600), List.of("x".repeat(600))));
  }

  @Test
  void doesNotJoinIfTheOtherDoesNot() {
    Packer plain =
        new Packer() {
          @Override
          public String name() {
            return "plain";
          }

          @Override
          public byte[] pack(@Nullable Object value) {
            return new byte[] {7};
          }

          @Override
          public @Nullable Object unpack(byte[] packed) {
            return "plain";
          }
        };

    assertThat(GzipPacker.of(plain)).isNotInstanceOf(JoiningPacker.class);
    assertThat(GzipPacker.of(plain).unpack(new byte[] {0})).isEqualTo("plain");
    assertThat(GzipPacker.of(plain).read(new byte[] {0}).value()).isEqualTo("plain");
  }

  @Test
  void whatGetsTooLargeIsRefusedOnTheWay() throws IOException {
    var bomb = bomb(100_000_000);

    assertThat(bomb).hasSizeLessThan(200_000);
    assertThatThrownBy(() -> packer.unpack(bomb))
        .isInstanceOf(UnpackException.class)
        .hasMessage("expected at most 1048576 bytes once decompressed");
    // Once the limit, and once more for putting the parts together.
    Hostile.assertAllocation(packer, bomb, 40);
  }

  private static byte[] bomb(int size) throws IOException {
    var bytes = new ByteArrayOutputStream();
    bytes.write(1);
    try (var gzip = new GZIPOutputStream(bytes)) {
      var part = new byte[1_000_000];
      Arrays.fill(part, (byte) ' ');
      for (int i = 0; i < size; i += part.length) {
        gzip.write(part);
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void manyEmptyMembersAreRefused() throws IOException {
    var member = new ByteArrayOutputStream();
    new GZIPOutputStream(member).close();
    var bytes = new ByteArrayOutputStream();
    bytes.write(1);
    for (int i = 0; i < 50_000; i++) {
      bytes.writeBytes(member.toByteArray());
    }
    assertThatThrownBy(() -> packer.unpack(bytes.toByteArray()))
        .isInstanceOf(UnpackException.class);
  }

  @Test
  void optionalFieldsOfTheHeaderArePassedOver() throws IOException {
    var text = "\"" + "x".repeat(1022) + "\"";
    var plain = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(plain)) {
      gzip.write(text.getBytes(UTF_8));
    }
    // A header checksum, extra bytes, a name and a comment.
    var header = HexFormat.of().parseHex("1f8b081e0000000000ff0300aabbcc6e616d65006300");
    var checksum = new CRC32();
    checksum.update(header);
    var bytes = new ByteArrayOutputStream();
    bytes.write(1);
    bytes.writeBytes(header);
    bytes.write((int) checksum.getValue());
    bytes.write((int) checksum.getValue() >> 8);
    bytes.write(plain.toByteArray(), 10, plain.size() - 10);

    var packed = bytes.toByteArray();
    assertThat(GzipPacker.of(EdnPacker.DEFAULT).unpack(packed)).isEqualTo("x".repeat(1022));
    Hostile.prefixes(packer, packed);
    Hostile.changes(packer, packed);
  }

  @Test
  void theLimitItselfIsAllowed() {
    var small = GzipPacker.of(EdnPacker.DEFAULT, 2000);

    assertThat(small.unpack(small.pack("x".repeat(1998)))).isEqualTo("x".repeat(1998));
    assertThatThrownBy(() -> small.unpack(small.pack("x".repeat(1999))))
        .isInstanceOf(UnpackException.class);
    assertThatThrownBy(() -> GzipPacker.of(EdnPacker.DEFAULT, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatIsDamagedIsRefused() {
    var packed = packer.pack("some text of no great variety ".repeat(50));

    Hostile.prefixes(packer, packed);
    Hostile.changes(packer, packed);
    for (int length = 1; length < packed.length; length++) {
      var cut = Arrays.copyOf(packed, length);
      assertThatThrownBy(() -> packer.unpack(cut)).isInstanceOf(UnpackException.class);
    }
    assertThatThrownBy(() -> packer.unpack(new byte[0])).isInstanceOf(UnpackException.class);
    assertThatThrownBy(() -> packer.read(new byte[] {1})).isInstanceOf(UnpackException.class);
    assertThatThrownBy(() -> packer.read(new byte[] {1, 2, 3})).isInstanceOf(UnpackException.class);
  }
}
