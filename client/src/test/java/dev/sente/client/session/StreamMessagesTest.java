package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.CloseReason;
import dev.sente.client.TransportChoice;
import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client in v2 sends and takes: each message once, in order, numbered and acknowledged. */
class StreamMessagesTest extends StreamScene {

  @Test
  void v5_messagesThatWaitLeaveInOneFrame() {
    var client = connect(options(TransportChoice.WS));
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/none");
    assertThat(network.socket().sent).isEmpty();
    shake(fresh("T1"));
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:test/up 1] [:test/up 2] [:test/none]]]");
  }

  @Test
  void v5_requestsAreAnsweredBothWays() {
    var client = open();
    var reply = client.request("test/ask", 7);
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/request [1 [:test/ask 7]]]]]");
    var failed = client.request("test/ask", 8);
    say("[[[:chsk/reply [1 [:a]]] [:chsk/error [2 {:code \"no\" :message \"why\"}]]]]");
    assertThat(((Reply.Value) reply.join()).value().isVector()).isTrue();
    assertThat(failed.join()).isEqualTo(new Reply.RemoteError("no", "why"));

    client.answer("test/asked", Long.class, (number, request) -> number * 2);
    var later = new CompletableFuture<String>();
    client.answer("test/later", request -> later);
    client.answer(
        "test/broken",
        request -> {
          throw new IllegalStateException("secret");
        });
    network.socket().takeSent();
    say(
        "[[[:chsk/request [1 [:test/later]]] [:chsk/request [2 [:test/asked 21]]]"
            + " [:chsk/request [3 [:test/broken]]] [:chsk/request [4 [:test/unknown]]]"
            + " [:chsk/request [5 [:test/asked \"x\"]]]]]");
    later.complete("done");
    time.settle();
    var sent = String.join(" ", network.socket().takeSent());
    assertThat(sent)
        .contains("[:chsk/reply [2 42]]", "[:chsk/error [3 {:code \"handler-error\"}]]")
        .contains(
            "[4 {:code \"no-handler\"", "[5 {:code \"bad-data\"", "[:chsk/reply [1 \"done\"]]")
        .doesNotContain("secret");
  }

  @Test
  void v7_whatCameBeforeIsDropped() {
    open();
    say("[[[:test/down 1] [:test/down 2]]]");
    breakOff();
    assertThat(network.socket().call.uri().getQuery()).contains("received=2");
    shake(handshake("T1", 0, true, "nil"));
    say("[[[:test/down 3]]]");
    assertThat(got).containsExactly(1L, 2L, 3L);
  }

  @Test
  void v9_acknowledgesAfter128MessagesOrASecondOrWhenPinged() {
    open();
    say("[[[:test/down 1]]]");
    assertThat(network.socket().takeSent()).isEmpty();
    time.advance(Duration.ofSeconds(1));
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/ack 1]]");
    say("[[" + "[:test/down 2]".repeat(127) + "]]");
    assertThat(network.socket().takeSent()).isEmpty();
    say("[[[:test/down 3]]]");
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/ack 129]]");
    say("[[[:test/down 4]]]");
    assertThat(network.socket().takeSent()).isEmpty();
    say("[[:chsk/ping]]");
    assertThat(network.socket().takeSent())
        .containsExactlyInAnyOrder("[[:chsk/ack 130]]", "[[:chsk/pong]]");
    say("[[:chsk/ping]]");
    assertThat(network.socket().takeSent()).containsExactly("[[:chsk/pong]]");
  }

  @Test
  void v10_anImpossibleAcknowledgementIsAProtocolError() {
    var client = open();
    say("[[:chsk/ack 1]]");
    assertThat(network.socket().closeCode).isEqualTo(4501);
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    time.advance(Duration.ofHours(1));
    assertThat(network.sockets).hasSize(1);
  }

  @Test
  void v16_theQueueIsBounded() {
    var client = connect(options(TransportChoice.WS).maxQueuedMessages(2).maxQueuedBytes(100));
    assertThat(client.send("test/up", 1)).isTrue();
    assertThat(client.send("test/up", "x".repeat(200))).isFalse();
    assertThat(client.send("test/up", 2)).isTrue();
    assertThat(client.send("test/up", 3)).isFalse();
    var refused = client.request("test/up", 3);
    time.settle();
    assertThat(refused.join()).isInstanceOf(Reply.Refused.class);
    shake(fresh("T1"));
    assertThat(client.send("test/up", 3)).isFalse();
    say("[[:chsk/ack 2]]");
    assertThat(client.send("test/up", 3)).isTrue();
    // The server takes no message of more than 1000 bytes.
    say("[[:chsk/ack 3]]");
    assertThat(client.send("test/up", "x".repeat(1000))).isFalse();
  }

  @Test
  void whatTheNetworkDoesNotTakeWaits() {
    var client = open();
    network.socket().takesAll = false;
    client.send("test/up", 1);
    client.send("test/up", 2);
    client.send("test/up", 3);
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
    network.socket().take();
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 2] [:test/up 3]]]");
  }

  @Test
  void aRequestThatNeverLeftIsTakenBack() {
    var client = connect(options(TransportChoice.WS));
    var late = client.request(Event.of("test/ask"), Duration.ofMillis(100));
    var cancelled = client.request(Event.of("test/ask"), Duration.ofSeconds(100));
    client.send("test/up", 1);
    cancelled.cancel(false);
    time.advance(Duration.ofMillis(100));
    assertThat(late.join()).isEqualTo(new Reply.TimedOut());
    shake(fresh("T1"));
    assertThat(network.socket().takeSent()).containsExactly("[[[:test/up 1]]]");
  }

  @Test
  void aRequestMayWaitForEver() {
    var client = open();
    var ever = client.request(Event.of("test/ask"), ChronoUnit.FOREVER.getDuration());
    assertThat(network.socket().takeSent()).hasSize(1);
    time.advance(Duration.ofSeconds(20));
    assertThat(ever).isNotDone();
    say("[[[:chsk/reply [1 2]]]]");
    assertThat(ever).isCompletedWithValueMatching(Reply.Value.class::isInstance);
  }

  @Test
  void deliveredTellsWhenTheServerHasAll() {
    var client = open();
    assertThat(settled(client.delivered())).isTrue();
    client.send("test/up", 1);
    client.send("test/up", 2);
    var all = client.delivered();
    say("[[:chsk/ack 1]]");
    assertThat(all).isNotDone();
    say("[[:chsk/ack 2]]");
    assertThat(settled(all)).isTrue();
    client.send("test/up", 3);
    var lost = client.delivered();
    breakOff();
    shake(handshake("T2", 0, false, "\"overflow\""));
    assertThat(settled(lost)).isFalse();
  }

  @Test
  void v5_anAnswerThatTheServerWouldNotTakeIsAnError() {
    var client = open();
    client.answer("test/big", request -> "x".repeat(2000));
    say("[[[:chsk/request [1 [:test/big]]]]]");
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/error [1 {:code \"handler-error\"}]]]]");
    assertThat(errors).singleElement().asString().contains("test/big: ", "1000 bytes");
  }

  @Test
  void v24_whatCannotBePackedAgainEndsTheSession() {
    var client = connect(options(TransportChoice.WS).packer(new Forgetful()));
    var data = new ArrayList<Object>(List.of(1));
    client.send("test/up", data);
    client.send("test/up", 2);
    // Documented as forbidden: what is packed with others is packed when it leaves.
    data.add(data);
    shake(fresh("T1"));
    assertThat(errors).singleElement().asString().startsWith("protocol: ");
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    data.clear();
    client.connect();
    time.settle();
    assertThat(network.socket().call.subprotocols()).containsExactly("sente.v2");
    shake(fresh("T2"));
    assertThat(network.socket().takeSent()).isEmpty();
  }

  @Test
  void v6_whatCouldNotBePackedForWantOfMemoryGoesBeforeWhatFollows() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.WS).packer(packer));
    client.send("test/up", 1);
    client.send("test/up", 2);
    packer.meanwhile =
        () -> {
          packer.meanwhile = () -> {};
          throw new InternalError("no memory");
        };
    try {
      shake(fresh("T1"));
    } catch (InternalError e) {
      // The mailbox throws to whoever ran it what no task takes.
    }
    client.send("test/up", 3);
    time.settle();
    // Else the server would take the third for the first, and be sent the others and it again.
    assertThat(network.socket().takeSent()).isEmpty();
    time.advance(Duration.ofMillis(1));
    shake(handshake("T1", 0, true, "nil"));
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:test/up 1] [:test/up 2] [:test/up 3]]]");
    assertThat(errors).containsExactly("connect: no memory");
  }

  /** As where several threads ask at once, and the data of one is changed too early. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void v5_aRequestThatCannotBePackedWithItsNumberIsRefused(boolean isError) {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.WS).packer(packer).maxQueuedMessages(2));
    shake(fresh("T1"));
    packer.meanwhile =
        () -> {
          packer.meanwhile = () -> {};
          var ignored = client.request("test/other", 1);
          packer.meanwhile =
              () -> {
                packer.meanwhile = () -> {};
                if (isError) {
                  throw new InternalError("no memory");
                }
                throw new PackException("changed");
              };
        };
    var asked = client.request(Event.of("test/ask", 2), ChronoUnit.FOREVER.getDuration());
    time.settle();
    assertThat(asked).isCompletedWithValueMatching(Reply.Refused.class::isInstance);
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/request [1 [:test/other 1]]]]]", "[[:chsk/ping]]");
    say("[[:chsk/ack 1]]");
    assertThat(client.send("test/up", 3)).isTrue();
    assertThat(client.send("test/up", 4)).isTrue();
    assertThat(client.send("test/up", 5)).isFalse();
  }

  @Test
  void whatDisconnectingDroppedIsNotTakenForDelivered() {
    var client = open();
    client.send("test/up", 1);
    client.disconnect();
    assertThat(settled(client.delivered())).isFalse();
    client.disconnect();
    assertThat(settled(client.delivered())).isFalse();
    client.connect();
    time.settle();
    shake(fresh("T2"));
    assertThat(settled(client.delivered())).isTrue();
    client.disconnect();
    assertThat(settled(client.delivered())).isTrue();
  }

  @Test
  void whatWasTakenBesideDisconnectingIsNotTakenForDelivered() {
    var packer = new Forgetful();
    var client = connect(options(TransportChoice.WS).packer(packer));
    shake(fresh("T1"));
    packer.meanwhile = client::disconnect;
    assertThat(client.send("test/up", 1)).isTrue();
    assertThat(settled(client.delivered())).isFalse();
  }

  @Test
  void v5_dataThatDoesNotFitIsToldSoByALaterAnswerToo() {
    var client = open();
    client.answer(
        "test/later",
        request -> CompletableFuture.supplyAsync(() -> request.data(Long.class), time));
    say("[[[:chsk/request [1 [:test/later \"x\"]]]]]");
    assertThat(network.socket().takeSent())
        .singleElement()
        .asString()
        .startsWith("[[[:chsk/error [1 {:code \"bad-data\"");
  }

  @Test
  void v10_aServerThatAsksAndNeverAcknowledgesIsNotAnsweredForEver() {
    var client = open();
    long number = 0;
    while (client.state().open() && number < 40_000) {
      var frame = new StringBuilder("[[");
      for (int i = 0; i < 1000; i++) {
        frame.append("[:chsk/request [").append(++number).append(" [:test/none]]]");
      }
      say(frame.append("]]").toString());
    }
    assertThat(lastClose(client).reason()).isEqualTo(CloseReason.PROTOCOL);
    assertThat(number).isBetween(16_385L, 20_000L);
    assertThat(errors).containsExactly("protocol: the server asks and does not acknowledge");
  }

  /** As who means to bound nothing. */
  @Test
  void boundsMayBeAsLargeAsOneLikes() {
    var client =
        connect(
            options(TransportChoice.WS)
                .inboxEvents(Integer.MAX_VALUE)
                .maxQueuedMessages(Integer.MAX_VALUE)
                .maxQueuedBytes(Integer.MAX_VALUE)
                .maxMessageBytes(Integer.MAX_VALUE));
    client.answer("test/asked", request -> 1);
    shake(fresh("T1"));
    var reply = client.request("test/ask", 1);
    say("[[[:test/down 1] [:chsk/request [1 [:test/asked]]]]]");
    say("[[[:chsk/reply [1 2]]]]");
    assertThat(got).containsExactly(1L);
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
    assertThat(network.socket().takeSent()).contains("[[[:chsk/reply [1 1]]]]");
    assertThat(errors).isEmpty();
  }
}
