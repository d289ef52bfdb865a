package dev.sente.packer.edn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.packer.UnpackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** edn against Clojure's own reader: accepted alike, refused alike, and the same value. */
class EdnClojureTest {

  /** Pieces that, put together at random, hit the corners of the format. */
  private static final List<String> PIECES =
      List.of(
          "[",
          "]",
          "(",
          ")",
          "{",
          "}",
          "#{",
          "#",
          "#_",
          "^",
          "#^",
          "##",
          "#:",
          "#:a",
          "#:a{",
          ":",
          "::",
          "/",
          "a",
          "b",
          "a/b",
          ":a",
          ":a/b",
          ":_/a",
          "1",
          "2",
          "-1",
          "+1",
          "0",
          "08",
          "017",
          "0x1F",
          "0X",
          "1N",
          "-0",
          "0N",
          "1M",
          "1.5",
          "1.",
          ".5",
          "1e3",
          "1E-3M",
          "1/2",
          "4/2",
          "-3/6",
          "0/5",
          "1/0",
          "2r101",
          "36rZz",
          "37r1",
          "1r0",
          "16rFFN",
          "-",
          "+",
          "+a",
          "-a",
          "\"",
          "\\",
          "\\a",
          "\\newline",
          "\\space",
          "\\u0041",
          "\\uD800",
          "\\o101",
          "\\o400",
          "\\o",
          "\\u",
          "\\\\",
          "\"x\"",
          "\"\\n\"",
          "\"\\u0041\"",
          "\"\\101\"",
          "\"\\8\"",
          "\"\\q\"",
          "\\(",
          "\\,",
          "nil",
          "true",
          "false",
          "Inf",
          "-Inf",
          "NaN",
          "##Inf",
          "##NaN",
          "#inst",
          "#uuid",
          "#foo",
          "#foo/bar",
          "#inst \"2020-02-03T04:05:06.789-00:00\"",
          "#inst \"2020\"",
          "#uuid \"00000000-0000-0000-0000-000000000001\"",
          "#uuid \"1-2-3-4-5\"",
          ";",
          ";x\n",
          "\n",
          " ",
          ",",
          "\t",
          "'",
          "@",
          "`",
          "~",
          "%",
          "&",
          "|",
          "*",
          "!",
          "<",
          "=",
          "a#b",
          "a'b",
          "a:b",
          ":a:b",
          "a:",
          ":a:",
          "a::b",
          "a//",
          "//",
          "a/",
          "/a",
          ":/",
          ":1",
          ":1/a",
          ":a/1",
          "a/b/c",
          "é",
          "日",
          "😀",
          "\u2028",
          "\u3000",
          "٣",
          "\u001f",
          "0.0",
          "-0.0",
          "1.0M",
          "1.00M",
          "99999999999999999999",
          "-9223372036854775808",
          "9223372036854775807",
          "9223372036854775808",
          "#<",
          "#\"",
          "#é",
          "#日",
          "[]",
          "()",
          "{}",
          "#{}",
          "{:a 1}",
          "[1 2]",
          "(1 2)",
          "#{1 2}",
          "#_1",
          "^:m",
          "^{:a 1}",
          "^\"s\"",
          "^1");

  @Test
  void agreesOnPiecesPutTogetherAtRandom() {
    var random = new Random(4711);
    var differences = new ArrayList<String>();
    for (int round = 0; round < 60_000; round++) {
      var text = new StringBuilder();
      int count = 1 + random.nextInt(random.nextInt(10) + 1);
      for (int i = 0; i < count; i++) {
        text.append(PIECES.get(random.nextInt(PIECES.size())));
        if (random.nextInt(3) == 0) {
          text.append(' ');
        }
      }
      compare(text.toString(), differences);
    }
    assertThat(differences).isEmpty();
  }

  private static void compare(String text, List<String> differences) {
    var theirs = outcome(text, true);
    var ours = outcome(text, false);
    if (!Objects.equals(theirs, ours)) {
      differences.add(text + "  clojure: " + theirs + "  ours: " + ours);
    }
  }

  private static @Nullable Object outcome(String text, boolean isTheirs) {
    try {
      return isTheirs ? Clojure.read(text) : EdnPacker.DEFAULT.unpack(text.getBytes(UTF_8));
    } catch (UnpackException e) {
      return List.of("refused");
    } catch (RuntimeException e) {
      if (!isTheirs) {
        throw e;
      }
      return List.of("refused");
    }
  }
}
