package dev.sente.testkit.packer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Keyword;
import dev.sente.packer.BindException;
import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every packer must do, by numbered rules. A packer's test extends it and names the packer;
 * what else the packer can is the test's own matter.
 */
public abstract class PackerTck {

  private static final String LONG_TEXT = "long text, é 日本 😀 \"\\\n\t ".repeat(100);

  /** The packer under test. */
  protected abstract Packer packer();

  /**
   * Values that come back equal. At least what JSON has must: null, booleans, Longs, Doubles,
   * strings, Lists, and Maps of string keys. A test adds what its format has beyond that.
   */
  protected List<@Nullable Object> values() {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("a", 1L);
    map.put("", null);
    map.put("é 😀", List.of());
    var values = new ArrayList<@Nullable Object>();
    values.addAll(Arrays.asList(null, true, false, "", "text", LONG_TEXT, "~:a", "^0", "`x"));
    values.addAll(List.of("\u0000", "\u2028", "#tag", ":a", "nil"));
    for (int bits = 0; bits < 64; bits++) {
      values.add(1L << bits);
      values.add((1L << bits) - 1);
      values.add(-(1L << bits) - 1);
    }
    values.addAll(List.of(0.5, -1.25e-7, 1e300, Double.MIN_VALUE, Double.MAX_VALUE, 0.1));
    values.addAll(List.of(List.of(), Map.of(), map, List.of(List.of(map, map), Map.of("a", map))));
    values.add(Arrays.asList(null, Arrays.asList(null, null)));
    values.add(java.util.Collections.nCopies(1000, map));
    return values;
  }

  /**
   * A record with something of everything.
   *
   * @param text a string
   * @param number a whole number
   * @param inner a record within; null for none
   * @param more records in a list
   */
  public record Sample(String text, int number, @Nullable Sample inner, List<Sample> more) {}

  private static final Sample SAMPLE =
      new Sample(
          "a",
          1,
          new Sample("b", 2, null, List.of()),
          List.of(new Sample("c", 3, null, List.of())));

  @Test
  public void p1_valuesComeBack() {
    for (var value : values()) {
      assertThat(packer().unpack(packer().pack(value))).isEqualTo(value);
      assertThat(packer().read(packer().pack(value)).value()).isEqualTo(value);
    }
  }

  @Test
  public void p2_whatIsNotUnderstoodIsAnUnpackException() {
    var packed = packer().pack(List.of(Keyword.of("a/b"), Map.of("text", "x", "number", 5L), 1.5));
    for (int length = 0; length < packed.length; length++) {
      readInEveryWay(Arrays.copyOf(packed, length));
    }
    for (int at = 0; at < packed.length; at++) {
      for (int b = 0; b < 256; b++) {
        var changed = packed.clone();
        changed[at] = (byte) b;
        readInEveryWay(changed);
      }
    }
    var random = new Random(4711);
    for (int round = 0; round < 5_000; round++) {
      var bytes = new byte[random.nextInt(30)];
      random.nextBytes(bytes);
      readInEveryWay(bytes);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = packed[random.nextInt(packed.length)];
      }
      readInEveryWay(bytes);
    }
  }

  /** Anything thrown but what the contract says fails the test. */
  private void readInEveryWay(byte[] bytes) {
    try {
      packer().unpack(bytes);
    } catch (UnpackException e) {
      assertThat(e).message().hasSizeLessThan(200);
    }
    try {
      takeApart(packer().read(bytes));
    } catch (UnpackException e) {
      assertThat(e).message().hasSizeLessThan(200);
    }
    try {
      packer().read(bytes).as(Sample.class);
    } catch (UnpackException | BindException e) {
      assertThat(e).message().doesNotContain("java.", "jackson", "Sample");
    }
  }

  private static void takeApart(PackedValue value) {
    if (value.isVector()) {
      value.elements().forEach(PackerTck::takeApart);
    } else {
      value.value();
    }
  }

  @Test
  public void p3_deepNestingIsRefusedWhenPackedAndWhenUnpacked() {
    Object value = List.of();
    for (int i = 0; i < 10_000; i++) {
      value = List.of(value);
    }
    var tooDeep = value;
    assertThatThrownBy(() -> packer().pack(tooDeep)).isInstanceOf(PackException.class);
    var cycle = new ArrayList<Object>();
    cycle.add(cycle);
    assertThatThrownBy(() -> packer().pack(cycle)).isInstanceOf(PackException.class);
  }

  @Test
  public void p4_elementsAreThoseOfTheVector() {
    var value = packer().read(packer().pack(values()));

    assertThat(value.isVector()).isTrue();
    assertThat(value.elements()).extracting(PackedValue::value).isEqualTo(values());
    assertThat(packer().read(packer().pack("text")).isVector()).isFalse();
    assertThatThrownBy(() -> packer().read(packer().pack("text")).elements())
        .isInstanceOf(UnpackException.class);
  }

  @Test
  public void p5_aFrameTakenApartGivesItsParts() {
    var frame = List.of(List.of(Keyword.of("chat/say"), SAMPLE), "callback");
    var parts = packer().read(packer().pack(frame)).elements();

    assertThat(parts.get(1).value()).isEqualTo("callback");
    assertThat(parts.get(0).elements().get(1).as(Sample.class)).isEqualTo(SAMPLE);
    assertThat(parts.get(0).elements().get(0).as(Keyword.class)).isEqualTo(Keyword.of("chat/say"));
  }

  @Test
  public void p6_recordsComeBackAndMisfitsSayWhere() {
    var packed = packer().read(packer().pack(SAMPLE));
    var misfit = packer().read(packer().pack(Map.of("inner", Map.of("number", "x"))));

    assertThat(packed.as(Sample.class)).isEqualTo(SAMPLE);
    assertThatThrownBy(() -> misfit.as(Sample.class))
        .isInstanceOf(BindException.class)
        .hasMessage("inner.number: expected an integer, was another string");
  }

  @Test
  public void p7_joinedElementsAreTheVector() {
    if (packer() instanceof JoiningPacker joining) {
      var elements = new ArrayList<byte[]>();
      for (var value : values()) {
        elements.add(joining.packElement(value));
      }
      var nested = joining.joinElements(List.of(joining.joinElements(elements)));

      assertThat(joining.unpack(joining.finish(nested))).isEqualTo(List.of(values()));
      assertThat(joining.joinBatch(elements)).isEqualTo(joining.finish(nested));
      assertThat(joining.unpack(joining.finish(joining.joinElements(List.of()))))
          .isEqualTo(List.of());
      assertThat(joining.unpack(joining.finish(joining.packElement("x")))).isEqualTo("x");
    }
  }

  @Test
  public void p8_whatIsUnpackedCannotBeModified() {
    for (Object value : List.of(List.of(1L), Map.of("a", List.of(1L)))) {
      var unpacked = packer().unpack(packer().pack(value));
      if (unpacked instanceof Map<?, ?> map) {
        assertThatThrownBy(map::clear).isInstanceOf(UnsupportedOperationException.class);
      } else {
        assertThatThrownBy(((List<?>) java.util.Objects.requireNonNull(unpacked))::clear)
            .isInstanceOf(UnsupportedOperationException.class);
      }
    }
  }

  @Test
  public void p9_textIsUtf8() {
    if (!packer().isBinary()) {
      for (var value : values()) {
        var packed = packer().pack(value);
        assertThat(dev.sente.packer.Utf8.firstMalformed(packed, 0, packed.length)).isNegative();
      }
    }
  }
}
