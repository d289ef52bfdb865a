package dev.sente.testkit.packer;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.transit.TransitPacker;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/** Transit passes the kit, in both its forms and in gzip, with all types it has. */
class TransitTckTest {

  private static final List<@Nullable Object> TYPED =
      Arrays.asList(
          Keyword.of("a/b"),
          Symbol.of("x"),
          Ratio.of(-1, 3),
          new BigInteger("123456789012345678901234567890"),
          new BigDecimal("-1.50"),
          'x',
          Instant.parse("2020-02-03T04:05:06.789Z"),
          Instant.parse("1500-02-03T04:05:06.001Z"),
          UUID.fromString("01234567-89ab-cdef-0123-456789abcdef"),
          URI.create("http://example.com/"),
          Double.NaN,
          Double.NEGATIVE_INFINITY,
          Set.of(),
          Set.of(1L),
          Set.of(Set.of(Keyword.of("a")), List.of()),
          TaggedValue.of("my/tag", Map.of("a", 1L)),
          TaggedValue.of("my/tag", "text"),
          TaggedValue.of("my/tag", null),
          Collections.singletonMap(null, 1L),
          Map.of(1L, Keyword.of("a"), List.of(1L, 2L), "b", Keyword.of("k"), 'c'),
          Map.of(Map.of(1L, 2L), Map.of(List.of(), Set.of())),
          Map.of(Instant.EPOCH, 1L, true, 2L, 1.5, 3L),
          Collections.nCopies(50, Map.of(Keyword.of("long-enough"), Keyword.of("for/caching"))));

  abstract static class Kit extends PackerTck {
    @Override
    protected List<@Nullable Object> values() {
      return Stream.concat(super.values().stream(), TYPED.stream()).toList();
    }
  }

  @Nested
  class Json extends Kit {
    @Override
    protected Packer packer() {
      return TransitPacker.DEFAULT;
    }
  }

  @Nested
  class Verbose extends Kit {
    private final Packer packer = TransitPacker.builder().verbose(true).build();

    @Override
    protected Packer packer() {
      return packer;
    }
  }

  @Nested
  class InGzip extends Kit {
    @Override
    protected Packer packer() {
      return GzipPacker.of(TransitPacker.DEFAULT);
    }
  }
}
