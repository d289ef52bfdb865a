package dev.sente.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import clojure.java.api.Clojure;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Keywords, symbols and ratios by themselves. */
class NamesTest {

  private static final String ALPHABET = "ab1/:.+-#'_ ,;\"\\@^()é\u2028";

  @Test
  void aReadableNameIsOneThatClojureGivesBack() {
    Clojure.var("clojure.core", "require").invoke(Clojure.read("clojure.edn"));
    var read = Clojure.var("clojure.edn", "read-string");
    var random = new Random(42);
    for (int round = 0; round < 100_000; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(5); i >= 0; i--) {
        text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      var name = text.toString();
      assertThat(Keyword.isReadable(name))
          .as(name)
          .isEqualTo(
              givesBack(() -> read.invoke(":" + name), clojure.lang.Keyword.class, ":" + name));
      assertThat(Symbol.isReadable(name))
          .as(name)
          .isEqualTo(givesBack(() -> read.invoke(name), clojure.lang.Symbol.class, name));
    }
  }

  private interface Reading {
    Object read();
  }

  private static boolean givesBack(Reading reading, Class<?> type, String text) {
    try {
      var value = reading.read();
      return type.isInstance(value) && value.toString().equals(text);
    } catch (RuntimeException e) {
      return false;
    }
  }

  @Test
  void anIdHasNoWhiteSpaceAndNoControlCharacters() {
    for (char c : "\0\n \u007f\u0080\u0085\u009f\u2028\"".toCharArray()) {
      assertThat(EventIds.isValid("a/" + c + "b")).as("%04x", (int) c).isFalse();
    }
    assertThat(EventIds.isValid("a/é日本😀")).isTrue();
  }

  /** JavaScript's white space and control characters, which Clojure has in names. */
  @Test
  void aNameThatJavaScriptWouldSplitIsNotReadable() {
    for (char c :
        "\0\u0001\u0008\u001b\u007f\u0080\u009f\u00a0\u1680\u2000\u2007\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
            .toCharArray()) {
      assertThat(Keyword.isReadable("a" + c + "b")).as("%04x", (int) c).isFalse();
      assertThat(Symbol.isReadable("a" + c + "b")).as("%04x", (int) c).isFalse();
    }
    assertThat(Keyword.isReadable("é日本\u200b😀")).isTrue();
    assertThat(Symbol.isReadable("😀𝟏")).isTrue();
    assertThat(Symbol.isReadable("𝟏x")).isFalse();
  }

  @Test
  void namesAreTakenApart() {
    assertThat(Keyword.of("a/b").namespace()).isEqualTo("a");
    assertThat(Keyword.of("a/b").localName()).isEqualTo("b");
    assertThat(Keyword.of("b").namespace()).isNull();
    assertThat(Keyword.of("/").localName()).isEqualTo("/");
    assertThat(Symbol.of("a/b").namespace()).isEqualTo("a");
    assertThat(Symbol.of("/").localName()).isEqualTo("/");
    assertThat(Keyword.of("a/b")).hasToString(":a/b");
    assertThat(Symbol.of("a/b")).hasToString("a/b");
  }

  @Test
  void anEmptyNameIsNone() {
    assertThatThrownBy(() -> Keyword.of("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Symbol.of("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratiosAreInLowestTermsAndOrdered() {
    assertThat(Ratio.of(4, -6)).isEqualTo(Ratio.of(-2, 3)).hasToString("-2/3");
    assertThat(Ratio.of(0, 5)).isEqualTo(Ratio.of(0, 1));
    assertThat(Ratio.of(1, 3)).isLessThan(Ratio.of(1, 2));
    assertThat(Ratio.of(1, 4).doubleValue()).isEqualTo(0.25);
    assertThat(new Ratio(BigInteger.TEN, BigInteger.TWO).numerator()).isEqualTo(5);
    assertThatThrownBy(() -> Ratio.of(1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}
