package dev.sente.packer.msgpack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.Hostile;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.PlainValues;
import dev.sente.packer.UnpackException;
import dev.sente.packer.edn.EdnPacker;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessagePack;

/** MessagePack with Sente's extensions: on any value, against another codec, and on malice. */
class MsgpackPackerTest {

  private static final MsgpackPacker PACKER = MsgpackPacker.DEFAULT;

  private static @Nullable Object read(String hex) {
    return PACKER.unpack(HexFormat.of().parseHex(hex));
  }

  private static String hex(@Nullable Object value) {
    return HexFormat.of().formatHex(PACKER.pack(value));
  }

  private static @Nullable Object edn(String text) {
    return EdnPacker.DEFAULT.unpack(text.getBytes(UTF_8));
  }

  @Provide
  Arbitrary<Object> values() {
    return PlainValues.any().filter(MsgpackPackerTest::isKnown);
  }

  @Provide
  Arbitrary<Object> plain() {
    return PlainValues.values(PlainValues.json()).filter(MsgpackPackerTest::isStandard);
  }

  /** Without what MessagePack lacks. */
  private static boolean isKnown(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case BigInteger number -> false;
      case BigDecimal number -> false;
      case TaggedValue tagged -> false;
      case Ratio ratio -> ratio.numerator().bitLength() < 64;
      case List<?> list -> list.stream().allMatch(MsgpackPackerTest::isKnown);
      case Set<?> set -> set.stream().allMatch(MsgpackPackerTest::isKnown);
      case Map<?, ?> map ->
          map.keySet().stream().allMatch(MsgpackPackerTest::isKnown)
              && map.values().stream().allMatch(MsgpackPackerTest::isKnown);
      default -> true;
    };
  }

  /** Without extensions. */
  private static boolean isStandard(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case TaggedValue tagged -> false;
      case Symbol symbol -> false;
      case Set<?> set -> false;
      case List<?> list -> list.stream().allMatch(MsgpackPackerTest::isStandard);
      case Map<?, ?> map ->
          map.keySet().stream().allMatch(MsgpackPackerTest::isStandard)
              && map.values().stream().allMatch(MsgpackPackerTest::isStandard);
      default -> true;
    };
  }

  @Property
  void comesBack(@ForAll("values") Object value) {
    assertThat(PACKER.unpack(PACKER.pack(value))).isEqualTo(value);
    assertThat(PACKER.unpack(PACKER.packElement(value))).isEqualTo(value);
  }

  @Property
  void anotherCodecReadsIt(@ForAll("plain") Object value) throws Exception {
    try (var unpacker = MessagePack.newDefaultUnpacker(PACKER.packElement(value))) {
      assertThat(theirs(unpacker.unpackValue())).isEqualTo(value);
      assertThat(unpacker.hasNext()).isFalse();
    }
  }

  private static @Nullable Object theirs(org.msgpack.value.Value value) {
    return switch (value.getValueType()) {
      case NIL -> null;
      case BOOLEAN -> value.asBooleanValue().getBoolean();
      case INTEGER -> value.asIntegerValue().asLong();
      case FLOAT -> value.asFloatValue().toDouble();
      case STRING -> value.asStringValue().asString();
      case ARRAY -> value.asArrayValue().list().stream().map(MsgpackPackerTest::theirs).toList();
      case MAP -> {
        var map = new LinkedHashMap<@Nullable Object, @Nullable Object>();
        value.asMapValue().map().forEach((k, v) -> map.put(theirs(k), theirs(v)));
        yield map;
      }
      default -> throw new IllegalStateException("not in this test: " + value.getValueType());
    };
  }

  @Property
  void integersAreAsAnotherCodecWritesThem(@ForAll long number) throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var packer = MessagePack.newDefaultPacker(bytes)) {
      packer.packLong(number);
    }
    // What needs 64 bits is signed with Sente, where the other codec prefers unsigned.
    var expected = HexFormat.of().formatHex(bytes.toByteArray()).replaceFirst("^cf", "d3");
    assertThat(hex(number)).isEqualTo(expected);
  }

  @Property
  void joinedElementsAreTheVector(@ForAll("values") Object one, @ForAll("values") Object two) {
    var joined =
        PACKER.joinElements(
            List.of(
                PACKER.packElement(one),
                PACKER.joinElements(List.of(PACKER.packElement(two))),
                PACKER.packElement(one)));

    assertThat(PACKER.unpack(PACKER.finish(joined))).isEqualTo(List.of(one, List.of(two), one));
    assertThat(PACKER.read(joined).elements())
        .extracting(PackedValue::value)
        .isEqualTo(List.of(one, List.of(two), one));
  }

  @Property
  void elementsAreThoseOfTheValueThoughTheyShareKeys(@ForAll("values") Object value) {
    var list = List.of(Map.of("a", 1L), value, List.of(value, Map.of("a", 2L)), value);
    var elements = PACKER.read(PACKER.pack(list)).elements();

    assertThat(elements).extracting(PackedValue::value).isEqualTo(list);
    assertThat(elements.get(2).elements())
        .extracting(PackedValue::value)
        .isEqualTo(List.of(value, Map.of("a", 2L)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nil|c0",
        "0|00",
        "127|7f",
        "128|cc80",
        "65535|cdffff",
        "65536|ce00010000",
        "4294967295|ceffffffff",
        "4294967296|d30000000100000000",
        "-1|ff",
        "-32|e0",
        "-33|d0df",
        "-129|d1ff7f",
        "-32769|d2ffff7fff",
        "-2147483649|d3ffffffff7fffffff",
        "18446744073709551615N|cfffffffffffffffff",
        ":a|d40061",
        ":ab|d5006162",
        ":abcd|d60061626364",
        ":abc|c70300616263",
        "x|d40178",
        "\\é|d502c3a9",
        "1/3|d5030103",
        "#{}|d40490",
        "#{1}|d5049101",
        "[{:a 1} {:a 2}]|9281d400610181d4080002",
        "#{{:a {:a 1}}}|c70a049181d4006181d4080001",
        "{:a 1, \"a\" 2}|82d4006101a16102",
        "#inst \"1970-01-01T00:00:01.000000002-00:00\"|c70cff000000020000000000000001",
        "#inst \"1969-12-31T23:59:59.999-00:00\"|c70cff3b8b87c0ffffffffffffffff",
        "#sente/bytes \"AQI=\"|c4020102",
        "#msgpack/ext42 #sente/bytes \"AQI=\"|d52a0102",
        "#msgpack/ext-5 #sente/bytes \"AQID\"|c703fb010203",
      })
  void isWrittenSo(String edn, String hex) {
    var value = edn(edn);

    assertThat(hex(value)).isEqualTo(hex);
    assertThat(EdnPacker.DEFAULT.pack(read(hex))).isEqualTo(EdnPacker.DEFAULT.pack(value));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ca3fc00000|1.5",
        "ca7fc00000|##NaN",
        "cf0000000000000001|1",
        "c7010061|:a",
        "c800010061|:a",
        "c9000000010061|:a",
        "d90161|\"a\"",
        "da000161|\"a\"",
        "db0000000161|\"a\"",
        "dc000101|[1]",
        "dd0000000101|[1]",
        "de00010102|{1 2}",
        "df000000010102|{1 2}",
        "c50001ff|#sente/bytes \"/w==\"",
        "c600000001ff|#sente/bytes \"/w==\"",
        "d5030402|2",
        "d603cdffff02|65535/2",
        "c7080500000001ffffffff|[1 -1]",
        "d6063fc00000|[1.5]",
        "d7073ff8000000000000|[1.5]",
        "c70005|[]",
        "d6ff00000001|#inst \"1970-01-01T00:00:01.000-00:00\"",
        "d7ff0000000800000001|#inst \"1970-01-01T00:00:01.000000002-00:00\"",
        "82a16101a16102|{\"a\" 2}",
        "9281a1610181a16102|[{\"a\" 1} {\"a\" 2}]",
        "c400|#sente/bytes \"\"",
        "0102|1",
        "9201c00000000000|[1 nil]",
      })
  void isReadSo(String hex, String edn) {
    assertThat(EdnPacker.DEFAULT.pack(read(hex))).isEqualTo(EdnPacker.DEFAULT.pack(edn(edn)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "c1",
        "cc",
        "cd00",
        "ce000000",
        "cf00000000000000",
        "ca000000",
        "cb00",
        "a2",
        "d9",
        "d902ff",
        "db7fffffff",
        "dbffffffff",
        "c6ffffffff",
        "ddffffffff",
        "dfffffffff",
        "dd00100000",
        "df00100000",
        "91",
        "81",
        "8101",
        "d4",
        "d400",
        "c7",
        "c701",
        "c9ffffffff00",
        "c9ffffffff",
        "c70000",
        "c70001",
        "c70002",
        "d5026161",
        "d5030000",
        "d503a161",
        "d50301c0",
        "d40401",
        "d5049001",
        "c703049201",
        "d40800",
        "81d4080001",
        "91d40800",
        "82a16101d4080101",
        "c70309616263",
        "c70105ff",
        "c703ff000000",
        "c70cff000000007fffffffffffffff",
        "a1ff",
        "a2c080",
        "a3eda080",
        "c70100ff",
        "d401ff"
      })
  void isRefused(String hex) {
    assertThatThrownBy(() -> read(hex)).isInstanceOf(UnpackException.class);
    assertThatThrownBy(() -> PACKER.read(HexFormat.of().parseHex(hex)).value())
        .isInstanceOf(UnpackException.class);
  }

  @Test
  void keysBeyond256AreSpelledOut() {
    var map = new LinkedHashMap<Object, Object>();
    for (long i = 0; i < 300; i++) {
      map.put("key" + i, i);
    }
    var value = List.of(map, map);
    var packed = PACKER.pack(value);

    assertThat(PACKER.unpack(packed)).isEqualTo(value);
    assertThat(PACKER.read(packed).elements()).extracting(PackedValue::value).isEqualTo(value);
    assertThat(packed.length).isLessThan(PACKER.packElement(value).length - 256);
  }

  @Test
  void largeCollectionsAndTexts() {
    for (int size : new int[] {15, 16, 31, 32, 255, 256, 65_535, 65_536}) {
      var list = java.util.Collections.nCopies(size, 1L);
      var text = "x".repeat(size);
      var set = new LinkedHashSet<Object>();
      var map = new LinkedHashMap<Object, Object>();
      for (long i = 0; i < size; i++) {
        set.add(i);
        map.put(i, null);
      }
      var bytes = new byte[size];
      for (Object value : List.of(list, text, set, map, Keyword.of(text), text + "é")) {
        assertThat(PACKER.unpack(PACKER.pack(value))).isEqualTo(value);
      }
      assertThat(PACKER.unpack(PACKER.pack(bytes))).isEqualTo(bytes);
    }
  }

  @Test
  void takesWhatJavaHas() {
    assertThat(hex(Arrays.asList(1, (short) 2, (byte) 3, null))).isEqualTo("94010203c0");
    assertThat(hex(1.5f)).isEqualTo("ca3fc00000");
    assertThat(hex(new BigDecimal("1.5"))).isEqualTo("cb3ff8000000000000");
    assertThat(hex(new int[] {1, 2})).isEqualTo("920102");
    assertThat(hex(java.util.Optional.empty())).isEqualTo("c0");
    var keyworded = MsgpackPacker.create(PackerOptions.defaults().withKeywordKeys(true));
    assertThat(keyworded.pack(Map.of("a", 1))).isEqualTo(PACKER.pack(Map.of(Keyword.of("a"), 1)));
  }

  @Test
  void whatMessagePackHasNotIsNotWritten() {
    for (Object value :
        List.of(
            BigInteger.TWO.pow(64),
            BigInteger.TWO.pow(63).negate().subtract(BigInteger.ONE),
            TaggedValue.of("my/tag", 1),
            TaggedValue.of("msgpack/ext200", new byte[0]),
            '\ud800')) {
      assertThatThrownBy(() -> PACKER.pack(value)).isInstanceOf(PackException.class);
    }
  }

  @Test
  void aRatioIsNoLevel() {
    Object value = Ratio.of(1, 3);
    for (int i = 0; i < 100; i++) {
      value = List.of(value);
    }
    assertThat(PACKER.unpack(PACKER.pack(value))).isEqualTo(value);
  }

  @Test
  void whatStandsForItsOwnTypesIsNotWritten() {
    for (int id = -1; id <= 9; id++) {
      var tagged = TaggedValue.of("msgpack/ext" + id, new byte[] {-1});
      assertThatThrownBy(() -> PACKER.pack(tagged)).isInstanceOf(PackException.class);
      assertThatThrownBy(() -> PACKER.pack(Map.of(tagged, 1))).isInstanceOf(PackException.class);
    }
    for (int id : new int[] {-128, -2, 10, 127}) {
      var tagged = TaggedValue.of("msgpack/ext" + id, new byte[] {-1});
      assertThat(hex(tagged)).isEqualTo("d4%02xff".formatted(id & 0xff));
    }
  }

  @Test
  void timesOfAllAgesComeBack() {
    for (var time : List.of(Instant.MIN, Instant.EPOCH.minusNanos(1), Instant.MAX)) {
      assertThat(PACKER.unpack(PACKER.pack(time))).isEqualTo(time);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"91", "81", "dc0001", "81c0", "d404", "8191", "c80fff04"})
  void deepNestingIsRefusedReadAndSkipped(String opener) {
    for (int depth : new int[] {101, 100_000}) {
      var packed = HexFormat.of().parseHex("91" + opener.repeat(depth) + "c0");
      assertThatThrownBy(() -> PACKER.unpack(packed)).isInstanceOf(UnpackException.class);
      assertThatThrownBy(() -> PACKER.read(packed).elements()).isInstanceOf(UnpackException.class);
    }
  }

  @Test
  void aHundredLevelsPass() {
    var packed = HexFormat.of().parseHex("91".repeat(99) + "90");
    assertThat(PACKER.pack(PACKER.unpack(packed))).isEqualTo(packed);
    assertThatThrownBy(() -> PACKER.unpack(HexFormat.of().parseHex("91".repeat(100) + "90")))
        .isInstanceOf(UnpackException.class)
        .hasMessageContaining("100 levels");
    var tooDeep = List.of(requireValue(PACKER.unpack(packed)));
    assertThatThrownBy(() -> PACKER.pack(tooDeep)).isInstanceOf(PackException.class);
  }

  private static Object requireValue(@Nullable Object value) {
    return java.util.Objects.requireNonNull(value);
  }

  private static final byte[] SAMPLE =
      PACKER.pack(
          edn(
              "[:chsk/x {:text \"aé\" :number -129 :s #{{:text 1} 1/3} :t [{:text 1.5 \"k\" x}]}"
                  + " [#inst \"2020\" #uuid \"550e8400-e29b-41d4-a716-446655440000\" \\a {:text"
                  + " nil}]]"));

  @Test
  void everyPrefixIsAValueOrRefused() {
    Hostile.prefixes(PACKER, SAMPLE);
  }

  @Test
  void everyChangedByteIsAValueOrRefused() {
    Hostile.changes(PACKER, SAMPLE);
  }

  @Test
  void randomBytesAreAValueOrRefused() {
    Hostile.random(
        PACKER,
        HexFormat.of()
            .parseHex("00017f808182909192a0a1a2c0c3c4c7c8cacccfd0d3d4d5d6d9dcdee0ff08090461"));
  }

  @Test
  void memoryIsBoundedByTheInput() {
    Hostile.assertAllocation(PACKER, array(1_000_000, "7f"), 64);
    Hostile.assertAllocation(PACKER, array(500_000, "9101"), 64);
    Hostile.assertAllocation(PACKER, array(1_000_000, "80"), 64);
    Hostile.assertAllocation(PACKER, array(300_000, "810101"), 128);
    Hostile.assertAllocation(PACKER, array(200_000, "d5049101"), 128);
    Hostile.assertAllocation(PACKER, array(200_000, "d40061"), 64);
    // Elements after many keys share the table of them.
    Hostile.assertAllocation(PACKER, array(200_000, "81a16101"), 128);
  }

  private static byte[] array(int count, String element) {
    return HexFormat.of().parseHex("dd%08x".formatted(count) + element.repeat(count));
  }

  @Test
  void keysMadeToCollideAreRefused() {
    var packed = new StringBuilder("de0c00");
    for (int i = 0; i < 0x0c00; i++) {
      // 31 * a + b is the same for all of them.
      packed.append("92cd%04xce%08x01".formatted(i, 200_000 - 31 * i));
    }
    assertThatThrownBy(() -> read(packed.toString()))
        .isInstanceOf(UnpackException.class)
        .hasMessageContaining("different hash codes");
  }

  @Test
  void longsMayCollideWithEachOtherButNotWithManyOthers() {
    // A hash code of both is the one half of the bits against the other.
    var longs = new StringBuilder();
    for (int i = 10_000; i > 0; i--) {
      longs.append("d3%08x%08x01".formatted(i, i ^ 0x1234567));
    }
    var doubles = new StringBuilder();
    for (int i = 0; i < 1500; i++) {
      doubles.append("cb%08x%08x01".formatted(0x3ff00000 + i, (0x3ff00000 + i) ^ 0x1234567));
    }

    assertThat((Map<?, ?>) read("df%08x".formatted(10_000) + longs)).hasSize(10_000);
    assertThatThrownBy(() -> read("df%08x".formatted(11_500) + doubles + longs))
        .isInstanceOf(UnpackException.class)
        .hasMessageContaining("different hash codes");
  }

  /** A frame whose second message refers many times to a long key of its first. */
  private static byte[] references(int size) {
    var refs = "81d40800c0".repeat(size / 5);
    return HexFormat.of()
        .parseHex(
            "9192" // a frame of two messages
                + "92a3612f62"
                + "81db%08x".formatted(size)
                + "6b".repeat(size)
                + "c0"
                + "92a3612f63"
                + "dd%08x".formatted(size / 5)
                + refs);
  }

  @Test
  void aKeySpelledInAnotherElementIsReadOnce() {
    for (int size : new int[] {20_000, 200_000}) {
      var packed = references(size);
      Hostile.assertAllocation(
          () -> {
            var messages = PACKER.read(packed).elements().getFirst().elements();
            messages.get(1).elements().get(1).value();
          },
          128L * packed.length);
    }
  }

  @Test
  void elementsShareTheTableOfKeys() {
    // A map of 256 keys, and then arrays of an array each.
    var keys = new StringBuilder("de0100");
    for (int i = 0; i < 256; i++) {
      keys.append("a2%04xc0".formatted(0x6161 + i % 16 + i / 16 * 256));
    }
    int count = 50_000;
    var packed =
        HexFormat.of().parseHex("dd%08x".formatted(count + 1) + keys + "9191c0".repeat(count));
    Hostile.assertAllocation(
        () -> {
          var elements = PACKER.read(packed).elements();
          var taken = new ArrayList<List<PackedValue>>();
          for (var element : elements) {
            if (element.isVector()) {
              taken.add(element.elements());
            }
          }
          assertThat(taken).hasSize(count);
        },
        128L * packed.length);
  }

  enum Color {
    RED,
    GREEN
  }

  @Provide
  Arbitrary<List<Map<Object, Integer>>> keyedMaps() {
    var keys =
        Arbitraries.of(
            Color.RED,
            Color.GREEN,
            LocalDate.EPOCH,
            URI.create("a:b"),
            Optional.of("a"),
            Optional.of(Keyword.of("k")),
            Keyword.of("k"),
            "RED",
            "a",
            "b",
            7L);
    return Arbitraries.maps(keys, Arbitraries.integers()).ofMaxSize(4).list().ofMaxSize(6);
  }

  @Property(tries = 500)
  void keysOfEveryKindAreNumberedAsTheyAreRead(
      @ForAll("keyedMaps") List<Map<Object, Integer>> maps) {
    // Elements are spelled out.
    assertThat(PACKER.unpack(PACKER.pack(maps))).isEqualTo(PACKER.unpack(PACKER.packElement(maps)));
  }

  @Test
  void halfASurrogatePairIsNotWritten() {
    var sixty = "a".repeat(60);
    for (Object value :
        List.of(
            "a\ud800b",
            "\udc00",
            sixty + "\ud800",
            Keyword.of("a\ud800"),
            Symbol.of("\udc00a"),
            Map.of("\ud800", 1))) {
      assertThatThrownBy(() -> PACKER.pack(value))
          .isInstanceOf(PackException.class)
          .hasMessageContaining("surrogate");
    }
    assertThat(PACKER.unpack(PACKER.pack("a😀b"))).isEqualTo("a😀b");
  }
}
