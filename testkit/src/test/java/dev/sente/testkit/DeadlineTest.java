package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.time.Deadline;
import dev.sente.time.Time;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeadlineTest {

  private final FakeTime time = new FakeTime();
  private final List<String> ran = new ArrayList<>();
  private int alarms;
  private Deadline deadline;

  @BeforeEach
  void create() {
    deadline = new Deadline(new Counting(), Runnable::run);
  }

  private void set(int millis, String name) {
    deadline.set(Duration.ofMillis(millis), () -> ran.add(name));
  }

  private void pass(int millis) {
    time.advance(Duration.ofMillis(millis));
  }

  @Test
  void runsWhenItIsDueAndOnce() {
    set(10, "a");
    pass(9);
    assertThat(ran).isEmpty();
    pass(1);
    pass(100);
    assertThat(ran).containsExactly("a");
  }

  @Test
  void theLastSettingCounts() {
    set(10, "a");
    set(30, "later");
    pass(29);
    assertThat(ran).isEmpty();
    set(5, "sooner");
    pass(5);
    pass(100);
    assertThat(ran).containsExactly("sooner");
  }

  @Test
  void whatIsCalledOffDoesNotRun() {
    set(10, "a");
    deadline.clear();
    assertThat(deadline.isSet()).isFalse();
    pass(5);
    set(10, "b");
    pass(9);
    assertThat(ran).isEmpty();
    pass(1);
    assertThat(ran).containsExactly("b");
  }

  @Test
  void atItsEndNoAlarmIsLeft() {
    set(10, "a");
    deadline.end();
    assertThat(alarms).isZero();
    pass(10);
    assertThat(ran).isEmpty();
  }

  @Test
  void whatIsDueMaySetTheNext() {
    deadline.set(Duration.ofMillis(10), () -> set(10, "next"));
    pass(10);
    pass(9);
    assertThat(ran).isEmpty();
    pass(1);
    assertThat(ran).containsExactly("next");
  }

  @Test
  void whatIsNeverDueHoldsUpNothing() {
    deadline.set(Duration.ofMillis(Long.MAX_VALUE), () -> ran.add("never"));
    pass(1_000_000);
    assertThat(ran).isEmpty();
    set(10, "soon");
    pass(10);
    assertThat(ran).containsExactly("soon");
  }

  @Test
  void movedAllTheTimeItCostsAnAlarmNowAndThen() {
    int set = 0;
    for (int i = 0; i < 10_000; i++) {
      set(20_000, "poll");
      set(5_000, "grace");
      pass(1);
      set = Math.max(set, alarms);
    }
    assertThat(set).isEqualTo(1);
    assertThat(allAlarms).isLessThan(10);
    assertThat(ran).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isAnAlarmThatIsSetAndCalledOffEachTime(long seed) {
    var random = new Random(seed);
    var expected = new ArrayList<String>();
    Time.Alarm plain = () -> {};
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(4)) {
        case 0 -> {
          int delay = random.nextInt(1, 50);
          var name = "%d in %d".formatted(i, delay);
          set(delay, name);
          plain.cancel();
          plain = time.after(Duration.ofMillis(delay), () -> expected.add(name));
        }
        case 1 -> {
          deadline.clear();
          plain.cancel();
        }
        default -> pass(random.nextInt(20));
      }
      assertThat(ran).isEqualTo(expected);
      assertThat(alarms).isLessThanOrEqualTo(1);
      ran.clear();
      expected.clear();
    }
  }

  private int allAlarms;

  /** Counts the alarms that are set. */
  @Test
  void theSystemsAlarmsMayBeSetForEver() {
    Time.system().after(ChronoUnit.FOREVER.getDuration(), () -> {}).cancel();
  }

  private final class Counting implements Time {

    @Override
    public long millis() {
      return time.millis();
    }

    @Override
    public Alarm after(Duration delay, Runnable task) {
      alarms++;
      allAlarms++;
      var alarm =
          time.after(
              delay,
              () -> {
                alarms--;
                task.run();
              });
      return () -> {
        alarms--;
        alarm.cancel();
      };
    }
  }
}
