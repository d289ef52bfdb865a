package dev.sente.packer.edn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Keyword;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.UnpackException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** edn's corners one by one, where a table says more than a property. */
class EdnTableTest {

  private static final EdnPacker PACKER = EdnPacker.DEFAULT;

  private static String print(@Nullable Object value) {
    return new String(PACKER.pack(value), UTF_8);
  }

  private static @Nullable Object read(String text) {
    return PACKER.unpack(text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2020",
        "2020-02",
        "2020-02-03",
        "2020-02-03T04",
        "2020-02-03T04:05",
        "2020-02-03T04:05:06",
        "2020-02-03T04:05:06.7",
        "2020-02-03T04:05:06.789123456789",
        "2020-02-03T04:05:06Z",
        "2020-02-03T04:05:06+01:30",
        "2020-02-03T04:05:06-23:59",
        "2020Z",
        "2020-02-30",
        "2019-02-29",
        "2020-02-29",
        "2100-02-29",
        "2000-02-29",
        "2020-13",
        "2020-00",
        "2020-01-00",
        "2020-02-03T24",
        "2020-02-03T04:60",
        "2020-02-03T23:59:60",
        "2020-02-03T23:58:60",
        "2020-02-03T23:59:61",
        "2020-02-03T04:05:06+24:00",
        "2020-02-03T04:05:06+00:60",
        "2020-02-03T04:05:06+1:00",
        "2020-02-03T04:05:06.",
        "20200203",
        "2020-2-3",
        "",
        "2020-02-03t04:05:06z",
        "2020-02-03T04:05:06 Z",
        "+2020",
        "20201",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999Z",
        "1583-01-01",
        "٢٠٢٠"
      })
  void timesAreThoseOfClojure(String text) {
    var edn = "#inst \"" + text + "\"";
    Instant expected;
    try {
      expected = (Instant) requireNonNull(Clojure.read(edn));
    } catch (RuntimeException e) {
      assertThatThrownBy(() -> read(edn)).isInstanceOf(UnpackException.class);
      return;
    }
    var given = (Instant) requireNonNull(read(edn));
    // Clojure's are java.util.Date, of milliseconds.
    assertThat(given.toEpochMilli()).isEqualTo(expected.toEpochMilli());
  }

  @Test
  void timesKeepNanosecondsWhereTheyHaveThem() {
    assertThat(print(Instant.parse("2020-02-03T04:05:06.000000001Z")))
        .isEqualTo("#inst \"2020-02-03T04:05:06.000000001-00:00\"");
    assertThat(print(Instant.parse("0000-01-01T00:00:00Z")))
        .isEqualTo("#inst \"0000-01-01T00:00:00.000-00:00\"");
    assertThat(read("#inst \"2020-02-03T04:05:06.000000001-00:00\""))
        .isEqualTo(Instant.parse("2020-02-03T04:05:06.000000001Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "2007-01-01T00:00:00Z, 2007-01-01T00:00:00.000-00:00",
    "1969-12-31T23:59:59.999Z, 1969-12-31T23:59:59.999-00:00",
    "1500-03-01T00:00:00Z, 1500-03-01T00:00:00.000-00:00",
  })
  void timesOfAllAges(String instant, String printed) {
    assertThat(print(Instant.parse(instant))).isEqualTo("#inst \"" + printed + "\"");
    assertThat(read("#inst \"" + printed + "\"")).isEqualTo(Instant.parse(instant));
  }

  @Test
  @SuppressWarnings("JavaUtilDate") // which applications still have
  void takesWhatJavaHas() {
    assertThat(print(Arrays.asList(1, (short) 2, (byte) 3, 4L, null))).isEqualTo("[1 2 3 4 nil]");
    assertThat(print(new int[] {1, 2})).isEqualTo("[1 2]");
    assertThat(print(new Object[] {"a", new double[] {0.5f}})).isEqualTo("[\"a\" [0.5]]");
    assertThat(print(0.1f)).isEqualTo("0.1");
    assertThat(print(Float.NEGATIVE_INFINITY)).isEqualTo("##-Inf");
    assertThat(print(new Date(0))).isEqualTo("#inst \"1970-01-01T00:00:00.000-00:00\"");
    assertThat(print(Optional.of(Optional.empty()))).isEqualTo("nil");
    assertThat(print(new byte[] {1, 2, 3})).isEqualTo("#sente/bytes \"AQID\"");
    assertThat(print(Collections.unmodifiableCollection(Set.of(1)))).isEqualTo("[1]");
    assertThat(print(Path.of("a"))).startsWith("\"file:");
    assertThat(print(Thread.State.NEW)).isEqualTo("\"NEW\"");
    assertThat(print(Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
    assertThat(print(new BigInteger("5"))).isEqualTo("5N");
    assertThat(print(new BigDecimal("1.50"))).isEqualTo("1.50M");
  }

  @Test
  void whatIsReadCannotBeModified() {
    for (var text : List.of("[1]", "[]", "(1)", "()", "#{1}", "#{}", "{1 1}", "{}", "#:a{:b 1}")) {
      var value = read(text);
      if (value instanceof Map<?, ?> map) {
        assertThatThrownBy(map::clear).isInstanceOf(UnsupportedOperationException.class);
      } else if (value instanceof java.util.Collection<?> elements) {
        assertThatThrownBy(elements::clear).isInstanceOf(UnsupportedOperationException.class);
      }
    }
    // Unlike List.of, these can be asked for null.
    assertThat(((List<?>) requireNonNull(read("[1]"))).contains(null)).isFalse();
  }

  @Test
  void stringKeysBecomeKeywordsIfWanted() {
    var map = new LinkedHashMap<Object, Object>();
    map.put("text", "hi");
    map.put("two words", 1);
    map.put(3, Map.of("inner", 4));

    var keyworded = EdnPacker.create(PackerOptions.defaults().withKeywordKeys(true));
    assertThat(new String(keyworded.pack(map), UTF_8))
        .isEqualTo("{:text \"hi\", \"two words\" 1, 3 {:inner 4}}");
    assertThat(print(map)).isEqualTo("{\"text\" \"hi\", \"two words\" 1, 3 {\"inner\" 4}}");
  }

  @Test
  void keyOrderIsKept() {
    assertThat(print(read("{:z 1 :a 2 :m 3 9 4 nil 5 :b 6 :c 7 :d 8 :e 9 :f 10}")))
        .isEqualTo("{:z 1, :a 2, :m 3, 9 4, nil 5, :b 6, :c 7, :d 8, :e 9, :f 10}");
  }

  @Test
  void whatFollowsTheValueIsIgnored() {
    assertThat(read("1 ]]")).isEqualTo(1L);
    assertThat(read("[:a]garbage")).isEqualTo(List.of(Keyword.of("a")));
    assertThat(read("")).isNull();
    assertThat(read(" ; nothing\n")).isNull();
  }

  @Test
  void elementsAreTakenApartWhateverStandsBetween() {
    var value =
        PACKER.read(
            "#_ x ^{:a [1]} [1 #_2 ,, ; three\n #_#_4 5 [6 #{7}] \"]\" \\] #a/b {:c 1}]"
                .getBytes(UTF_8));

    assertThat(value.isVector()).isTrue();
    assertThat(value.elements().stream().map(element -> print(element.value())))
        .containsExactly("1", "[6 #{7}]", "\"]\"", "\\]", "#a/b {:c 1}");
    assertThat(value.elements().get(1).isVector()).isTrue();
    assertThat(PACKER.read("{}".getBytes(UTF_8)).isVector()).isFalse();
    assertThat(PACKER.read(new byte[0]).isVector()).isFalse();
    assertThatThrownBy(() -> PACKER.read("{}".getBytes(UTF_8)).elements())
        .isInstanceOf(UnpackException.class);
  }

  @Test
  void whatIsNeverLookedAtIsNeverRead() {
    var elements = PACKER.read("[:chsk/x 08 [1]]".getBytes(UTF_8)).elements();

    assertThat(elements.get(0).value()).isEqualTo(Keyword.of("chsk/x"));
    assertThat(elements.get(2).value()).isEqualTo(List.of(1L));
    assertThatThrownBy(() -> elements.get(1).value()).isInstanceOf(UnpackException.class);
  }
}
