package dev.sente.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Memory follows what has been read, not what an input claims that it holds. As {@link GrowthTest}
 * for time; a fuzzer's small inputs seldom claim enough.
 */
class MemoryTest {

  private static final int SIZE = 100_000;

  /**
   * Arrays in one another, each claiming as many elements as there are bytes left, behind what is
   * given in hexadecimal; * stands for the number of those bytes, in four.
   */
  @ParameterizedTest
  @CsvSource({
    "msgpack, ''",
    "msgpack, 91",
    "msgpack, c9*04",
    "msgpack, c9*03",
    "msgpack, 9201c9*03",
    "msgpack, 81c0c9*03",
    "wire-msgpack, 9191",
    "wire-msgpack, 9192c70a006368736b2f636c6f7365c9*03",
    "wire-msgpack, 919192c70a006368736b2f6572726f729201c9*03",
    "wire-msgpack, 919192c70300612f62c9*03",
  })
  void ofArraysThatClaimMuch(String target, String prefix) {
    int prefixLength = prefix.replace("*", "00000000").length() / 2;
    var prefixBytes =
        HexFormat.of().parseHex(prefix.replace("*", "%08x".formatted(SIZE - prefixLength)));
    var input = ByteBuffer.allocate(SIZE).put(prefixBytes);
    for (int i = 0; i < 95; i++) {
      input.put((byte) 0xdd).putInt(SIZE - input.position() - 4);
    }
    assertThat(Property.allocated(Target.of(target), input.array())).isLessThan(20L * SIZE);
  }
}
