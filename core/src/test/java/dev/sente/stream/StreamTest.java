package dev.sente.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Both halves by themselves, against a model; under faults they are in the testkit's simulation.
 */
class StreamTest {

  private static final int MAX_MESSAGES = 20;
  private static final int MAX_BYTES = 100;

  /** Whatever is done to it, a sender keeps its bounds and hands out each number's own message. */
  @Test
  void outboundAgreesWithAListUnderItsBounds() {
    for (long seed = 0; seed < 2000; seed++) {
      var random = new SplittableRandom(seed);
      var outbound = new Outbound<Integer>(size -> size);
      var all = new ArrayList<Integer>();
      long given = 0;
      for (int step = 0; step < 200; step++) {
        switch (random.nextInt(4)) {
          case 0 -> {
            int size = random.nextInt(30);
            boolean fits =
                outbound.kept() < MAX_MESSAGES
                    && (outbound.keptBytes() == 0 || outbound.keptBytes() + size <= MAX_BYTES);
            long number = outbound.append(size, MAX_MESSAGES, MAX_BYTES);
            assertThat(number).isEqualTo(fits ? all.size() + 1 : 0);
            if (fits) {
              all.add(size);
            }
          }
          case 1 -> {
            long from = outbound.cursor();
            var taken = outbound.take(random.nextInt(60));
            assertThat(taken).isEqualTo(all.subList((int) from, (int) from + taken.size()));
            given = Math.max(given, outbound.cursor());
          }
          case 2 -> {
            long number = random.nextInt(all.size() + 2);
            long cursor = outbound.cursor();
            assertThat(outbound.acknowledge(number)).isEqualTo(number <= given);
            // The peer counts what this connection brings, so nothing of it is left out (V6).
            assertThat(outbound.cursor()).isEqualTo(cursor);
          }
          default -> {
            long number = random.nextInt(all.size() + 2);
            boolean possible = number >= outbound.acknowledged() && number <= given;
            assertThat(outbound.resumeAt(number)).isEqualTo(possible);
            if (possible) {
              assertThat(outbound.cursor()).isEqualTo(number);
            }
          }
        }
        assertThat(outbound.kept()).isBetween(0, MAX_MESSAGES);
        assertThat(outbound.acknowledged()).isLessThanOrEqualTo(outbound.given());
        assertThat(outbound.cursor()).isLessThanOrEqualTo(outbound.given());
        assertThat(outbound.last()).isEqualTo(all.size());
        long forgotten = outbound.last() - outbound.kept();
        assertThat(forgotten)
            .isLessThanOrEqualTo(Math.min(outbound.acknowledged(), outbound.cursor()));
        var kept = all.subList((int) forgotten, all.size());
        assertThat(outbound.keptBytes())
            .isEqualTo(kept.stream().mapToLong(Integer::longValue).sum());
        assertThat(outbound.keptBytes() <= MAX_BYTES || outbound.kept() == 1).isTrue();
      }
      var kept = all.subList((int) outbound.acknowledged(), all.size());
      assertThat(outbound.drain()).isEqualTo(kept);
      assertThat(outbound.kept()).isZero();
    }
  }

  @Test
  void v9_outboundAsksOnceWhereAQuarterOfItsMessagesOrBytesIsKept() {
    var many = new Outbound<Integer>(size -> size);
    for (int i = 0; i < 5; i++) {
      many.append(0, MAX_MESSAGES, MAX_BYTES);
    }
    assertThat(many.asks(MAX_MESSAGES, MAX_BYTES)).isFalse();
    many.append(0, MAX_MESSAGES, MAX_BYTES);
    assertThat(many.asks(MAX_MESSAGES, MAX_BYTES)).isTrue();
    assertThat(many.asks(MAX_MESSAGES, MAX_BYTES)).isFalse();

    var large = new Outbound<Integer>(size -> size);
    large.append(26, MAX_MESSAGES, MAX_BYTES);
    assertThat(large.asks(MAX_MESSAGES, MAX_BYTES)).isTrue();
    large.take(MAX_BYTES);
    large.acknowledge(1);
    assertThat(large.asks(MAX_MESSAGES, MAX_BYTES)).isFalse();
    large.append(26, MAX_MESSAGES, MAX_BYTES);
    assertThat(large.asks(MAX_MESSAGES, MAX_BYTES)).isTrue();
  }

  @Test
  void v7_inboundAcceptsEachNumberOnceAndInOrder() {
    var inbound = new Inbound();
    assertThat(inbound.accept(1)).isTrue();
    assertThat(inbound.accept(1)).isFalse();
    assertThat(inbound.accept(2)).isTrue();
    assertThat(inbound.accept(1)).isFalse();
    assertThat(inbound.isGap(4)).isTrue();
    assertThatThrownBy(() -> inbound.accept(4)).isInstanceOf(IllegalStateException.class);
    assertThat(inbound.untold()).isEqualTo(2);
    inbound.tell();
    assertThat(inbound.untold()).isZero();
    assertThat(inbound.received()).isEqualTo(2);
  }
}
