package dev.sente.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sente.event.Keyword;
import dev.sente.packer.BindException;
import dev.sente.packer.UnpackException;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Eight times the input takes eight times the work, not sixty-four. Work is the reading thread's
 * own CPU time, the least of several measurements, so that others on the machine hardly count.
 */
class GrowthTest {

  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int SMALL = 20_000;
  private static final int LARGE = 8 * SMALL;

  /** Between what is expected of linear and of quadratic growth. */
  private static final int MOST = 28;

  /** Below this any growth will do. */
  private static final long FREE_NANOS = 50_000_000;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "edn | `[` | `1 ` | `]`",
        "edn | `[` | `[] ` | `]`",
        "edn | `` | `[` | ``",
        "edn | `` | `, ` | ``",
        "edn | `` | `#_1 ` | `1`",
        "edn | `[` | `;c\n` | `]`",
        "edn | `[` | `^:a [] ` | `]`",
        "edn | `[` | `#a/b 1 ` | `]`",
        "edn | `[` | `#:a{:b 1}` | `]`",
        "edn | `[` | `a%d ` | `]`",
        "edn | `[` | `:a/b%d ` | `]`",
        "edn | `[` | `1.5e3M ` | `]`",
        "edn | `\"` | `\\n` | `\"`",
        "edn | `\"` | `é` | `\"`",
        "edn | `7` | `7` | ``",
        "edn | `a` | `a` | ``",
        "edn | `:a` | `/a` | ``",
        "edn | `{` | `:k%d %d ` | `}`",
        "edn | `{` | `%d.5 1 ` | `}`",
        "edn | `#{` | `%d.5M ` | `}`",
        "edn | `#{` | `[%d] ` | `}`",
        "edn | `#{` | `{1 %d} ` | `}`",
        "edn | `#{` | `[%d [%d]] ` | `}`",
        "json | `[1` | `,1` | `]`",
        "json | `[1` | `,[]` | `]`",
        "json | `[` | `[` | ``",
        "json | `\"` | `\\n` | `\"`",
        "json | `\"` | `é` | `\"`",
        "json | `7` | `7` | ``",
        "json | `1.` | `7` | ``",
        "json | `[1` | `,1e300` | `]`",
        "json | `[1` | `,1e99999` | `]`",
        "json | `{\"a\":1` | `,\"k%d\":1` | `}`",
        "json | `{\"a\":1` | `,\"j\":[1]` | `}`",
        "json | `1` | ` ` | ``",
        "transit | `[1` | `,1` | `]`",
        "transit | `[1` | `,\"~:k%d\"` | `]`",
        "transit | `[1` | `,\"~n%d\"` | `]`",
        "transit | `[1` | `,[\"~#set\",[%d]]` | `]`",
        "transit | `[\"^ \"` | `,\"~:key%d\",%d` | `]`",
        "transit | `[\"~#set\",[0` | `,[%d]` | `]]`",
        "transit | `[\"~#cmap\",[0,0` | `,[%d],1` | `]]`",
        "transit | `{\"a\":1` | `,\"k%d\":1` | `}`",
        "gate | `client-id=a` | `&x%d=1` | ``",
        "gate | `client-id=a&b=` | `%%41` | ``",
        "gate | `client-id=a\n\n` | `a=%d;` | ``",
        "gate | `client-id=a\n\n\n\n\n` | `sente.csrf.QQ,` | ``",
        "gate | `client-id=a\n\n\n\nhttps://` | `a.` | ``",
      })
  void ofText(String target, String prefix, String unit, String suffix) {
    measure(
        Target.of(target),
        size -> {
          var text = new StringBuilder(prefix);
          for (int i = 0; text.length() < size; i++) {
            text.append(unit.contains("%") ? unit.formatted(i, i) : unit);
          }
          return text.append(suffix).toString().getBytes(UTF_8);
        });
  }

  /**
   * The sign # stands for a count of all units in four bytes; % for a number, of four bytes too.
   */
  @ParameterizedTest
  @CsvSource({
    "dd#, 01",
    "dd#, 90",
    "dd#, 80",
    "dd#, a0",
    "dd#, 91c0",
    "dd#, c70300612f62",
    "dd#, 81a1ff01",
    "dd#, 81a1610a",
    "dd#, c70604dc00019101",
    "dd#, d40161",
    "dd#, d70900000000",
    "df#, ce%01",
    "df#, cb40000000%01",
    "df#, a4%01",
    "df#, 91ce%01",
    "c9*04dd#, 91ce%",
    "c9*04dd#, c7060491ce%",
  })
  void ofMsgpack(String prefix, String unit) {
    measure(
        Target.of("msgpack"),
        size -> {
          int width = bytes(unit, 0, 0, 0).length;
          int count = size / width;
          var bytes = new ByteArrayOutputStream();
          bytes.writeBytes(bytes(prefix, count, 0, 5 + count * width));
          for (int i = 0; i < count; i++) {
            bytes.writeBytes(bytes(unit, count, i & 0x7f7f7f7f, 0));
          }
          return bytes.toByteArray();
        });
  }

  private static byte[] bytes(String hex, int count, int number, int length) {
    return HexFormat.of()
        .parseHex(
            hex.replace("#", "%08x".formatted(count))
                .replace("%", "%08x".formatted(number))
                .replace("*", "%08x".formatted(length)));
  }

  /**
   * Sets of sets that differ in their last member only, whose members have one hash code: {@code
   * #{#{[0 310] [1 279] …} …}}. Alone, as an id, and as a callback.
   */
  @ParameterizedTest
  @CsvSource({
    "edn, %s",
    "wire-edn, [[%s]]",
    "wire-edn, [[:a/b 1] %s]",
    "msgpack, %s",
    "wire-msgpack, [[%s]]",
    "wire-msgpack, [[:a/b 1] %s]",
    "transit, %s",
    "wire-transit, [[%s]]",
    "wire-transit, [[:a/b 1] %s]",
  })
  void ofMembersThatCollide(String target, String around) {
    measure(
        Target.of(target),
        size -> {
          var sets = new ArrayList<@Nullable Object>();
          for (int i = 0; i * 250 * 11 < size; i++) {
            var members = new ArrayList<@Nullable Object>();
            for (int j = 0; j < 250; j++) {
              int first = j == 249 ? 500 + i : j;
              members.add(List.of(first, 31 * (2000 - first)));
            }
            sets.add(new Members(members));
          }
          var set = new Members(sets);
          Object value =
              switch (around) {
                case "%s" -> set;
                case "[[%s]]" -> List.of(List.of(set));
                default -> List.of(List.of(Keyword.of("a/b"), 1), set);
              };
          return target.endsWith("edn")
              ? EdnPacker.DEFAULT.pack(value)
              : target.endsWith("msgpack")
                  ? MsgpackPacker.DEFAULT.pack(value)
                  : transit(value).getBytes(UTF_8);
        });
  }

  /** What is written as a set, without being one that compares. */
  private static final class Members extends AbstractSet<@Nullable Object> {
    private final List<@Nullable Object> members;

    Members(List<@Nullable Object> members) {
      this.members = members;
    }

    @Override
    public Iterator<@Nullable Object> iterator() {
      return members.iterator();
    }

    @Override
    public int size() {
      return members.size();
    }
  }

  private static String transit(@Nullable Object value) {
    return switch (value) {
      case Keyword keyword -> "\"~" + keyword + "\"";
      case Members set -> "[\"~#set\"," + transit(set.members) + "]";
      case List<?> list ->
          list.stream().map(GrowthTest::transit).collect(Collectors.joining(",", "[", "]"));
      case null, default -> String.valueOf(value);
    };
  }

  private static void measure(Target target, IntFunction<byte[]> input) {
    byte[] small = input.apply(SMALL);
    byte[] large = input.apply(LARGE);
    for (var read : target.reads()) {
      nanos(read, small);
      long longest = nanos(read, large);
      if (longest > FREE_NANOS) {
        long least = Math.min(nanos(read, small), nanos(read, small));
        longest = Math.min(longest, nanos(read, large));
        assertThat(longest)
            .as("%s, at most %d times %d ns", target, MOST, least)
            .isLessThan(MOST * least);
      }
    }
  }

  private static long nanos(Target.Read read, byte[] input) {
    long before = THREAD.getCurrentThreadCpuTime();
    try {
      read.way().accept(input);
    } catch (UnpackException | BindException e) {
      // As good as an answer.
    }
    return THREAD.getCurrentThreadCpuTime() - before;
  }
}
