package dev.sente.packer.edn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Keyword;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.Hostile;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** edn from those who mean harm: refused by UnpackException, in bounded time and memory. */
class EdnHostileTest {

  private static final EdnPacker PACKER = EdnPacker.DEFAULT;

  private static final String SAMPLE =
      "[:chsk/x {:a 1, \"b\\n"
          + "\\u0041\" #{1.5 2/3 4M}} (\\a \\n"
          + "ewline #inst \"2020\" #_ [x] nil) ;c\n"
          + "#:ns{:k #my/tag ^{:m 1} [##Inf -0x1F 36rZ \"é😀\"]} #uuid \"1-2-3-4-5\" 日本]";

  @ParameterizedTest
  @ValueSource(
      strings = {"[", "(", "#{", "{", "{:a ", "#_", "#_ ", "^:a ", "^", "#a ", "##", "#:a{:b "})
  void deepNestingIsRefusedReadAndSkipped(String opener) {
    for (int depth : new int[] {101, 1000, 100_000}) {
      var packed = opener.repeat(depth).getBytes(UTF_8);

      assertThatThrownBy(() -> PACKER.unpack(packed)).isInstanceOf(UnpackException.class);
      var inside = ("[" + opener.repeat(depth)).getBytes(UTF_8);
      assertThatThrownBy(() -> PACKER.read(inside).elements()).isInstanceOf(UnpackException.class);
    }
  }

  @Test
  void aHundredLevelsPassAndAreCountedThroughElements() {
    var packed = ("[".repeat(100) + "]".repeat(100)).getBytes(UTF_8);
    assertThat(PACKER.pack(PACKER.unpack(packed))).isEqualTo(packed);

    var tooDeep = ("[1 " + "[".repeat(100) + "]".repeat(100) + "]").getBytes(UTF_8);
    assertThatThrownBy(() -> PACKER.read(tooDeep).elements())
        .isInstanceOf(UnpackException.class)
        .hasMessageContaining("at most 100 levels");
    PackedValue value = PACKER.read(packed);
    for (int level = 0; level < 99; level++) {
      value = value.elements().getFirst();
    }
    assertThat(value.elements()).isEmpty();
  }

  @Test
  void writingTooDeepIsRefused() {
    Object value = List.of();
    for (int i = 0; i < 100; i++) {
      value = List.of(value);
    }
    var tooDeep = value;
    assertThatThrownBy(() -> PACKER.pack(tooDeep))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("100 levels");
  }

  @Test
  void everyPrefixIsAValueOrRefused() {
    Hostile.prefixes(PACKER, SAMPLE.getBytes(UTF_8));
  }

  @Test
  void everyChangedByteIsAValueOrRefused() {
    Hostile.changes(PACKER, SAMPLE.getBytes(UTF_8));
  }

  @Test
  void randomBytesAreAValueOrRefused() {
    Hostile.random(PACKER, "[](){}#_^:\\\";,.0123456789eNMrx/+-'@`~ \n\tabué".getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1e10000M",
        "1e999999999M",
        "-1e-999999999M",
        "1e99999999999999M",
        "0.1e-10000M",
      })
  void hugeExponentsAreRefused(String text) {
    assertThatThrownBy(() -> PACKER.unpack(text.getBytes(UTF_8)))
        .isInstanceOf(UnpackException.class)
        .hasMessage("expected a number at byte 0");
  }

  @Test
  void longNumbersAreRefused() {
    for (var suffix : List.of("", "N", "M", ".0", "/3", "e5")) {
      var text = "7".repeat(100_000) + suffix;
      assertThatThrownBy(() -> PACKER.unpack(text.getBytes(UTF_8)))
          .isInstanceOf(UnpackException.class)
          .hasMessage("expected a number of at most 1000 characters at byte 0");
    }
    assertThat(PACKER.unpack("7".repeat(1000).getBytes(UTF_8)))
        .isEqualTo(new BigInteger("7".repeat(1000)));
  }

  @Test
  void longNumbersAreNotWritten() {
    for (Number number :
        List.of(BigInteger.TEN.pow(1000), new BigDecimal("1e10000"), new BigDecimal("1e-10000"))) {
      assertThatThrownBy(() -> PACKER.pack(number)).isInstanceOf(PackException.class);
    }
  }

  @Test
  void memoryIsBoundedByTheInput() {
    // A reference and a boxed value for two bytes of input, and then some for growing.
    Hostile.assertAllocation(PACKER, ("[" + "1 ".repeat(500_000) + "]").getBytes(UTF_8), 64);
    Hostile.assertAllocation(PACKER, ("[" + "[]".repeat(500_000) + "]").getBytes(UTF_8), 64);
    Hostile.assertAllocation(PACKER, ("[" + "{}".repeat(500_000) + "]").getBytes(UTF_8), 64);
    Hostile.assertAllocation(PACKER, ("[" + "[1]".repeat(300_000) + "]").getBytes(UTF_8), 64);
    Hostile.assertAllocation(PACKER, ("[" + "#{1}".repeat(250_000) + "]").getBytes(UTF_8), 128);
    Hostile.assertAllocation(PACKER, ("[" + "{1 1}".repeat(200_000) + "]").getBytes(UTF_8), 128);
    Hostile.assertAllocation(PACKER, ("\"" + "\\n".repeat(500_000) + "\"").getBytes(UTF_8), 64);
    Hostile.assertAllocation(PACKER, ("[" + "#_ 1 ".repeat(200_000) + "]").getBytes(UTF_8), 64);
  }

  @Test
  void keysMadeToCollideAreRefused() {
    var lists = new StringBuilder("#{");
    for (int i = 0; i < 3000; i++) {
      // 31 * a + b is the same for all of them.
      lists.append('[').append(i).append(' ').append(100_000 - 31 * i).append(']');
    }
    assertThatThrownBy(() -> PACKER.unpack(lists.append('}').toString().getBytes(UTF_8)))
        .isInstanceOf(UnpackException.class)
        .hasMessageContaining("different hash codes");
  }

  @Test
  void honestKeysMayCollideNowAndThen() {
    // Of points on a board, and of edges between them, many share a hash code.
    var points = new StringBuilder("{");
    var edges = new StringBuilder("#{");
    for (int i = 0; i < 100; i++) {
      for (int j = 0; j < 100; j++) {
        points.append("{:x %d :y %d} 1 ".formatted(i, j));
        if (i < j) {
          edges.append("#{%d %d} ".formatted(i, j));
        }
      }
    }
    assertThat((Map<?, ?>) PACKER.unpack(points.append('}').toString().getBytes(UTF_8)))
        .hasSize(10_000);
    assertThat((Set<?>) PACKER.unpack(edges.append('}').toString().getBytes(UTF_8))).hasSize(4_950);
  }

  @Test
  void keysThatAreEqualOnlyToClojureCannotBeMadeToCollideEither() {
    var decimals = new StringBuilder("#{");
    for (int i = 0; i < 3000; i++) {
      // Zeros at the end change Java's hash code, and are taken off to compare.
      decimals.append("[%d %d %d.%sM] ".formatted(i, 100_000 - 31 * i, 1, "0".repeat(i % 200)));
    }
    assertThatThrownBy(() -> PACKER.unpack(decimals.append('}').toString().getBytes(UTF_8)))
        .isInstanceOf(UnpackException.class)
        .hasMessageContaining("different hash codes");
  }

  @Test
  void setsInSetsAreNotCopiedAtEachLevel() {
    var nested = "#{".repeat(95) + "[" + "1 ".repeat(200_000) + "]" + "}".repeat(95);

    Hostile.assertAllocation(PACKER, nested.getBytes(UTF_8), 64);
  }

  /** Each set is another one with 0.0 in place of -0.0, and so is each that it is in. */
  @Test
  void setsInSetsThatEachWantACopyAreRefused() {
    var nested = "#{".repeat(95) + "-0.0" + "}".repeat(95) + " ";

    assertThatThrownBy(() -> PACKER.unpack(("[" + nested.repeat(700) + "]").getBytes(UTF_8)))
        .isInstanceOf(UnpackException.class)
        .hasMessageContaining("different hash codes");
    var honest = "#{#{#{-0.0 1} 2} {[-0.0] #{1.00M}}} ";
    assertThat((List<?>) PACKER.unpack(("[" + honest.repeat(7000) + "]").getBytes(UTF_8)))
        .hasSize(7000);
  }

  @Test
  void tagsThatWouldNotComeBackAreNotWritten() {
    for (var name : List.of("_x", "_", "*x", "λ", "-a", ".a")) {
      assertThatThrownBy(() -> PACKER.pack(TaggedValue.of(name, 1L)))
          .isInstanceOf(PackException.class)
          .hasMessageContaining(name);
    }
    for (var name : List.of("inst", "uuid", "sente/bytes")) {
      assertThatThrownBy(() -> PACKER.pack(TaggedValue.of(name, "!")))
          .isInstanceOf(PackException.class)
          .hasMessageContaining(name);
    }
    for (var name : List.of("x", "my/point", "élan", "inst/x")) {
      var tagged = TaggedValue.of(name, 1L);
      assertThat(PACKER.unpack(PACKER.pack(tagged))).isEqualTo(tagged);
    }
  }

  @Test
  void namesThatWouldNotComeBackAreNotWritten() {
    for (var name :
        List.of("a b", "a\"", "a]", "a,b", ":a", "a:", "a::b", "\ud800", "/a", "a\u2028")) {
      assertThatThrownBy(() -> PACKER.pack(Keyword.of(name))).isInstanceOf(PackException.class);
      assertThatThrownBy(() -> PACKER.pack(Symbol.of(name))).isInstanceOf(PackException.class);
    }
    for (var name : List.of("nil", "true", "12", "-1", "+1", "#a", "1/2")) {
      assertThatThrownBy(() -> PACKER.pack(Symbol.of(name))).isInstanceOf(PackException.class);
    }
  }

  @Test
  void whatEdnHasNotIsNotWritten() {
    assertThatThrownBy(() -> PACKER.pack('\ud800')).isInstanceOf(PackException.class);
    assertThatThrownBy(() -> PACKER.pack(Instant.MAX)).isInstanceOf(PackException.class);
    assertThatThrownBy(() -> PACKER.pack(Instant.parse("-0001-12-31T23:59:59Z")))
        .isInstanceOf(PackException.class);
  }

  @Test
  void halfASurrogatePairIsKeptByAnEscape() {
    var text = "a\ud83db\ude00";

    assertThat(new String(PACKER.pack(text), UTF_8)).isEqualTo("\"a\\ud83db\\ude00\"");
    assertThat(PACKER.unpack(PACKER.pack(text))).isEqualTo(text);
  }

  @Test
  void positionsAreTold() {
    assertThatThrownBy(() -> PACKER.unpack("[1 [2 }]]".getBytes(UTF_8)))
        .isInstanceOfSatisfying(UnpackException.class, e -> assertThat(e.position()).isEqualTo(6));
    assertThatThrownBy(() -> PACKER.unpack(new byte[] {'"', (byte) 0xc3, '"'}))
        .isInstanceOfSatisfying(UnpackException.class, e -> assertThat(e.position()).isEqualTo(1));
  }
}
