package dev.sente.packer.edn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.packer.PackedValue;
import dev.sente.packer.PlainValues;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** edn on any value. */
class EdnPropertyTest {

  private final EdnPacker packer = EdnPacker.create();

  @Provide
  Arbitrary<Object> values() {
    return PlainValues.any();
  }

  @Property
  void comesBack(@ForAll("values") Object value) {
    assertThat(packer.unpack(packer.pack(value))).isEqualTo(value);
  }

  @Property
  void printsAsClojure(@ForAll("values") Object value) {
    assertThat(new String(packer.pack(value), UTF_8)).isEqualTo(Clojure.print(value));
  }

  @Property
  void readsWhatClojurePrints(@ForAll("values") Object value) {
    assertThat(packer.unpack(Clojure.print(value).getBytes(UTF_8))).isEqualTo(value);
  }

  @Property
  void clojureReadsWhatIsPacked(@ForAll("values") Object value) {
    assertThat(Clojure.read(new String(packer.pack(value), UTF_8))).isEqualTo(value);
  }

  @Property
  void joinedElementsAreTheVector(@ForAll("values") Object one, @ForAll("values") Object two) {
    var joined =
        packer.joinElements(
            List.of(packer.packElement(one), packer.packElement(two), packer.packElement(one)));

    assertThat(packer.finish(joined)).isEqualTo(packer.pack(List.of(one, two, one)));
    assertThat(packer.read(joined).elements())
        .extracting(PackedValue::value)
        .isEqualTo(List.of(one, two, one));
  }

  @Property
  void elementsAreThoseOfTheValue(@ForAll("values") Object value) {
    var read = packer.read(packer.pack(value));

    assertThat(read.isVector()).isEqualTo(value instanceof List<?>);
    if (value instanceof List<?> list) {
      assertThat(read.elements()).extracting(PackedValue::value).isEqualTo(list);
    }
  }
}
