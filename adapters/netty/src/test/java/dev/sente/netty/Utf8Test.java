package dev.sente.netty;

import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compared with Java's own decoder. */
final class Utf8Test {

  private static boolean javaSays(byte[] bytes, int from, int to) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static void assertSame(byte[] bytes, int from, int to) {
    if (Utf8.isValid(bytes, from, to) != javaSays(bytes, from, to)) {
      fail("%s from %d to %d", HexFormat.of().formatHex(bytes), from, to);
    }
  }

  @Test
  void agreesOnAllSequencesOfTwoBytesAndTheThirdsEdges() {
    int[] thirds = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    for (int first = 0; first < 256; first++) {
      for (int second = 0; second < 256; second++) {
        assertSame(new byte[] {(byte) first, (byte) second}, 0, 2);
        for (int third : first < 0xE0 ? new int[0] : thirds) {
          byte[] three = {(byte) first, (byte) second, (byte) third};
          assertSame(three, 0, 3);
          assertSame(new byte[] {three[0], three[1], three[2], (byte) 0x80}, 0, 4);
        }
      }
    }
  }

  @Test
  void agreesOnTextsWithOneByteChanged() {
    var random = new Random(42);
    for (int round = 0; round < 5000; round++) {
      var text = new StringBuilder("x".repeat(random.nextInt(20)));
      for (int i = random.nextInt(12); i > 0; i--) {
        text.appendCodePoint(
            switch (random.nextInt(4)) {
              case 0 -> random.nextInt(0x80);
              case 1 -> random.nextInt(0x800);
              case 2 -> random.nextInt(0xD800);
              default -> 0x10000 + random.nextInt(0x100000);
            });
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      int from = random.nextInt(bytes.length + 1);
      assertSame(bytes, from, bytes.length);
      if (bytes.length > 0) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        assertSame(bytes, 0, bytes.length);
      }
    }
  }
}
