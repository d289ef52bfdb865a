package dev.sente.packer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The application's classes through every packer, there and back. */
class BindingTest {

  enum Color {
    RED,
    GREEN
  }

  record Item(String name, BigDecimal price, int count) {}

  record Everything(
      Keyword id,
      String text,
      char letter,
      boolean yes,
      byte small,
      long large,
      BigInteger huge,
      double floating,
      Ratio third,
      Symbol symbol,
      Instant at,
      UUID uuid,
      byte[] bytes,
      Color color,
      Optional<String> maybe,
      Optional<String> never,
      List<Item> items,
      Set<Long> numbers,
      Map<String, Integer> counts,
      Map<Keyword, Color> colors,
      @Nullable String nothing) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Circle.class, name = "circle"),
    @JsonSubTypes.Type(value = Box.class, name = "box")
  })
  sealed interface Shape permits Circle, Box {}

  record Circle(double radius) implements Shape {}

  record Box(double width, double height) implements Shape {}

  record Drawing(List<Shape> shapes) {}

  static final Everything EVERYTHING =
      new Everything(
          Keyword.of("my/id"),
          "text",
          'x',
          true,
          (byte) -3,
          1L << 60,
          BigInteger.TWO.pow(63),
          1.5,
          Ratio.of(1, 4),
          Symbol.of("a/b"),
          Instant.parse("2020-02-03T04:05:06.789Z"),
          UUID.fromString("01234567-89ab-cdef-0123-456789abcdef"),
          new byte[] {1, -1},
          Color.GREEN,
          Optional.of("there"),
          Optional.empty(),
          List.of(new Item("pen", new BigDecimal("1.50"), 2)),
          Set.of(7L),
          Map.of("one", 1),
          Map.of(Keyword.of("k"), Color.RED),
          null);

  static Stream<Packer> packers() {
    return Stream.of(
        EdnPacker.DEFAULT,
        JsonPacker.DEFAULT,
        MsgpackPacker.DEFAULT,
        GzipPacker.of(JsonPacker.DEFAULT),
        GzipPacker.of(MsgpackPacker.DEFAULT));
  }

  @ParameterizedTest
  @MethodSource("packers")
  void everythingComesBack(Packer packer) {
    var back = packer.read(packer.pack(EVERYTHING)).as(Everything.class);

    // MessagePack's decimals are floats and lose their trailing zeros.
    assertThat(back)
        .usingRecursiveComparison()
        .withEqualsForType((a, b) -> a.compareTo(b) == 0, BigDecimal.class)
        .isEqualTo(EVERYTHING);
  }

  @ParameterizedTest
  @MethodSource("packers")
  void aSealedInterfaceComesBack(Packer packer) {
    var drawing = new Drawing(List.of(new Circle(1), new Box(2, 3)));

    assertThat(packer.read(packer.pack(drawing)).as(Drawing.class)).isEqualTo(drawing);
  }

  @ParameterizedTest
  @MethodSource("packers")
  void nullBindsToNull(Packer packer) {
    assertThat(packer.read(packer.pack(null)).as(Item.class)).isNull();
    assertThat(packer.read(packer.pack(null)).as(String.class)).isNull();
  }

  @Test
  void scalarsStayTypedInEdn() {
    assertThat(new String(EdnPacker.DEFAULT.pack(EVERYTHING), UTF_8))
        .isEqualTo(
            "{:id :my/id, :text \"text\", :letter \\x, :yes true, :small -3, :large"
                + " 1152921504606846976, :huge 9223372036854775808N, :floating 1.5,"
                + " :third 1/4, :symbol a/b, :at #inst \"2020-02-03T04:05:06.789-00:00\", :uuid"
                + " #uuid \"01234567-89ab-cdef-0123-456789abcdef\", :bytes #sente/bytes \"Af8=\","
                + " :color \"GREEN\", :maybe \"there\", :never nil, :items [{:name \"pen\", :price"
                + " 1.50M, :count 2}], :numbers #{7}, :counts {\"one\" 1}, :colors {:k \"RED\"},"
                + " :nothing nil}");
  }

  @Test
  void scalarsAreTextInJson() {
    assertThat(new String(JsonPacker.DEFAULT.pack(EVERYTHING), UTF_8))
        .contains("\"id\":\"my/id\"", "\"at\":\"2020-02-03T04:05:06.789Z\"", "\"third\":0.25")
        .contains("\"bytes\":\"Af8=\"", "\"colors\":{\"k\":\"RED\"}");
  }

  @Test
  void keywordAndStringKeysBothNameAProperty() {
    var item = new Item("pen", new BigDecimal("1.5"), 2);

    assertThat(edn("{:name \"pen\" :price 1.5M :count 2}").as(Item.class)).isEqualTo(item);
    assertThat(edn("{\"name\" \"pen\" \"price\" 1.5 \"count\" 2}").as(Item.class)).isEqualTo(item);
    assertThat(edn("#shop/item {name :pen, :price 3/2, :count 2}").as(Item.class)).isEqualTo(item);
  }

  @Test
  void whatIsAskedForAsAnythingKeepsItsType() {
    record Holder(Object any, List<Object> list, Map<String, Object> map) {}

    var holder = edn("{:any {:a #{1}} :list [:k 1/2] :map {:a :b}}").as(Holder.class);

    assertThat(holder)
        .isEqualTo(
            new Holder(
                Map.of(Keyword.of("a"), Set.of(1L)),
                List.of(Keyword.of("k"), Ratio.of(1, 2)),
                Map.of("a", Keyword.of("b"))));
    assertThat(edn("[:a]").as(Object.class)).isEqualTo(List.of(Keyword.of("a")));
    assertThat(edn("#t 1").as(TaggedValue.class)).isEqualTo(TaggedValue.of("t", 1L));
  }

  @Test
  void anUnpackedValueBindsToo() {
    var value = PackedValue.of(Map.of("name", "pen", "price", 2L, "count", 1L));

    assertThat(value.as(Item.class)).isEqualTo(new Item("pen", new BigDecimal(2), 1));
  }

  record Order(List<Item> items, Color color, Shape shape, Instant at, UUID id) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1]|''|expected a map, was a vector",
        "{\"items\":{}}|items|expected a vector, was a map",
        "{\"items\":[{\"count\":1},{\"count\":\"x\"}]}|items[1].count|expected an integer, was"
            + " another string",
        "{\"items\":[{\"price\":true}]}|items[0].price|expected a number, was a boolean",
        "{\"items\":[{\"count\":[]}]}|items[0].count|expected an integer, was a vector",
        "{\"items\":[{\"count\":3000000000}]}|items[0].count|expected an integer, was too large",
        "{\"items\":[{\"count\":null}]}|items[0].count|expected an integer, was null",
        "{\"items\":[{\"name\":{}}]}|items[0].name|expected a string, was a map",
        "{\"color\":\"BLUE\"}|color|expected one of RED, GREEN, was another string",
        "{\"shape\":{\"type\":\"line\"}}|shape|expected the name of a known type",
        "{\"shape\":{}}|shape|expected the name of a known type",
        "{\"at\":\"noon\"}|at|expected a time, was another string",
        "{\"id\":\"1\"}|id|expected a UUID, was another string",
      })
  void sayWhatDoesNotFitAndWhere(String json, String path, String message) {
    // Colons are white space for nobody, but commas are for edn; so JSON turns into edn easily.
    var text = json.replace("\":", "\" ").replace("null", "nil");
    for (var value : List.of(JsonPacker.DEFAULT.read(json.getBytes(UTF_8)), edn(text))) {
      assertThatThrownBy(() -> value.as(Order.class))
          .isInstanceOfSatisfying(
              BindException.class,
              e -> {
                assertThat(e.path()).isEqualTo(path);
                assertThat(e).hasMessage(path.isEmpty() ? message : path + ": " + message);
              });
    }
  }

  record Picky(int number) {
    Picky {
      if (number > 3) {
        throw new IllegalArgumentException("internal detail");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("packers")
  void aConstructorThatRefusesIsNotQuoted(Packer packer) {
    var value = packer.read(packer.pack(Map.of("number", 4)));

    assertThatThrownBy(() -> value.as(Picky.class))
        .isInstanceOf(BindException.class)
        .hasMessage("expected a value within the receiver's bounds");
  }

  @ParameterizedTest
  @MethodSource("packers")
  void aCycleIsRefused(Packer packer) {
    record Node(List<Object> next) {}

    var list = new ArrayList<Object>();
    list.add(new Node(list));

    assertThatThrownBy(() -> packer.pack(new Node(list))).isInstanceOf(PackException.class);
    assertThatThrownBy(() -> packer.pack(list)).isInstanceOf(PackException.class);
  }

  @ParameterizedTest
  @MethodSource("packers")
  void treesOfJacksonsAreMapsAndLists(Packer packer) {
    record Holder(JsonNode tree) {}

    var tree = JsonMapper.shared().readTree("{\"a\":1,\"b\":{\"c\":[1,2.5,null]},\"t\":\"x\"}");
    var plain = JsonPacker.DEFAULT.unpack(JsonPacker.DEFAULT.pack(tree));

    assertThat(packer.unpack(packer.pack(tree))).isEqualTo(plain);
    assertThat(packer.unpack(packer.pack(Map.of("x", tree)))).isEqualTo(Map.of("x", plain));
    assertThat(packer.unpack(packer.pack(List.of(tree.get("t"), tree.get("a")))))
        .isEqualTo(List.of("x", 1L));
    assertThat(packer.read(packer.pack(new Holder(tree))).as(Holder.class))
        .hasToString(new Holder(tree).toString());
  }

  @Test
  void bytesAreNoTime() {
    for (var type :
        List.of(Instant.class, Duration.class, LocalDate.class, OffsetDateTime.class, URI.class)) {
      assertThatThrownBy(() -> edn("#sente/bytes \"AAAA\"").as(type))
          .isInstanceOf(BindException.class)
          .message()
          .doesNotContain("java.", "jackson", "class");
    }
  }

  static PackedValue edn(String text) {
    return Objects.requireNonNull(EdnPacker.DEFAULT.read(text.getBytes(UTF_8)));
  }
}
