package dev.sente.packer.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.packer.BindException;
import dev.sente.packer.Hostile;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.PlainValues;
import dev.sente.packer.UnpackException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
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
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.deser.ValueInstantiator;
import tools.jackson.databind.deser.ValueInstantiators;
import tools.jackson.databind.deser.std.StdValueInstantiator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** JSON, with and without classes, from friends and foes. */
class JsonPackerTest {

  private static final JsonPacker PACKER = JsonPacker.DEFAULT;

  private static @Nullable Object read(String text) {
    return PACKER.unpack(text.getBytes(UTF_8));
  }

  private static String print(@Nullable Object value) {
    return new String(PACKER.pack(value), UTF_8);
  }

  @Provide
  Arbitrary<Object> values() {
    var scalars = PlainValues.json();
    var lists = scalars.list().ofMaxSize(4).map(list -> (Object) list);
    var maps =
        Arbitraries.maps(Arbitraries.strings().ascii().ofMaxLength(5), scalars)
            .ofMaxSize(4)
            .map(map -> (Object) map);
    return Arbitraries.oneOf(scalars, lists, maps, lists.list().ofMaxSize(3).map(x -> (Object) x));
  }

  @Property
  void comesBack(@ForAll("values") Object value) {
    assertThat(PACKER.unpack(PACKER.pack(value))).isEqualTo(value);
  }

  @Property
  void joinedElementsAreTheVector(@ForAll("values") Object one, @ForAll("values") Object two) {
    var joined = PACKER.joinElements(List.of(PACKER.packElement(one), PACKER.packElement(two)));

    assertThat(PACKER.finish(joined)).isEqualTo(PACKER.pack(List.of(one, two)));
    assertThat(PACKER.read(joined).elements())
        .extracting(PackedValue::value)
        .isEqualTo(List.of(one, two));
  }

  @Test
  void writesWhatJsonHasNotAsItsNearest() {
    assertThat(print(Keyword.of("a/b"))).isEqualTo("\"a/b\"");
    assertThat(print(Symbol.of("a/b"))).isEqualTo("\"a/b\"");
    assertThat(print(Map.of(Keyword.of("a/b"), Set.of(Ratio.of(1, 2)))))
        .isEqualTo("{\"a/b\":[0.5]}");
    assertThat(print(Optional.empty())).isEqualTo("null");
    assertThat(print('c')).isEqualTo("\"c\"");
    assertThat(print(new byte[] {1, 2})).isEqualTo("\"AQI=\"");
    assertThat(print(new BigDecimal("1.50"))).isEqualTo("1.50");
    assertThat(print(Double.NaN)).isEqualTo("\"NaN\"");
  }

  @Test
  void readsNumbersAsLongBigIntegerAndDouble() {
    assertThat(read("[1,-9223372036854775808,9223372036854775808,1.0,1e2,1e999]"))
        .isEqualTo(
            List.of(
                1L,
                Long.MIN_VALUE,
                new BigInteger("9223372036854775808"),
                1.0,
                100.0,
                Double.POSITIVE_INFINITY));
  }

  @Test
  void ofANameTwiceTheLastCounts() {
    assertThat(read("{\"a\":1,\"a\":2}")).isEqualTo(Map.of("a", 2L));
  }

  @Test
  void whatIsReadCannotBeModified() {
    assertThatThrownBy(() -> ((Collection<?>) value("[1]")).clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> ((Map<?, ?>) value("{\"a\":1}")).clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private static Object value(String text) {
    return Optional.ofNullable(read(text)).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "[",
        "]",
        "[1",
        "[1,]",
        "[,1]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{a:1}",
        "'a'",
        "\"a",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "NaN",
        "Infinity",
        "01",
        "+1",
        ".5",
        "1.",
        "1 2",
        "[] []",
        "// c\n1",
        "/* c */1",
        "tru",
        "nulls",
        "[1}",
        "{]",
        "\u0000" + "1",
        "\ufeff1x"
      })
  void whatIsNotJsonIsRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(UnpackException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1", "[1,", "[,1]", "[1,]", "[\"a]", "[[1]", "[1] 2", "{}", "1", ""})
  void whatIsNotAnArrayIsNotTakenApart(String text) {
    assertThatThrownBy(() -> PACKER.read(text.getBytes(UTF_8)).elements())
        .isInstanceOf(UnpackException.class);
  }

  @Test
  void elementsAreTakenApartWhateverIsInThem() {
    var value =
        PACKER.read(" [ 1 , \"],\\\"\" ,{\"a\":[1,\"}\"]},[[],[2]] , null\n] ".getBytes(UTF_8));

    assertThat(value.elements().stream().map(element -> print(element.value())))
        .containsExactly("1", "\"],\\\"\"", "{\"a\":[1,\"}\"]}", "[[],[2]]", "null");
    assertThat(PACKER.read(" [ ] ".getBytes(UTF_8)).elements()).isEmpty();
  }

  @Test
  void malformedUtf8IsRefused() {
    for (int[] bytes :
        List.of(
            new int[] {0xc3},
            new int[] {0x80},
            new int[] {0xc0, 0x80},
            new int[] {0xe0, 0x80, 0x80},
            new int[] {0xed, 0xa0, 0x80},
            new int[] {0xf0, 0x80, 0x80, 0x80},
            new int[] {0xf4, 0x90, 0x80, 0x80},
            new int[] {0xff})) {
      var packed = new byte[bytes.length + 2];
      packed[0] = '"';
      for (int i = 0; i < bytes.length; i++) {
        packed[i + 1] = (byte) bytes[i];
      }
      packed[packed.length - 1] = '"';
      assertThatThrownBy(() -> PACKER.read(packed))
          .isInstanceOfSatisfying(
              UnpackException.class, e -> assertThat(e.position()).isEqualTo(1));
    }
  }

  @Test
  void deepNestingIsRefusedReadAndSkipped() {
    for (var opener : List.of("[", "{\"a\":", "[{\"a\":")) {
      for (int depth : new int[] {101, 10_000, 100_000}) {
        var packed = opener.repeat(depth).getBytes(UTF_8);
        assertThatThrownBy(() -> PACKER.unpack(packed)).isInstanceOf(UnpackException.class);
        var inside = ("[" + opener.repeat(depth)).getBytes(UTF_8);
        assertThatThrownBy(() -> PACKER.read(inside).elements())
            .isInstanceOf(UnpackException.class)
            .hasMessageContaining("at most 100 levels");
      }
    }
    var deepest = ("[".repeat(100) + "]".repeat(100)).getBytes(UTF_8);
    assertThat(PACKER.unpack(deepest)).isInstanceOf(List.class);
    // Room is left for a frame.
    var written = ("[".repeat(98) + "]".repeat(98)).getBytes(UTF_8);
    assertThat(PACKER.pack(PACKER.unpack(written))).isEqualTo(written);
    assertThatThrownBy(() -> PACKER.pack(PACKER.unpack(deepest))).isInstanceOf(PackException.class);
  }

  @Test
  void stringsEndAtTheirQuoteWhereverItStands() {
    for (int length = 0; length < 40; length++) {
      for (int at = 0; at <= length; at++) {
        for (var special : List.of("\"", "\\", "\\\"", "é", "\u0001", "!", "#", "]")) {
          var text = "x".repeat(at) + special + "y".repeat(length - at);
          var value = List.of(text, 7L, List.of(text), Map.of(text, text));
          var elements = PACKER.read(PACKER.pack(value)).elements();
          assertThat(elements.stream().map(PackedValue::value).toList()).isEqualTo(value);
        }
      }
    }
  }

  @Test
  void integersAreReadAloneAsWithin() {
    for (var text :
        List.of(
            "0",
            "1",
            "-1",
            "10",
            "999999999999999999",
            "9999999999999999999",
            "1.0",
            "1e2",
            "-0")) {
      var alone = PACKER.read(("[" + text + "]").getBytes(UTF_8)).elements().getFirst().value();
      assertThat(List.of(alone)).isEqualTo(read("[" + text + "]"));
    }
    for (var text : List.of("01", "1x", "+1", "1:", "/1")) {
      var alone = PACKER.read(("[" + text + "]").getBytes(UTF_8)).elements().getFirst();
      assertThatThrownBy(alone::value).isInstanceOf(UnpackException.class);
    }
  }

  @Test
  void longNumbersAreRefused() {
    assertThatThrownBy(() -> read("7".repeat(1001))).isInstanceOf(UnpackException.class);
    assertThat(read("7".repeat(1000))).isEqualTo(new BigInteger("7".repeat(1000)));
  }

  @Test
  void longStringsAndNamesPassAndAreRefused() {
    assertThat(read("\"" + "x".repeat(21_000_000) + "\"")).isEqualTo("x".repeat(21_000_000));
    assertThatThrownBy(() -> read("{\"" + "x".repeat(50_001) + "\":1}"))
        .isInstanceOf(UnpackException.class);
  }

  @Test
  void hugeExponentsDoNotBecomeHugeIntegers() {
    var value = PACKER.read("1e999999999".getBytes(UTF_8));

    assertThatThrownBy(() -> value.as(BigInteger.class))
        .isInstanceOfAny(BindException.class, UnpackException.class);
    assertThatThrownBy(() -> value.as(Integer.class)).isInstanceOf(BindException.class);
    assertThatThrownBy(() -> value.as(Ratio.class)).isInstanceOf(BindException.class);
  }

  private static final String SAMPLE =
      "[\"chsk/x\",{\"text\":\"a\\n"
          + "\\u0041\\uD83D\\uDE00é😀\",\"number\":-12,\"inner\":{\"text\":null}}, [1.5e3, true,"
          + " false, [[]], 12345678901234567890]]";

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
    Hostile.random(PACKER, "[]{}\":,0123456789eE.+-\\untrfalse \né".getBytes(UTF_8));
  }

  @Test
  void memoryIsBoundedByTheInput() {
    Hostile.assertAllocation(PACKER, ("[" + "1,".repeat(500_000) + "1]").getBytes(UTF_8), 64);
    Hostile.assertAllocation(PACKER, ("[" + "[],".repeat(300_000) + "1]").getBytes(UTF_8), 64);
    Hostile.assertAllocation(PACKER, ("[" + "{},".repeat(300_000) + "1]").getBytes(UTF_8), 64);
    var names = new StringBuilder("{");
    for (int i = 0; i < 100_000; i++) {
      names.append("\"n").append(i).append("\":1,");
    }
    Hostile.assertAllocation(PACKER, names.append("\"\":1}").toString().getBytes(UTF_8), 64);
  }

  @Test
  void anApplicationsMapperCounts() {
    record Person(String firstName) {}

    var packer =
        JsonPacker.create(
            JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build());

    assertThat(new String(packer.pack(new Person("Ann")), UTF_8))
        .isEqualTo("{\"first_name\":\"Ann\"}");
    assertThat(packer.read(packer.pack(new Person("Ann"))).as(Person.class))
        .isEqualTo(new Person("Ann"));
    assertThat(new String(packer.pack(Keyword.of("a")), UTF_8)).isEqualTo("\"a\"");
  }

  /** Kotlin's, for one, takes no other. */
  @Test
  void anApplicationsInstantiatorsAreGivenJacksonsOwn() {
    record Person(String firstName) {}

    var given = new ArrayList<Class<?>>();
    var instantiators =
        new ValueInstantiators.Base() {
          @Override
          public ValueInstantiator modifyValueInstantiator(
              DeserializationConfig config,
              BeanDescription.Supplier bean,
              ValueInstantiator instantiator) {
            if (bean.getBeanClass() == Person.class) {
              given.add(instantiator.getClass());
            }
            return instantiator;
          }
        };
    var module =
        new SimpleModule("own") {
          @Override
          public void setupModule(SetupContext context) {
            super.setupModule(context);
            context.addValueInstantiators(instantiators);
          }
        };
    var packer = JsonPacker.create(JsonMapper.builder().addModule(module).build());

    assertThat(packer.read(packer.pack(new Person("Ann"))).as(Person.class))
        .isEqualTo(new Person("Ann"));
    assertThat(given).isNotEmpty().containsOnly(StdValueInstantiator.class);
  }

  @Test
  void whatJsonCannotHoldIsNotWritten() {
    var list = new ArrayList<Object>();
    list.add(list);

    assertThatThrownBy(() -> print(list)).isInstanceOf(PackException.class);
  }
}
