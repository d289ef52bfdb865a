package dev.sente.packer.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.packer.PackedValue;
import dev.sente.packer.UnpackException;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** An outline only saves time: messages are taken apart as without one. */
class JsonOutlineTest {

  private static final JsonPacker PACKER = JsonPacker.DEFAULT;

  @Provide
  Arbitrary<String> anything() {
    return Arbitraries.of("[", "]", "[", "]", "{", "}", ",", ":", "\"", "\\", "1", "a", " ", "null")
        .list()
        .ofMaxSize(30)
        .map(parts -> "[" + String.join("", parts) + "]");
  }

  @Provide
  Arbitrary<String> nested() {
    var leaf =
        Arbitraries.of(
            "1", "-2.5", "\"a,]\\\"[\"", "{\"a\":[1,{\"b\":[]}]}", "[]", " [ ] ", "true");
    return Arbitraries.recursive(
        () -> leaf,
        inner -> inner.list().ofMaxSize(4).map(all -> "[" + String.join(" ,", all) + "]"),
        1,
        7);
  }

  @Property(tries = 20_000)
  void anythingIsTakenApartAsWithout(@ForAll("anything") String text) {
    check(text);
  }

  @Property(tries = 2_000)
  void vectorsAreTakenApartAsWithout(@ForAll("nested") String text) {
    check(text);
    check(text + " 1");
  }

  @Example
  void manyElementsAreTakenApartAsWithout() {
    check("[" + "[1,2],".repeat(2_000) + "[3]]");
    check("[[1," + "2,".repeat(5_000) + "3],[4]]");
    check("[".repeat(90) + "]".repeat(90));
    check("[".repeat(101) + "]".repeat(101));
    check("[1,[" + "{\"a\":".repeat(99) + "1" + "}".repeat(99) + "]]");
  }

  @Example
  void whatFollowsAnEmptyArrayIsRefused() {
    assertThat(parts(JsonSlice.of("[] 1".getBytes(UTF_8), PACKER)))
        .isEqualTo("expected nothing more at byte 3");
  }

  private static void check(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    assertThat(parts(JsonSlice.of(bytes, PACKER)))
        .as(text)
        .isEqualTo(parts(JsonSlice.withoutOutline(bytes, PACKER)));
  }

  /** The parts of the parts of a value, down to what is no array; or why they cannot be told. */
  private static Object parts(PackedValue value) {
    if (!value.isVector()) {
      return tell(value);
    }
    List<PackedValue> elements;
    try {
      elements = value.elements();
    } catch (UnpackException e) {
      return String.valueOf(e.getMessage());
    }
    var parts = new ArrayList<Object>();
    for (var element : elements) {
      parts.add(parts(element));
    }
    return parts;
  }

  private static String tell(PackedValue value) {
    try {
      return "value " + value.value();
    } catch (UnpackException e) {
      return "unreadable: " + e.getMessage();
    }
  }
}
