package dev.sente.netty;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.OutgoingMessage;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WebSocketTest {

  private final FakeEngine engine = new FakeEngine();
  private final NettyServer server = NettyServer.builder().engine(engine).port(0).start();

  @AfterEach
  void stop() {
    server.close();
  }

  private RawPeer connect() {
    return RawPeer.upgraded(server.port(), "/chsk");
  }

  private FakeListener opened() {
    FakeListener listener = engine.listener();
    assertThat(listener.next()).isEqualTo("open");
    return listener;
  }

  @Test
  void c8_answers101AsTheRfcsExample() {
    try (var peer = new RawPeer(server.port())) {
      peer.send(
          RawPeer.upgradeRequest("/chsk")
              .replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: sente.v2, x\r\n\r\n"));
      var answer = peer.head();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.headers())
          .containsEntry("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
          .containsEntry("sec-websocket-protocol", "sente.v2")
          .doesNotContainKey("sec-websocket-extensions");
      assertThat(engine.listener().next()).isEqualTo("open");
    }
  }

  @Test
  void bytesOfAMessageThatIsNotCompleteAreTold() throws InterruptedException {
    try (var peer = connect()) {
      FakeListener listener = opened();
      byte[] frame = RawPeer.frame(0x01, "ab".getBytes(UTF_8));
      for (byte b : Arrays.copyOf(frame, frame.length - 1)) {
        peer.send(new byte[] {b});
      }
      assertThat(listener.arriving.tryAcquire(Await.SECONDS, TimeUnit.SECONDS)).isTrue();
      peer.send(Arrays.copyOfRange(frame, frame.length - 1, frame.length));
      peer.send(RawPeer.frame(0x80, "c".getBytes(UTF_8)));
      assertThat(listener.next()).isEqualTo("text abc");
      assertThat(peer.frame().text()).isEqualTo("abc");
      listener.arriving.drainPermits();
      peer.sendText("whole");
      assertThat(listener.next()).isEqualTo("text whole");
    }
  }

  /** Not even its failure can be told, which must not be another's. */
  @Test
  void aFailureThatCannotBeLoggedIsNoOthers() throws Exception {
    try (var server = NettyServer.builder().engine(engine).eventLoopThreads(1).port(0).start();
        var failing = RawPeer.upgraded(server.port(), "/chsk");
        var other = RawPeer.upgraded(server.port(), "/chsk")) {
      FakeListener first = opened();
      FakeListener second = opened();
      first.onWritable =
          () -> {
            throw new Unspeakable();
          };
      var loop = server.connections().iterator().next().eventLoop();
      loop.submit(
              () -> {
                first.connection().requestWrite();
                second.connection().requestWrite();
              })
          .get();
      loop.submit(() -> {}).get();
      second.connection().requestWrite();
      assertThat(second.next()).isEqualTo("writable");
      assertThat(failing.isEnded()).isTrue();
      other.sendText("alive");
      assertThat(other.frame().text()).isEqualTo("alive");
    }
  }

  private static final class Unspeakable extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  @Test
  void c8_failedHandshakeNeverCallsTheListener() {
    try (var peer = new RawPeer(server.port())) {
      peer.send(RawPeer.upgradeRequest("/chsk").replace("Version: 13", "Version: 8"));
      var answer = peer.answer();
      assertThat(answer.status()).isEqualTo(426);
      assertThat(answer.headers()).containsEntry("sec-websocket-version", "13");
      peer.send(RawPeer.upgradeRequest("/chsk").replace("dGhlIHNhbXBsZSBub25jZQ==", "short"));
      assertThat(peer.answer().status()).isEqualTo(400);
      peer.send(RawPeer.upgradeRequest("/chsk").replace("keep-alive, Upgrade", "keep-alive"));
      assertThat(peer.answer().status()).isEqualTo(400);
      peer.send(RawPeer.upgradeRequest("/chsk?refuse"));
      assertThat(peer.answer().status()).isEqualTo(403);
      assertThat(engine.listeners).hasSize(3).noneMatch(FakeListener::hasNext);
    }
  }

  /** The engine of this test accepts on the event loop. */
  @ParameterizedTest
  @ValueSource(ints = {1, 500, 1500, 5000})
  void c8_openIsToldBeforeAFrameThatCameWithTheRequest(int length) {
    try (var peer = new RawPeer(server.port())) {
      var sent = new ByteArrayOutputStream();
      var text = "x".repeat(length);
      sent.writeBytes(RawPeer.upgradeRequest("/chsk").getBytes(ISO_8859_1));
      sent.writeBytes(RawPeer.frame(0x81, text.getBytes(ISO_8859_1)));
      peer.send(sent.toByteArray());
      assertThat(peer.head().status()).isEqualTo(101);
      assertThat(peer.frame().text()).isEqualTo(text);
      var listener = engine.listener();
      assertThat(listener.next()).isEqualTo("open");
      assertThat(listener.next()).isEqualTo("text " + text);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 125, 126, 1000, 65535, 65536})
  void echoesMessagesOfAllLengths(int length) {
    try (var peer = connect()) {
      String text = "x".repeat(length);
      peer.sendText(text);
      assertThat(peer.frame().text()).isEqualTo(text);
      peer.send(RawPeer.frame(0x82, new byte[length]));
      var frame = peer.frame();
      assertThat(frame.opcode()).isEqualTo(Frames.BINARY);
      assertThat(frame.payload()).hasSize(length);
    }
  }

  @Test
  void readsAMessageByteByByte() {
    try (var peer = connect()) {
      for (byte b : RawPeer.frame(0x81, "drop by drop ü".getBytes(UTF_8))) {
        peer.send(new byte[] {b});
      }
      assertThat(peer.frame().text()).isEqualTo("drop by drop ü");
    }
  }

  @Test
  void putsFragmentsTogetherWithAPingBetween() {
    try (var peer = connect()) {
      peer.send(RawPeer.frame(0x01, "a\u00fc".getBytes(UTF_8)));
      peer.send(RawPeer.frame(0x00));
      peer.send(RawPeer.frame(0x89, (byte) 42));
      peer.send(RawPeer.frame(0x80, "b".getBytes(UTF_8)));
      var pong = peer.frame();
      assertThat(pong.opcode()).isEqualTo(Frames.PONG);
      assertThat(pong.payload()).containsExactly(42);
      assertThat(peer.frame().text()).isEqualTo("aüb");
    }
  }

  @Test
  void c10_requestsMadeBeforeTheCallAreOne() throws Exception {
    try (var peer = connect()) {
      var listener = opened();
      var blocked = new CountDownLatch(1);
      var release = new CountDownLatch(1);
      listener.onWritable =
          () -> {
            blocked.countDown();
            Await.latch(release);
          };
      listener.connection().requestWrite();
      Await.latch(blocked);
      listener.onWritable = () -> {};
      for (int i = 0; i < 100; i++) {
        listener.connection().requestWrite();
      }
      release.countDown();
      assertThat(listener.next()).isEqualTo("writable");
      assertThat(listener.next()).isEqualTo("writable");
      peer.sendText("done");
      assertThat(listener.next()).isEqualTo("text done");
    }
  }

  @Test
  void c10_callsOnTheConnectionsOwnThread() {
    try (var peer = connect()) {
      var listener = opened();
      Thread own = listener.thread();
      listener.onWritable = () -> listener.connection().send(FakeListener.text("now"));
      listener.connection().requestWrite();
      assertThat(listener.next()).isEqualTo("writable");
      assertThat(listener.thread()).isSameAs(own);
      assertThat(peer.frame().text()).isEqualTo("now");
    }
  }

  @Test
  void c11_callComesWhenTheConnectionHasDrained() {
    try (var peer = connect()) {
      var listener = opened();
      var big = new OutgoingMessage(new byte[16 * 1024 * 1024], true);
      listener.onWritable = () -> listener.connection().send(big);
      listener.connection().requestWrite();
      assertThat(listener.next()).isEqualTo("writable");
      listener.onWritable = () -> listener.connection().send(FakeListener.text("after"));
      listener.connection().requestWrite();
      peer.sendText("still read");
      assertThat(listener.next()).isEqualTo("text still read");
      assertThat(listener.hasNext()).as("not writable yet").isFalse();
      assertThat(peer.frame().payload()).hasSize(16 * 1024 * 1024);
      assertThat(peer.frame().text()).isEqualTo("still read");
      assertThat(peer.frame().text()).isEqualTo("after");
      assertThat(listener.next()).isEqualTo("writable");
    }
  }

  @Test
  void c13_messagesLeaveInTheOrderOfTheCalls() throws Exception {
    try (var peer = connect()) {
      var listener = opened();
      listener.onWritable = () -> listener.connection().send(FakeListener.text("written"));
      var expected = new ArrayList<String>();
      for (int i = 0; i < 500; i++) {
        listener.connection().send(FakeListener.text("m" + i));
        expected.add("m" + i);
      }
      listener.connection().requestWrite();
      expected.add("written");
      var got = new ArrayList<String>();
      while (got.size() < expected.size()) {
        got.add(peer.frame().text());
      }
      assertThat(got).isEqualTo(expected);
    }
  }

  @Test
  void oneMessageGoesToManyConnections() {
    var message = FakeListener.text("to all");
    var peers = new ArrayList<RawPeer>();
    var listeners = new ArrayList<FakeListener>();
    for (int i = 0; i < 20; i++) {
      peers.add(connect());
      listeners.add(opened());
    }
    for (int round = 0; round < 3; round++) {
      for (FakeListener listener : listeners) {
        listener.onWritable =
            () -> {
              for (int i = 0; i < 20; i++) {
                listener.connection().send(i % 2 == 0 ? message : FakeListener.text("own " + i));
              }
            };
        listener.connection().requestWrite();
      }
      for (RawPeer peer : peers) {
        for (int i = 0; i < 20; i++) {
          assertThat(peer.frame().text()).isEqualTo(i % 2 == 0 ? "to all" : "own " + i);
        }
      }
    }
    peers.forEach(RawPeer::close);
  }

  @Test
  void c14_closeWaitsForThePeersAnswer() {
    try (var peer = connect()) {
      var listener = opened();
      listener.connection().send(FakeListener.text("last"));
      listener.connection().close(4002, "superseded");
      listener.connection().send(FakeListener.text("too late"));
      assertThat(peer.frame().text()).isEqualTo("last");
      var close = peer.frame();
      assertThat(close.closeCode()).isEqualTo(4002);
      assertThat(new String(close.payload(), 2, 10, UTF_8)).isEqualTo("superseded");
      peer.sendText("not told");
      peer.sendClose(4002);
      assertThat(peer.isEnded()).isTrue();
      assertThat(listener.next()).isEqualTo("closed 4002 ");
    }
  }

  @Test
  void c14_endsThoughThePeerDoesNotAnswer() {
    try (var peer = connect()) {
      var listener = opened();
      listener.connection().setReading(false);
      listener.connection().close(1000, "");
      assertThat(peer.frame().closeCode()).isEqualTo(1000);
      assertThat(peer.isEnded()).isTrue();
      assertThat(listener.next()).isEqualTo("closed 1006 ");
    }
  }

  @ParameterizedTest
  @CsvSource({"1000", "1001", "3000", "4999"})
  void c14_echoesThePeersCloseAndEndsAtOnce(int code) {
    try (var peer = connect()) {
      var listener = opened();
      peer.sendClose(code);
      assertThat(peer.frame().closeCode()).isEqualTo(code);
      assertThat(peer.isEnded()).isTrue();
      assertThat(listener.next()).isEqualTo("closed " + code + " ");
    }
  }

  @Test
  void c16_closeWithoutACodeIs1005() {
    try (var peer = connect()) {
      var listener = opened();
      peer.send(RawPeer.frame(0x88));
      assertThat(peer.frame().payload()).isEmpty();
      assertThat(peer.isEnded()).isTrue();
      assertThat(listener.next()).isEqualTo("closed 1005 ");
    }
  }

  @Test
  void c16_lostConnectionIs1006() {
    var peer = connect();
    var listener = opened();
    peer.close();
    assertThat(listener.next()).isEqualTo("closed 1006 ");
  }

  @Test
  void c16_terminateIsToldOnce() {
    try (var peer = connect()) {
      var listener = opened();
      listener.connection().terminate();
      listener.connection().terminate();
      listener.connection().close(1000, "");
      listener.connection().requestWrite();
      listener.connection().send(FakeListener.text("nobody"));
      assertThat(peer.isEnded()).isTrue();
      assertThat(listener.next()).isEqualTo("closed 1006 ");
      assertThat(listener.hasNext()).isFalse();
    }
  }

  @Test
  void c15_stoppedReadingDeliversNothingAndResumes() {
    try (var peer = RawPeer.upgraded(server.port(), "/chsk?quiet")) {
      var listener = opened();
      listener.connection().setReading(false);
      // A write's call comes after the loop has seen the stop.
      listener.connection().requestWrite();
      assertThat(listener.next()).isEqualTo("writable");
      for (int i = 0; i < 100; i++) {
        peer.sendText("m" + i);
      }
      listener.connection().requestWrite();
      assertThat(listener.next()).isEqualTo("writable");
      listener.connection().setReading(true);
      for (int i = 0; i < 100; i++) {
        assertThat(listener.next()).isEqualTo("text m" + i);
      }
    }
  }
}
