package dev.sente.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlarmsTest {

  private long now;

  /** Beside a sorted map that does the same. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyAlarmIsDueOnceUnlessItIsCancelled(long seed) {
    var random = new Random(seed);
    var alarms = new Alarms();
    var rung = new ArrayList<Integer>();
    var expected = new TreeMap<Long, List<Integer>>();
    var set = new TreeMap<Integer, Alarms.Alarm>();
    now = seed % 2 == 0 ? 0 : -5000;
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          int name = i;
          // A few delays that many have, and many that few have.
          long delay = random.nextBoolean() ? 10L * random.nextInt(3) : random.nextInt(1000);
          set.put(i, alarms.set(() -> now, delay, () -> rung.add(name)));
          expected.computeIfAbsent(now + delay, due -> new ArrayList<>()).add(name);
        }
        case 2, 3 -> {
          var found = set.ceilingEntry(random.nextInt(i + 1));
          if (found != null) {
            found.getValue().cancel();
            Integer name = found.getKey();
            var together = expected.get(found.getValue().due());
            if (together != null) {
              together.removeIf(name::equals);
            }
          }
        }
        default -> {
          now += random.nextInt(20);
          var due = new ArrayList<Integer>();
          var past = expected.headMap(now, true);
          past.values().forEach(due::addAll);
          past.clear();
          if (!due.isEmpty()) {
            assertThat(alarms.next()).isLessThanOrEqualTo(now);
          }
          rung.clear();
          alarms.takeDue(now).forEach(Runnable::run);
          assertThat(rung).containsExactlyInAnyOrderElementsOf(due);
          assertThat(alarms.next()).isGreaterThan(now);
        }
      }
    }
  }

  @Test
  void thoseOfOneDelayAreDueInTheOrderTheyWereSet() {
    var alarms = new Alarms();
    var rung = new ArrayList<Integer>();
    var second = new ArrayList<Alarms.Alarm>();
    for (int i = 0; i < 100; i++) {
      int name = i;
      var alarm = alarms.set(() -> 0, 5, () -> rung.add(name));
      if (i % 2 == 1) {
        second.add(alarm);
      }
    }
    second.forEach(Alarms.Alarm::cancel);
    alarms.takeDue(5).forEach(Runnable::run);
    assertThat(rung).hasSize(50).isSorted();
  }

  @Test
  void nothingIsKeptOfWhatIsOver() {
    var alarms = new Alarms();
    for (int i = 0; i < 1000; i++) {
      alarms.set(() -> 0, i, () -> {}).cancel();
    }
    assertThat(alarms.takeDue(1000)).isEmpty();
    assertThat(alarms.next()).isEqualTo(Long.MAX_VALUE);
    assertThat(alarms.size()).isZero();
  }

  @Test
  @Timeout(60)
  void theSystemsAlarmsRing() throws Exception {
    var rung = new LinkedBlockingQueue<String>();
    var time = Time.system();
    var never = time.after(Duration.ofDays(1_000_000_000), () -> rung.add("never"));
    // Set while the thread sleeps until another one.
    time.after(
        Duration.ofMillis(20),
        () -> {
          throw new IllegalStateException("as asked for");
        });
    time.after(Duration.ofMillis(20), () -> rung.add("soon"));
    time.after(Duration.ofMillis(-1), () -> rung.add("at once"));
    assertThat(List.of(rung.take(), rung.take())).containsExactlyInAnyOrder("at once", "soon");
    never.cancel();
    time.after(Duration.ZERO, () -> rung.add("again"));
    assertThat(rung.take()).isEqualTo("again");
  }
}
