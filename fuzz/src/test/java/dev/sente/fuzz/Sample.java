package dev.sente.fuzz;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A record with something of everything, under names that are soon guessed. */
record Sample(
    @Nullable String s,
    int i,
    long l,
    short h,
    double d,
    float f,
    boolean b,
    char c,
    @Nullable BigInteger n,
    @Nullable BigDecimal m,
    @Nullable Ratio r,
    @Nullable Keyword k,
    @Nullable Symbol y,
    @Nullable TaggedValue g,
    @Nullable Instant t,
    @Nullable Duration u,
    @Nullable LocalDate a,
    @Nullable UUID v,
    byte @Nullable [] x,
    int @Nullable [] z,
    @Nullable Color e,
    @Nullable Object o,
    @Nullable Sample p,
    @Nullable List<Sample> q,
    @Nullable List<BigInteger> j,
    @Nullable Set<String> w,
    Optional<Long> O,
    @Nullable Map<String, Sample> M,
    @Nullable Map<Keyword, Object> K,
    @Nullable Map<Long, Instant> L) {

  enum Color {
    RED,
    GREEN
  }

  /** One with values in it, to start from. */
  static Sample example() {
    return new Sample(
        "text",
        1,
        -2,
        (short) 3,
        1.5,
        2.5f,
        true,
        'c',
        BigInteger.TWO.pow(63),
        new BigDecimal("1.25"),
        Ratio.of(1, 3),
        Keyword.of("a/b"),
        Symbol.of("y"),
        null,
        Instant.EPOCH,
        Duration.ofSeconds(5),
        LocalDate.EPOCH,
        new UUID(1, 2),
        new byte[] {1, 2},
        new int[] {1, 2},
        Color.RED,
        List.of(1L, "x"),
        null,
        List.of(),
        List.of(BigInteger.ONE, BigInteger.TEN),
        Set.of("a"),
        Optional.of(1L),
        Map.of(),
        Map.of(Keyword.of("k"), 1L),
        Map.of(1L, Instant.EPOCH));
  }
}
