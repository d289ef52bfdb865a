package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.CloseReason;
import dev.sente.client.TransportChoice;
import dev.sente.client.session.Life.Close;
import dev.sente.client.session.Life.Effect;
import dev.sente.client.session.Life.Input;
import dev.sente.client.session.Life.Moment;
import dev.sente.client.session.Life.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The table of {@link Life}; the same cases as in the TypeScript client's {@code session.test.ts}.
 */
class LifeTest {

  private static final Instant DATE = Instant.parse("2026-11-21T20:00:00Z");

  /**
   * What the last of the inputs leads to, in a few words. Inputs are words about the connection
   * that is newest, or a number of ms that pass.
   */
  private static String outcome(TransportChoice choice, boolean resumes, String inputs) {
    var life = Life.begin(choice, resumes);
    List<Effect> effects = List.of();
    long now = 1_000_000;
    for (var word : inputs.strip().split(" +", -1)) {
      if (word.matches("[0-9]+")) {
        now += Long.parseLong(word);
        continue;
      }
      var step = life.step(input(word, life.connections()), new Moment(now, DATE, 0.5));
      life = step.next();
      effects = step.effects();
    }
    var does = new ArrayList<String>();
    effects.forEach(effect -> does.add(words(effect)));
    return words(life.phase())
        + " "
        + life.state().type().name().toLowerCase(Locale.ROOT)
        + ": "
        + String.join(", ", does);
  }

  private static Input input(String word, long connection) {
    return switch (word) {
      case "connect" -> new Input.Connect();
      case "disconnect" -> new Input.Disconnect();
      case "reconnect" -> new Input.Reconnect();
      case "networkChanged" -> new Input.NetworkChanged();
      case "timeUp" -> new Input.TimeUp();
      case "probeDue" -> new Input.ProbeDue();
      case "handshake" -> new Input.Opened(connection, greeting());
      case "closed" -> new Input.Closed(connection, new Close(CloseReason.UNEXPECTED));
      case "silent" -> new Input.Closed(connection, new Close(CloseReason.HANDSHAKE_TIMEOUT));
      case "lateClosed" -> new Input.Closed(connection - 1, new Close(CloseReason.UNEXPECTED));
      case "lateHandshake" -> new Input.Opened(connection - 1, greeting());
      case "firstClosed" -> new Input.Closed(2, new Close(CloseReason.UNEXPECTED));
      case "protocol" -> new Input.Closed(connection, new Close(CloseReason.PROTOCOL));
      default -> {
        if (word.startsWith("status")) {
          yield closed(connection, null, Integer.valueOf(word.substring(6)), 0);
        }
        if (word.startsWith("retry")) {
          yield closed(connection, 4000, null, Long.parseLong(word.substring(5)));
        }
        yield closed(connection, Integer.valueOf(word.substring(4)), null, 0);
      }
    };
  }

  private static Input closed(
      long connection, @Nullable Integer code, @Nullable Integer status, long retryMillis) {
    return new Input.Closed(
        connection, new Close(CloseReason.UNEXPECTED, code, status, retryMillis));
  }

  private static Greeting greeting() {
    return new Greeting("alice", "hello", false, null);
  }

  private static String words(Phase phase) {
    return phase.getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  private static String words(Effect effect) {
    return switch (effect) {
      case Effect.Open open ->
          "open "
              + open.type().name().toLowerCase(Locale.ROOT)
              + " "
              + open.connection()
              + (open.hasFallback() ? " or other" : "");
      case Effect.Wait(long millis) -> "wait " + millis;
      case Effect.ProbeIn(long millis) -> "probeIn " + millis;
      default -> effect.getClass().getSimpleName();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connect | connecting ws: StopWaiting, Drop, open ws 1",
        "disconnect | idle ws: ",
        "timeUp | idle ws: ",
        "networkChanged | idle ws: ",
        "connect connect | connecting ws: ",
        "connect disconnect | idle ws: StopWaiting, Drop",
        "connect reconnect | connecting ws: StopWaiting, Drop, open ws 2",
        "connect timeUp | connecting ws: ",
        "connect handshake | open ws: Flush",
        "connect closed | waiting ws: Drop, wait 125",
        "connect handshake connect | open ws: Check",
        "connect handshake disconnect | idle ws: StopWaiting, Drop",
        "connect handshake closed | waiting ws: Drop, wait 125",
        "connect handshake timeUp | open ws: ",
        "connect handshake networkChanged | open ws: Check",
        "connect closed connect | connecting ws: StopWaiting, Drop, open ws 2",
        "connect closed timeUp | connecting ws: open ws 2",
        "connect closed handshake | waiting ws: ",
        "connect closed closed | waiting ws: ",
        "connect reconnect lateClosed | connecting ws: ",
        "connect reconnect lateHandshake | connecting ws: ",
        "connect status403 timeUp | refused ws: ",
        "connect status403 networkChanged | refused ws: ",
        "connect status403 connect | connecting ws: StopWaiting, Drop, open ws 2",
        "connect status403 disconnect | idle ws: StopWaiting, Drop",
      })
  void eachPhaseAndInput(String inputs, String expected) {
    assertThat(outcome(TransportChoice.WS, false, inputs)).isEqualTo(end(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connect status401 | refused ws: Drop",
        "connect handshake status401 | waiting ws: Drop, wait 125",
        "connect handshake status401 timeUp status401 | refused ws: Drop",
        "connect closed timeUp closed timeUp closed timeUp handshake status401 | waiting ws: Drop,"
            + " wait 500",
        "connect closed timeUp closed timeUp handshake status401 timeUp handshake status401 |"
            + " refused ws: Drop",
        "connect handshake code4500 | refused ws: Drop",
        "connect handshake code4501 | refused ws: Drop",
        "connect handshake code4999 | refused ws: Drop",
        "connect handshake protocol | refused ws: Drop",
        "connect handshake code1013 | waiting ws: Drop, wait 125",
        "connect handshake code4000 | waiting ws: Drop, wait 125",
        "connect handshake code4002 | waiting ws: Drop, wait 125",
        "connect handshake code4499 | waiting ws: Drop, wait 125",
        "connect handshake code5000 | waiting ws: Drop, wait 125",
        "connect handshake retry3000 | waiting ws: Drop, wait 3125",
        "connect status503 | waiting ws: Drop, wait 125",
      })
  void v23_codesSayWhetherToComeBack(String inputs, String expected) {
    assertThat(outcome(TransportChoice.WS, true, inputs)).isEqualTo(end(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connect | connecting ws: StopWaiting, Drop, open ws 1 or other",
        "connect closed | connecting ajax: Drop, open ajax 2",
        "connect silent | connecting ajax: Drop, open ajax 2",
        "connect closed handshake | open ajax: probeIn 30000, Flush",
        "connect closed handshake probeDue | open ajax: open ws 3 or other",
        "connect closed handshake probeDue probeDue | open ajax: ",
        "connect closed handshake probeDue closed | open ajax: DropProbe, probeIn 60000",
        "connect closed handshake probeDue silent | open ajax: DropProbe, probeIn 60000",
        "connect closed handshake probeDue handshake | open ws: Adopt, Flush",
        "connect closed handshake probeDue firstClosed | waiting ajax: Drop, wait 125",
        "connect closed handshake networkChanged | open ajax: Check, open ws 3 or other",
        "connect retry5000 | waiting ws: Drop, wait 5125",
        "connect handshake closed timeUp closed | connecting ajax: Drop, open ajax 3",
        "connect handshake closed timeUp closed closed | waiting ws: Drop, wait 250",
        "connect handshake closed timeUp closed handshake closed | waiting ws: Drop, wait 250",
      })
  void v26_auto(String inputs, String expected) {
    assertThat(outcome(TransportChoice.AUTO, true, inputs)).isEqualTo(end(expected));
  }

  @Test
  void v26_probesAreTriedEverMoreRarely() {
    var inputs = new StringBuilder("connect closed handshake");
    for (int i = 0; i < 8; i++) {
      inputs.append(" probeDue closed");
    }
    assertThat(outcome(TransportChoice.AUTO, true, inputs.toString()))
        .isEqualTo("open ajax: DropProbe, probeIn 600000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connect closed closed | waiting ws: Drop, wait 125",
        "connect closed closed timeUp | connecting ws: open ws 3 or other",
        "connect closed handshake closed | waiting ajax: Drop, wait 125",
        "connect closed handshake probeDue | open ajax: ",
        "connect handshake closed timeUp closed | waiting ws: Drop, wait 250",
        "connect handshake closed timeUp closed timeUp closed | waiting ajax: Drop, wait 500",
      })
  void classicStaysWithWhatWorked(String inputs, String expected) {
    assertThat(outcome(TransportChoice.AUTO, false, inputs)).isEqualTo(end(expected));
  }

  @ParameterizedTest
  @CsvSource({"0, 249", "1, 499", "2, 999", "6, 15999", "7, 29999", "1000, 29999"})
  void v27_theWaitDoublesUpToABound(int failures, long most) {
    assertThat(Life.backoff(failures, 0.999999)).isEqualTo(most);
    assertThat(Life.backoff(failures, 0)).isZero();
  }

  @Test
  void v27_aConnectionThatLastedBeginsAnew() {
    var failures = "connect closed timeUp closed timeUp handshake";
    assertThat(outcome(TransportChoice.WS, true, failures + " 999 closed")).endsWith("wait 500");
    assertThat(outcome(TransportChoice.WS, true, failures + " 1000 closed")).endsWith("wait 125");
  }

  @Test
  void v27_connectionsThatDoNotLastAreWaitedForASecondAtMost() {
    var many = "connect closed" + " timeUp handshake closed".repeat(20);
    assertThat(outcome(TransportChoice.WS, true, many)).endsWith("wait 500");
  }

  @Test
  void theStateTellsOfTheFirstOpeningAndTheLaterOnes() {
    var life = Life.begin(TransportChoice.WS, true);
    var now = new Moment(0, DATE, 0.5);
    life = life.step(new Input.Connect(), now).next();
    assertThat(life.state().open()).isFalse();
    life = life.step(new Input.Opened(1, greeting()), now).next();
    assertThat(life.state().firstOpen()).isTrue();
    assertThat(life.state().uid()).isEqualTo("alice");
    life = life.step(new Input.Closed(1, new Close(CloseReason.UNEXPECTED)), now).next();
    assertThat(life.state().everOpened()).isTrue();
    assertThat(life.state().firstOpen()).isFalse();
    assertThat(life.state().nextReconnectAt()).isEqualTo(DATE.plusMillis(125));
    life = life.step(new Input.TimeUp(), now).next();
    assertThat(life.state().nextReconnectAt()).isNull();
    life = life.step(new Input.Opened(2, greeting()), now).next();
    assertThat(life.state().open()).isTrue();
    assertThat(life.state().firstOpen()).isFalse();
  }

  /** A CSV cell loses the space at its end. */
  private static String end(String expected) {
    return expected.endsWith(":") ? expected + " " : expected;
  }
}
