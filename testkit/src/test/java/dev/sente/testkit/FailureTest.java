package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.sente.event.Event;
import dev.sente.mailbox.Mailbox;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.server.Dropped;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others' code throws, of whatever kind, stays where it belongs, and is told of. */
class FailureTest {

  private static final String ALICE = "uid=alice&client-id=a";

  private static InMemorySocket stream(Scene scene, String query, String... protocols) {
    var wanted = "sente.v2" + (protocols.length == 0 ? "" : ", sente.session." + protocols[0]);
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", wanted);
    scene.time.settle();
    return answer.socket();
  }

  private static String session(String handshake) {
    var frame = StreamWire.read(EdnPacker.DEFAULT, handshake.getBytes(StandardCharsets.UTF_8));
    return ((Frame.Handshake) frame).info().session();
  }

  private static InMemoryChannels.InMemoryAnswer poll(Scene scene, String query, String token) {
    return scene.get(query, "X-Sente", "2", "X-Sente-Session", token);
  }

  /** Throws once what it is told to. */
  private static final class Failing implements Packer {
    private @Nullable Throwable next;

    @Override
    public String name() {
      return "failing";
    }

    @Override
    public boolean hasKeywords() {
      return true;
    }

    @Override
    public byte[] pack(@Nullable Object value) {
      var thrown = next;
      if (thrown != null) {
        next = null;
        FailureTest.<RuntimeException>sneak(thrown);
      }
      return EdnPacker.DEFAULT.pack(value);
    }

    @Override
    public @Nullable Object unpack(byte[] packed) {
      return EdnPacker.DEFAULT.unpack(packed);
    }
  }

  /** As other languages may, which have no checked exceptions. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> void sneak(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private static Throwable thrown(String kind) {
    return switch (kind) {
      case "checked" -> new IOException("on purpose");
      case "machine" -> new InternalError("on purpose");
      default -> new AssertionError("on purpose");
    };
  }

  // Packers.

  @ParameterizedTest
  @ValueSource(strings = {"checked", "assertion", "machine"})
  void v16_aBatchThatFailsEndsTheStreamAndLeavesNoHole(String kind) {
    var packer = new Failing();
    var scene = new Scene(o -> o.packers(packer));
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    socket.stall(true);
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.push("alice", Event.of("test/x", 2));
    packer.next = thrown(kind);
    var told =
        catchThrowable(
            () -> {
              socket.stall(false);
              scene.time.settle();
            });
    scene.time.settle();
    assertThat(told).isEqualTo(kind.equals("machine") ? told : null);
    scene.server.push("alice", Event.of("test/x", 3));
    scene.time.settle();
    assertThat(socket.closeCode()).isEqualTo(4001);
    assertThat(String.join("", socket.texts())).doesNotContain("test/x");
    assertThat(stream(scene, ALICE, token).texts().getFirst()).contains(":lost \"overflow\"");
    scene.time.settle();
    assertThat(scene.dropped.getFirst())
        .isEqualTo(new Dropped("alice", "a", 2, Dropped.Reason.OVERFLOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"checked", "assertion", "machine"})
  void v16_norDoesAPollsAnswer(String kind) {
    var packer = new Failing();
    var scene = new Scene(o -> o.packers(packer));
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    var poll = poll(scene, ALICE + "&received=0", token);
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.push("alice", Event.of("test/x", 2));
    packer.next = thrown(kind);
    var told = catchThrowable(() -> scene.pass(10));
    scene.time.settle();
    assertThat(told).isEqualTo(kind.equals("machine") ? told : null);
    scene.server.push("alice", Event.of("test/x", 3));
    scene.pass(10);
    assertThat(poll.text()).contains(":code 4001");
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 2, Dropped.Reason.OVERFLOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"checked", "assertion"})
  void k23_norDoesAClassicMessage(String kind) {
    var packer = new Failing();
    var scene = new Scene(o -> o.packers(packer));
    var socket = scene.connect(ALICE);
    socket.stall(true);
    scene.server.push("alice", List.of(Event.of("test/x", 1), Event.of("test/x", 2)));
    packer.next = thrown(kind);
    socket.stall(false);
    scene.time.settle();
    assertThat(socket.closeCode()).isEqualTo(4001);
    scene.get("uid=bob&client-id=b");
    var poll = scene.get("uid=bob&client-id=b");
    scene.server.push("bob", List.of(Event.of("test/x", 1), Event.of("test/x", 2)));
    packer.next = thrown(kind);
    scene.pass(10);
    assertThat(poll.isAnswered()).isTrue();
    assertThat(scene.dropped)
        .containsExactly(
            new Dropped("alice", "a", 2, Dropped.Reason.OVERFLOW),
            new Dropped("bob", "b", 2, Dropped.Reason.OVERFLOW));
  }

  @Test
  void v22_aPingThatFailsIsNotTheLast() {
    var packer = new Failing();
    var scene = new Scene(o -> o.packers(packer));
    var socket = stream(scene, ALICE);
    packer.next = new InternalError("on purpose");
    assertThat(catchThrowable(() -> scene.pass(12_500))).isInstanceOf(InternalError.class);
    scene.pass(300_000);
    assertThat(socket.isOpen()).isFalse();
  }

  // Hooks and listeners.

  @Test
  void c2_aHandshakeHookThatThrowsAnyErrorIsAnswered() {
    var scene =
        new Scene(
            o ->
                o.handshakeData(
                    request -> {
                      throw new ServiceConfigurationError("on purpose");
                    }));
    assertThat(scene.get(ALICE, "X-Sente", "2").status()).isEqualTo(500);
    assertThat(scene.get(ALICE).status()).isEqualTo(500);
  }

  @Test
  void c2_aHookThatThrowsAnyErrorIsAnswered() {
    var scene =
        new Scene(
            o ->
                o.userId(
                    request -> {
                      throw new ServiceConfigurationError("on purpose");
                    }));
    assertThat(scene.get(ALICE, "X-Sente", "2").status()).isEqualTo(500);
    assertThat(scene.get(ALICE).status()).isEqualTo(500);
    assertThat(scene.get(ALICE).text()).doesNotContain("purpose");
  }

  @Test
  void aListenerThatThrowsAnyErrorKeepsItFromNobody() {
    var scene = new Scene();
    scene
        .server
        .connectedUsers()
        .onChange(
            change -> {
              throw new AssertionError("on purpose");
            });
    var told = new ArrayList<Object>();
    scene.server.connectedUsers().onChange(told::add);
    stream(scene, ALICE);
    assertThat(told).hasSize(1);
  }

  @Test
  void aFailureThatCannotBeLoggedStopsNoMailbox() {
    var mailbox = new Mailbox();
    var ran = new ArrayList<Integer>();
    mailbox.post(
        () -> {
          throw new UnloggableException();
        });
    mailbox.post(() -> ran.add(1));
    assertThat(ran).containsExactly(1);
  }

  private static final class UnloggableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("on purpose");
    }
  }
}
