package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.CloseReason;
import dev.sente.client.Lost;
import dev.sente.client.TransportChoice;
import dev.sente.client.TransportType;
import dev.sente.client.net.HttpAnswer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The polls and POSTs of a client in v2. */
class StreamPollingTest extends StreamScene {

  @Test
  void v18_aPollThatIsCutIsAskedAgain() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    assertThat(network.request("GET").param("handshake?")).isNull();
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    network.request("GET").fail();
    time.settle();
    assertThat(network.request("GET").param("received")).isEqualTo("1");
    network.request("GET").answer("[[:chsk/timeout]]");
    time.settle();
    assertThat(client.state().open()).isTrue();
    assertThat(got).containsExactly(1L);
  }

  @Test
  void v19_onePostAtATimeAndWhatWaitsGoesAsOneBatch() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/up", 3);
    var first = network.request("POST");
    assertThat(first.body()).isEqualTo("[[[:test/up 1]]]");
    first.answer("[[:chsk/ack 1]]");
    time.settle();
    var second = network.request("POST");
    assertThat(second.body()).isEqualTo("[[[:test/up 2] [:test/up 3]]]");
    assertThat(second.param("first")).isEqualTo("2");
    // Lost: the same again, the server drops what it has.
    second.fail();
    time.settle();
    assertThat(network.isWaiting("POST")).isFalse();
    time.advance(Duration.ofMillis(200));
    assertThat(network.request("POST").param("first")).isEqualTo("2");
    // A full inbox: the rest again.
    network.request("POST").answer("[[:chsk/ack 2]]");
    time.advance(Duration.ofMillis(200));
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 3]]]");
    network.request("POST").answer(409, "2", 0);
    time.advance(Duration.ofMillis(400));
    assertThat(network.request("POST").param("first")).isEqualTo("3");
  }

  @Test
  void v19_whatAServerHasNoRoomForGoesAgainAfterAPause() {
    var client = openByPolling();
    client.send("test/up", 1);
    network.request("POST").answer(503, "", 1000);
    time.advance(Duration.ofMillis(999));
    assertThat(client.state().open()).isFalse();
    assertThat(network.isWaiting("GET")).isFalse();
    time.advance(Duration.ofMillis(2));
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 1]]]");
  }

  /** A message goes again as a whole: over a slow line it would never be there. */
  @ParameterizedTest
  @CsvSource({"10, 20", "70000, 77", "1000000, 304"})
  void v19_aPostIsTriedAgainAfterAWhileAndALargeOneLater(int size, int seconds) {
    var client = openForLarge();
    assertThat(client.send("test/up", "x".repeat(size))).isTrue();
    var post = network.request("POST");
    for (int i = 1; i < seconds; i++) {
      time.advance(Duration.ofSeconds(1));
      network.request("GET").answer("[[:chsk/timeout]]");
    }
    time.advance(Duration.ofMillis(999));
    assertThat(post.isWaiting()).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(post.aborted).isTrue();
    time.advance(Duration.ofMillis(200));
    assertThat(network.request("POST").param("first")).isEqualTo("1");
  }

  @Test
  void v19_whatWasNotAnsweredInTimeGoesInSmallerPartsSinceTheWayUpMayBeSlow() {
    var client = openForLarge();
    client.send("test/up", 0);
    for (int i = 1; i <= 60; i++) {
      client.send("test/up", "x".repeat(1000));
    }
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    assertThat(messagesIn(network.request("POST"))).isEqualTo(60);
    time.advance(Duration.ofMillis(20_200));
    assertThat(network.request("POST").param("first")).isEqualTo("2");
    assertThat(messagesIn(network.request("POST"))).isEqualTo(32);
    time.advance(Duration.ofMillis(20_400));
    assertThat(messagesIn(network.request("POST"))).isEqualTo(16);
    // The server may have got the whole of the first all the same.
    network.request("POST").answer("[[:chsk/ack 61]]");
    client.send("test/up", 1);
    time.advance(Duration.ofMillis(100));
    assertThat(network.request("POST").param("first")).isEqualTo("62");
  }

  @Test
  void v19_aPostThatIsNeverAnsweredIsToldOf() {
    var client = openForLarge();
    client.send("test/up", "x".repeat(1_000_000));
    for (int i = 0; i < 5 * 305; i++) {
      time.advance(Duration.ofSeconds(1));
      if (client.state().open()) {
        network.request("GET").answer("[[:chsk/timeout]]");
      }
    }
    assertThat(errors).containsExactly("post: no answer within PT5M4S");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
  }

  @Test
  void v19_nothingIsForgottenWhileAHandshakeIsAwaited() {
    var client = openByPolling();
    client.networkChanged();
    time.settle();
    assertThat(network.sockets).hasSize(2);
    client.send("test/up", 1);
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    // The handshake was on its way before the POST arrived.
    shake(handshake("T1", 0, true, "nil"));
    assertThat(client.state().type()).isEqualTo(TransportType.WS);
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
  }

  @Test
  void v19_aPageInAnswerToAPostIsNotTheServers() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    network.request("POST").answer("<html>Log in to this network first</html>");
    time.settle();
    assertThat(errors).singleElement().asString().startsWith("post: ");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
    time.advance(Duration.ofMillis(1));
    var poll = network.request("GET");
    assertThat(poll.param("handshake?")).isEqualTo("1");
    assertThat(poll.call.headers()).containsEntry("X-Sente-Session", "T1");
    poll.answer(handshake("T1", 0, true, "nil"));
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 1]]]");
  }

  @Test
  void v19_aServerWhoseInboxIsFullIsNoLostOne() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    for (int i = 0; i < 12; i++) {
      network.request("POST").answer("[[:chsk/ack 0]]");
      time.settle();
      assertThat(client.state().open()).isTrue();
      time.advance(Duration.ofSeconds(4));
    }
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    assertThat(client.state().open()).isTrue();
  }

  @Test
  void v24_anAnswerToAPollThatIsTooLongIsNotFetchedForEver() {
    var client = connect(options(TransportChoice.AJAX).maxMessageBytes(1000));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    // Once it may be a network's own page.
    network.request("GET").end(HttpAnswer.tooLong(1000));
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.UNEXPECTED);
    time.advance(Duration.ofMillis(1));
    assertThat(network.request("GET").call.headers()).containsEntry("X-Sente-Session", "T1");
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    network.request("GET").end(HttpAnswer.tooLong(1000));
    time.advance(Duration.ofHours(1));
    assertThat(network.isWaiting("GET")).isFalse();
    assertThat(errors).last().asString().contains("protocol: ", "1000 bytes");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
  }

  @Test
  void v24_anAnswerToAPollThatCannotBeReadIsNotFetchedForEver() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    var page = "<html>Log in to this network first</html>";
    // Once may be a network's own, and so may be the first after something that was read.
    for (var answer : List.of(page, "[[:chsk/timeout]]", page)) {
      network.request("GET").answer(answer);
      time.settle();
      time.advance(Duration.ofMillis(1));
      if (!client.state().open()) {
        network.request("GET").answer(handshake("T1", 0, true, "nil"));
        time.settle();
      }
      assertThat(client.state().open()).isTrue();
    }
    network.request("GET").answer(page);
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    time.advance(Duration.ofHours(1));
    assertThat(network.isWaiting("GET")).isFalse();
  }

  @Test
  void v19_aPostOfAnEarlierSessionIsNotSettledAgainstTheNext() {
    var client = openByPolling();
    time.advance(Duration.ofSeconds(6));
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/up", 3);
    network.request("POST").answer("[[:chsk/ack 1]]");
    time.settle();
    client.networkChanged();
    time.settle();
    // The server's inbox is full.
    network.request("POST").answer("[[:chsk/ack 2]]");
    time.settle();
    network.request("GET").answer(handshake("T2", 0, false, "\"unknown-session\""));
    time.settle();
    network.socket().listener.onFailed(0, 0, null);
    time.settle();
    assertThat(errors).isEmpty();
    assertThat(client.state().open()).isTrue();
    client.send("test/up", 4);
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 4]]]");
    assertThat(network.request("POST").param("first")).isEqualTo("1");
  }

  @Test
  void v18_whatCouldNotBeReadForWantOfMemoryIsAskedForAgain() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.AJAX).packer(packer));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    packer.whileReading =
        () -> {
          packer.whileReading = () -> {};
          throw new InternalError("no memory");
        };
    try {
      network.request("GET").answer("[[[:test/down 1]]]");
    } catch (InternalError e) {
      // The mailbox throws to whoever ran it what no task takes.
    }
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    assertThat(got).containsExactly(1L);
    assertThat(client.state().open()).isTrue();
    assertThat(errors).containsExactly("poll: no memory");
  }

  @Test
  void v19_whatCouldNotBePackedForAPostForWantOfMemoryGoesAllTheSame() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.AJAX).packer(packer));
    client.send("test/up", 1);
    client.send("test/up", 2);
    packer.meanwhile =
        () -> {
          packer.meanwhile = () -> {};
          throw new InternalError("no memory");
        };
    try {
      network.request("GET").answer(fresh("T1"));
    } catch (InternalError e) {
      // The mailbox throws to whoever ran it what no task takes.
    }
    time.settle();
    time.advance(Duration.ofMillis(1));
    network.request("GET").answer(handshake("T1", 0, true, "nil"));
    time.settle();
    assertThat(network.request("POST").body()).isEqualTo("[[[:test/up 1] [:test/up 2]]]");
    assertThat(network.request("POST").param("first")).isEqualTo("1");
    assertThat(errors).containsExactly("post: no memory");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 406, 413})
  void v24_aPostThatIsRefusedDoesNotGoAgain(int status) {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    client.send("test/up", 1);
    time.settle();
    // By what stands before the server: that has the session still.
    network.request("POST").answer(status, "<html>", 0);
    time.settle();
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    assertThat(lastClose(client).status()).isEqualTo(status);
    assertThat(errors).containsExactly("protocol: the server answered " + status);
    client.connect();
    time.settle();
    assertThat(network.request("GET").call.headers()).doesNotContainKey("X-Sente-Session");
    network.request("GET").answer(fresh("T2"));
    time.settle();
    assertThat(client.state().lost()).isEqualTo(new Lost("protocol", List.of("test/up")));
    assertThat(network.isWaiting("POST")).isFalse();
  }

  @Test
  void aPollIsAskedAnewAfterAChangeOfNetworkHoweverYoungItWas() {
    var client = connect(options(TransportChoice.AJAX));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    var poll = network.request("GET");
    time.advance(Duration.ofSeconds(2));
    client.networkChanged();
    client.networkChanged();
    time.advance(Duration.ofMillis(2_999));
    assertThat(poll.isWaiting()).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(poll.aborted).isTrue();
    // One that was answered meanwhile has shown that it is well, and so is the next.
    client.networkChanged();
    network.request("GET").answer("[[[:test/down 1]]]");
    time.settle();
    var next = network.request("GET");
    time.advance(Duration.ofSeconds(6));
    assertThat(next.isWaiting()).isTrue();
    assertThat(got).containsExactly(1L);
    client.networkChanged();
    assertThat(next.aborted).isTrue();
    client.networkChanged();
    client.close();
    network.request("POST").answer("[[:chsk/ack 0]]");
    time.settle();
    assertThat(time.alarms()).isZero();
  }
}
