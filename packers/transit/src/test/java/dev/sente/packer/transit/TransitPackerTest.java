package dev.sente.packer.transit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.cognitect.transit.WriteHandler;
import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.PackException;
import dev.sente.packer.PackerOptions;
import dev.sente.packer.UnpackException;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.Frame;
import dev.sente.wire.Message;
import dev.sente.wire.Outgoing;
import dev.sente.wire.StreamWire;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What is Transit's own, beyond the kit. */
class TransitPackerTest {

  private static final TransitPacker PACKER = TransitPacker.DEFAULT;

  private static String print(@Nullable Object value) {
    return new String(PACKER.pack(value), UTF_8);
  }

  private static @Nullable Object read(String text) {
    return PACKER.unpack(text.getBytes(UTF_8));
  }

  @Test
  @SuppressWarnings("JavaUtilDate") // which applications still have
  void takesWhatJavaHas() {
    assertThat(print(Arrays.asList(1, (short) 2, (byte) 3, null))).isEqualTo("[1,2,3,null]");
    assertThat(print(new int[] {1, 2})).isEqualTo("[1,2]");
    assertThat(print(new byte[] {1, 2})).isEqualTo("[\"~#'\",\"~bAQI=\"]");
    assertThat(read("[\"~#'\",\"~bAQI=\"]")).isEqualTo(new byte[] {1, 2});
    assertThat(print(List.of(new Date(5), Instant.ofEpochSecond(0, 5_999_999))))
        .isEqualTo("[\"~m5\",\"~m5\"]");
    assertThat(print(Optional.of(List.of()))).isEqualTo("[]");
    assertThat(print(List.of(Thread.State.NEW))).isEqualTo("[\"NEW\"]");
    assertThat(print(Collections.unmodifiableCollection(List.of(1)))).isEqualTo("[1]");
    assertThat(print(List.of(1.5f, "\ud800"))).isEqualTo("[1.5,\"\\uD800\"]");
  }

  record Point(int x, @Nullable Instant at, Set<Keyword> names) {}

  @Test
  void recordsKeepTheTypesOfWhatIsInThem() {
    var point = new Point(1, Instant.ofEpochMilli(5), Set.of(Keyword.of("a")));

    assertThat(print(point))
        .isEqualTo("[\"^ \",\"~:x\",1,\"~:at\",\"~m5\",\"~:names\",[\"~#set\",[\"~:a\"]]]");
    assertThat(PACKER.read(PACKER.pack(point)).as(Point.class)).isEqualTo(point);
  }

  @Test
  void verboseIsForPeople() {
    var verbose = TransitPacker.builder().verbose(true).build();
    var value = List.of(Map.of(Keyword.of("some-key"), Instant.ofEpochMilli(5)), Ratio.of(1, 2));
    var text = new String(verbose.pack(value), UTF_8);

    assertThat(text)
        .isEqualTo(
            "[{\"~:some-key\":\"~t1970-01-01T00:00:00.005Z\"},{\"~#ratio\":[\"~n1\",\"~n2\"]}]");
    assertThat(read(text)).isEqualTo(value);
    assertThat(verbose.name()).isEqualTo("transit");
  }

  @Test
  void anApplicationsHandlersCount() {
    record Money(long cents) {}
    WriteHandler<Money, Object> writer =
        new WriteHandler<>() {
          @Override
          public String tag(Money money) {
            return "money";
          }

          @Override
          public Object rep(Money money) {
            return money.cents();
          }

          @Override
          public @Nullable String stringRep(Money money) {
            return null;
          }

          @Override
          public <V> @Nullable WriteHandler<Money, V> getVerboseHandler() {
            return null;
          }
        };
    var packer =
        TransitPacker.builder()
            .writeHandler(Money.class, writer)
            .readHandler("money", rep -> new Money((Long) rep))
            .build();

    assertThat(new String(packer.pack(new Money(150)), UTF_8)).isEqualTo("[\"~#money\",150]");
    assertThat(packer.unpack(packer.pack(List.of(new Money(150)))))
        .isEqualTo(List.of(new Money(150)));
    assertThat(PACKER.unpack(packer.pack(new Money(150)))).isEqualTo(TaggedValue.of("money", 150L));
  }

  @Test
  void whatStandsForItsOwnTypesIsNotWritten() {
    for (var tag : List.of("u", "m", "n", "f", "c", "t", "r", "d", "i", "s", "b", "?", "_", ":")) {
      assertThatThrownBy(() -> PACKER.pack(List.of(TaggedValue.of(tag, "x y"))))
          .isInstanceOf(PackException.class)
          .hasMessageEndingWith("#" + tag);
    }
    for (var tag : List.of("set", "list", "cmap", "ratio", "array", "map", "link")) {
      assertThatThrownBy(() -> PACKER.pack(Map.of(TaggedValue.of(tag, 1L), 1)))
          .isInstanceOf(PackException.class)
          .hasMessageEndingWith("#" + tag);
    }
    for (var tagged : List.of(TaggedValue.of("X", "abc"), TaggedValue.of("link", Map.of()))) {
      assertThat(PACKER.unpack(PACKER.pack(List.of(tagged)))).isEqualTo(List.of(tagged));
    }
  }

  @Test
  void numbersAreWrittenAsLongAsTheyAreRead() {
    for (var digits : List.of("9".repeat(1000), "-" + "9".repeat(999))) {
      for (Object number : List.of(new BigInteger(digits), new BigDecimal(digits))) {
        assertThat(PACKER.unpack(PACKER.pack(List.of(number)))).isEqualTo(List.of(number));
      }
      var larger = new BigInteger(digits + "9");
      var ratio = new Ratio(larger, BigInteger.TWO);
      for (Object number : List.of(larger, new BigDecimal(larger), ratio)) {
        assertThatThrownBy(() -> PACKER.pack(number)).isInstanceOf(PackException.class);
      }
    }
    assertThatThrownBy(() -> PACKER.pack(new BigDecimal(BigInteger.ONE, 10_000)))
        .isInstanceOf(PackException.class);
  }

  @Test
  void stringKeysBecomeKeywordsIfWanted() {
    var keyworded =
        TransitPacker.builder().options(PackerOptions.defaults().withKeywordKeys(true)).build();

    assertThat(new String(keyworded.pack(Map.of("a", Map.of("b c", 1))), UTF_8))
        .isEqualTo("[\"^ \",\"~:a\",[\"^ \",\"b c\",1]]");
  }

  @Test
  void readsAllOfTransit() {
    assertThat(read("[\"~i123456789012345678\",\"~d1.5\",\"~zNaN\",\"~?t\",\"~_\",\"~cx\"]"))
        .isEqualTo(Arrays.asList(123456789012345678L, 1.5, Double.NaN, true, null, 'x'));
    assertThat(read("[\"~n12\",\"~f1.50\",\"~$a/b\",\"~~x\",\"~^x\",\"~`x\"]"))
        .isEqualTo(List.of(12L, new BigDecimal("1.50"), Symbol.of("a/b"), "~x", "^x", "`x"));
    assertThat(read("[[\"~#u\",[1,2]],[\"~#m\",5],\"~rhttp://x/\",[\"~#list\",[1]]]"))
        .isEqualTo(
            List.of(new UUID(1, 2), Instant.ofEpochMilli(5), URI.create("http://x/"), List.of(1L)));
    assertThat(read("[[\"~#cmap\",[null,1,[1],2]],{\"~#set\":[1]},[\"~#ratio\",[4,2]]]"))
        .isEqualTo(List.of(cmap(), Set.of(1L), 2L));
    assertThat(read("[\"~Xabc\",[\"~#link\",[\"^ \",\"href\",\"~rhttp://x/\"]]]"))
        .isEqualTo(
            List.of(
                TaggedValue.of("X", "abc"),
                TaggedValue.of("link", Map.of("href", URI.create("http://x/")))));
    assertThat(read("123456789012345678901234567890"))
        .isEqualTo(new BigInteger("123456789012345678901234567890"));
  }

  private static Map<@Nullable Object, Object> cmap() {
    var map = new HashMap<@Nullable Object, Object>();
    map.put(null, 1L);
    map.put(List.of(1L), 2L);
    return map;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " \n",
        "[",
        "[1",
        "{\"a\"",
        "[\"^ \",\"a\"]",
        "[[\"^ \",\"a\"],1]",
        "\"~:\"",
        "[\"~$\"]",
        "[\"~u1\"]",
        "[\"~m1.5\"]",
        "[\"~tnoon\"]",
        "[\"~nx\"]",
        "[\"~ix\"]",
        "[\"~cab\"]",
        "[\"~#ratio\",[1,0]]",
        "[\"~#ratio\",[1]]",
        "[\"~#ratio\",1]",
        "[\"~#cmap\",[1]]",
        "[\"~#set\",1]",
        "[\"~#u\",[1]]",
        "[\"~f1e99999\"]",
        "[\"~#\",1]",
        "NaN",
        "\u0000[1]"
      })
  void isRefused(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(UnpackException.class);
  }

  @Test
  void longNumbersAreRefusedHoweverWritten() {
    var digits = "7".repeat(100_000);
    for (var text :
        List.of(
            digits,
            digits + ".5",
            "\"~n" + digits + "\"",
            "\"~i" + digits + "\"",
            "\"~f" + digits + "\"",
            "\"\\u007en" + digits + "\"",
            "\"\\u007E\\u006e" + digits + "\"",
            "\"~\\u006e" + digits + "\"",
            "[\"~#n\",\"" + digits + "\"]",
            "[\"~#f\",\"" + digits + "\"]",
            "{\"~#n\":\"" + digits + "\"}",
            "[\"~#i\",\"" + digits + "\"]",
            "[\"~#ratio\",[[\"~#n\",\"" + digits + "\"],1]]")) {
      assertThatThrownBy(() -> read("[" + text + "]")).isInstanceOf(UnpackException.class);
    }
    assertThat(read("[\"~~" + digits + "\",\"\\u00e9" + digits + "\",\"\\n" + digits + "\"]"))
        .isEqualTo(List.of("~" + digits, "é" + digits, "\n" + digits));
  }

  @Test
  void deepNestingIsRefused() {
    for (var opener : List.of("[", "{\"a\":", "[\"~#set\",[", "[\"^ \",\"a\",")) {
      for (int depth : new int[] {202, 100_000}) {
        assertThatThrownBy(() -> read(opener.repeat(depth)))
            .isInstanceOf(UnpackException.class)
            .hasMessageContaining("at most 201 levels");
      }
    }
    Object value = Set.of();
    for (int i = 0; i < 99; i++) {
      value = Set.of(value);
    }
    assertThat(PACKER.unpack(PACKER.pack(value))).isEqualTo(value);
    var tooDeep = Set.of(value);
    assertThatThrownBy(() -> PACKER.pack(tooDeep))
        .isInstanceOf(PackException.class)
        .hasMessageContaining("100 levels");
  }

  @Test
  void otherEncodingsAreRefused() {
    for (var charset :
        List.of(
            StandardCharsets.UTF_16BE,
            StandardCharsets.UTF_16LE,
            Charset.forName("UTF-32BE"),
            Charset.forName("UTF-32LE"))) {
      assertThatThrownBy(() -> PACKER.unpack("[1]".getBytes(charset)))
          .isInstanceOf(UnpackException.class);
    }
    assertThatThrownBy(() -> PACKER.unpack(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}))
        .isInstanceOf(UnpackException.class);
  }

  @Test
  void keysMadeToCollideAreRefused() {
    for (var tag : List.of("set", "cmap")) {
      var text = new StringBuilder("[\"~#" + tag + "\",[");
      for (int i = 0; i < 3000; i++) {
        // 31 * a + b is the same for all of them.
        text.append(i == 0 ? "" : ",").append("[%d,%d]".formatted(i, 100_000 - 31 * i));
        text.append(tag.equals("cmap") ? ",1" : "");
      }
      assertThatThrownBy(() -> read(text + "]]")).isInstanceOf(UnpackException.class);
    }
  }

  @Test
  void memoryIsBoundedByTheInput() {
    for (var text :
        List.of(
            "[" + "1,".repeat(500_000) + "1]",
            "[" + "[],".repeat(300_000) + "1]",
            "[" + "[\"^ \",1,1],".repeat(100_000) + "1]",
            "[\"~:keyword\"," + "\"^0\",".repeat(200_000) + "1]")) {
      var packed = text.getBytes(UTF_8);
      PACKER.unpack(packed);
      var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = thread.getCurrentThreadAllocatedBytes();
      PACKER.unpack(packed);
      assertThat(thread.getCurrentThreadAllocatedBytes() - before)
          .isLessThan(100_000 + 128L * packed.length);
    }
  }

  @Test
  void treesOfJacksonsAreMapsAndLists() {
    var tree = JsonMapper.shared().readTree("{\"a\":1,\"b\":{\"c\":[1,2.5,null]},\"t\":\"x\"}");
    var plain = JsonPacker.DEFAULT.unpack(JsonPacker.DEFAULT.pack(tree));

    assertThat(PACKER.unpack(PACKER.pack(tree))).isEqualTo(plain);
    assertThat(PACKER.unpack(PACKER.pack(Map.of("x", tree)))).isEqualTo(Map.of("x", plain));
  }

  @Test
  void whatIsPackedToBeBatchedCanBeRead() {
    for (int levels = 95; levels <= 102; levels++) {
      Object data = 1L;
      for (int i = 0; i < levels; i++) {
        data = i % 2 == 0 ? Set.of(data) : List.of(data);
      }
      var event = Outgoing.event(Event.of("a/b", data));
      try {
        event.packedBy(PACKER);
      } catch (PackException e) {
        assertThat(levels).isGreaterThan(97);
        continue;
      }
      assertThat(levels).isLessThan(98);
      var batch = (Frame.Batch) StreamWire.read(PACKER, StreamWire.batch(PACKER, List.of(event)));
      assertThat(((Message.EventMessage) batch.messages().getFirst()).data().value())
          .isEqualTo(data);
      ClassicWire.batch(PACKER, List.of(event));
    }
  }

  @Test
  void inGzipWhatIsWithinTheLimitCanBeRead() {
    int limit = 10_000;
    var gzipped = GzipPacker.of(PACKER, limit);
    int packed = 0;
    for (int length = 9_900; length <= 10_100; length++) {
      var event = Outgoing.event(Event.of("a/b", "x".repeat(length)), limit);
      var answer = ClassicWire.reply("x".repeat(length), 1L, limit);
      try {
        gzipped.unpack(event.messageBy(gzipped));
        gzipped.unpack(answer.messageBy(gzipped));
        packed++;
      } catch (PackException e) {
        assertThat(length).isGreaterThan(9_950);
      }
    }
    assertThat(packed).isBetween(50, 100);
  }

  @Test
  void inGzipMessagesWeighWhatABatchOfThemIsOnceDecompressed() {
    var gzipped = GzipPacker.of(PACKER);
    var events = new ArrayList<Outgoing>();
    int weight = 0;
    for (int i = 0; i < 20; i++) {
      var event = Outgoing.event(Event.of("a/b", "x".repeat(10_000)));
      event.packedBy(gzipped);
      weight += event.weight();
      events.add(event);
    }

    assertThat(GzipPacker.unwrap(StreamWire.batch(gzipped, events), 1 << 20))
        .hasSizeGreaterThan(200_000)
        .hasSizeLessThanOrEqualTo(weight);
  }
}
