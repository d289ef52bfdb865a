package dev.sente.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.server.channel.ChannelLimits;
import dev.sente.server.channel.WebSocketConnection;
import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostileWebSocketTest {

  private static final Bounds BOUNDS =
      new Bounds(Duration.ofSeconds(60), ArrivingBytes.OF_THE_PROCESS);

  private final FakeEngine engine = new FakeEngine(new ChannelLimits(64 * 1024, 1024));
  private final NettyServer server = NettyServer.builder().engine(engine).port(0).start();
  private RawPeer peer = new RawPeer(server.port());
  private FakeListener listener = new FakeListener(true);

  @BeforeEach
  void open() {
    peer.upgrade("/chsk");
    listener = engine.listener();
    assertThat(listener.next()).isEqualTo("open");
  }

  @AfterEach
  void stop() {
    peer.close();
    server.close();
  }

  private void assertClosedWith(int code) {
    var close = peer.frame();
    assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
    assertThat(close.closeCode()).isEqualTo(code);
    assertThat(peer.isEnded()).isTrue();
    peer.close(); // The server waits for that, or 2 s.
    assertThat(listener.next()).isEqualTo("closed 1006 ");
    assertThat(listener.hasNext()).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "unmasked frame, 1002, 810161",
    "unmasked ping, 1002, 8900",
    "reserved bit 1, 1002, C1810000000061",
    "reserved bit 2, 1002, A1810000000061",
    "reserved bit 3, 1002, 91810000000061",
    "data opcode 3, 1002, 838000000000",
    "data opcode 7, 1002, 878000000000",
    "control opcode 11, 1002, 8B8000000000",
    "control opcode 15, 1002, 8F8000000000",
    "fragmented ping, 1002, 098000000000",
    "fragmented close, 1002, 088000000000",
    "long ping, 1002, 89FE007E00000000",
    "continuation of nothing, 1002, 808000000000",
    "message within a message, 1002, 018100000000 61 8181000000 0062",
    "length not shortest in 16 bits, 1002, 81FE007D00000000",
    "length not shortest in 64 bits, 1002, 81FF000000000000FFFF00000000",
    "length with its highest bit, 1002, 81FF800000000000000000000000",
    "bad UTF-8, 1007, 8182000000 00C328",
    "cut UTF-8, 1007, 81810000 0000C3",
    "surrogate, 1007, 8183000000 00EDA080",
    "overlong slash, 1007, 8182000000 00C0AF",
    "beyond Unicode, 1007, 8184000000 00F4908080",
    "close of one byte, 1002, 88810000 000003",
    "close 0, 1002, 8882000000 000000",
    "close 999, 1002, 888200000000 03E7",
    "close 1004, 1002, 888200000000 03EC",
    "close 1005, 1002, 888200000000 03ED",
    "close 1006, 1002, 888200000000 03EE",
    "close 1015, 1002, 888200000000 03F7",
    "close 2000, 1002, 888200000000 07D0",
    "close 5000, 1002, 888200000000 1388",
    "close with bad UTF-8, 1007, 888400000000 03E8C328",
  })
  void brokenProtocolIsClosed(String what, int code, String hex) {
    peer.send(HexFormat.of().parseHex(hex.replace(" ", "")));
    peer.trySend(RawPeer.frame(0x81, "not told".getBytes(UTF_8)));
    assertClosedWith(code);
  }

  @Test
  void badUtf8AcrossFragmentsIsClosed() {
    peer.send(RawPeer.frame(0x01, (byte) 0xC3));
    peer.send(RawPeer.frame(0x80, (byte) 0x28));
    assertClosedWith(1007);
  }

  @Test
  void closeIsSeenThoughThePeerGoesOnSending() {
    peer.send(HexFormat.of().parseHex("810161"));
    byte[] more = new byte[64 * 1024];
    for (int i = 0; i < 50; i++) {
      peer.trySend(more);
    }
    assertClosedWith(1002);
  }

  @Test
  void floodOfFragmentsIsClosed() {
    peer.send(RawPeer.frame(0x01, (byte) 'a'));
    byte[] empty = RawPeer.frame(0x00);
    var flood = new ByteArrayOutputStream();
    for (int i = 0; i < FrameReader.FREE_FRAGMENTS + 1; i++) {
      flood.writeBytes(empty);
    }
    peer.send(flood.toByteArray());
    assertClosedWith(1008);
  }

  @Test
  void manyFragmentsOfSomeSizeAreFine() {
    var all = new ByteArrayOutputStream();
    for (int i = 0; i < 2000; i++) {
      all.writeBytes(RawPeer.frame(i == 0 ? 0x01 : 0x00, "sixteen letters!".getBytes(UTF_8)));
    }
    all.writeBytes(RawPeer.frame(0x80));
    peer.send(all.toByteArray());
    assertThat(peer.frame().text()).isEqualTo("sixteen letters!".repeat(2000));
  }

  @Test
  void c3_messageOfJustTheLimitIsTaken() {
    peer.send(RawPeer.frame(0x82, new byte[64 * 1024]));
    assertThat(peer.frame().payload()).hasSize(64 * 1024);
  }

  @Test
  void c3_oversizedIsToldOnceAndTheCloseReachesThePeer() {
    peer.send(RawPeer.frame(0x82, new byte[64 * 1024 + 1]));
    assertThat(listener.next()).isEqualTo("oversized");
    peer.trySend(RawPeer.frame(0x82, new byte[64 * 1024 + 1]));
    listener.connection().close(4503, "limit");
    assertThat(peer.frame().closeCode()).isEqualTo(4503);
    peer.sendText("not told");
    peer.sendClose(4503);
    assertThat(peer.isEnded()).isTrue();
    assertThat(listener.next()).isEqualTo("closed 4503 ");
  }

  @Test
  void c3_oversizedByItsFragmentsTogether() {
    peer.send(RawPeer.frame(0x02, new byte[40 * 1024]));
    peer.send(RawPeer.frame(0x00, new byte[40 * 1024]));
    assertThat(listener.next()).isEqualTo("oversized");
    listener.connection().close(4503, "limit");
    assertThat(peer.frame().closeCode()).isEqualTo(4503);
  }

  @Test
  void c3_announcedLengthIsEnough() {
    peer.send(HexFormat.of().parseHex("82FF7FFFFFFFFFFFFFFF00000000"));
    assertThat(listener.next()).isEqualTo("oversized");
    listener.connection().terminate();
    assertThat(peer.isEnded()).isTrue();
    assertThat(listener.next()).isEqualTo("closed 1006 ");
  }

  @Test
  void pingsAreNotAnsweredToWhoDoesNotRead() {
    byte[] ping = RawPeer.frame(0x89, new byte[125]);
    var many = new ByteArrayOutputStream();
    for (int i = 0; i < 500; i++) {
      many.writeBytes(ping);
    }
    // 125 MB of pings, and no pong is read: the server must read on without hoarding pongs.
    for (int i = 0; i < 1000; i++) {
      peer.send(many.toByteArray());
    }
    peer.sendText("end");
    assertThat(listener.next()).isEqualTo("text end");
    for (Channels.Pending pending : Channels.pending(server)) {
      assertThat(pending.bytes()).isLessThan(256 * 1024);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void throwingListenerEndsItsConnectionOnly(boolean error) {
    try (var oneLoop = NettyServer.builder().engine(engine).eventLoopThreads(1).port(0).start();
        var holding = RawPeer.upgraded(oneLoop.port(), "/chsk");
        var before = RawPeer.upgraded(oneLoop.port(), "/chsk");
        var failing = RawPeer.upgraded(oneLoop.port(), "/chsk");
        var after = RawPeer.upgraded(oneLoop.port(), "/chsk")) {
      var release = holdLoopOf(engine.listener());
      // The three are in one round, since the loop is held until all have asked.
      var first = engine.listener();
      var second = engine.listener();
      var third = engine.listener();
      first.onWritable = () -> first.connection().send(FakeListener.text("fine"));
      second.onWritable =
          () -> {
            second.connection().send(FakeListener.text("not without the next"));
            if (error) {
              throw new AssertionError("expected by the test");
            }
            throw new IllegalStateException("expected by the test");
          };
      third.onWritable = () -> third.connection().send(FakeListener.text("fine too"));
      first.connection().requestWrite();
      second.connection().requestWrite();
      third.connection().requestWrite();
      release.countDown();
      assertThat(before.frame().text()).isEqualTo("fine");
      assertThat(after.frame().text()).isEqualTo("fine too");
      second.connection().send(FakeListener.text("not after what is missing"));
      assertThat(failing.isEnded()).isTrue();
      holding.sendText("served");
      assertThat(holding.frame().text()).isEqualTo("served");
    }
  }

  /** Keeps a listener's event loop busy until the latch is released. */
  private static CountDownLatch holdLoopOf(FakeListener listener) {
    var held = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    listener.onWritable =
        () -> {
          held.countDown();
          Await.latch(release);
        };
    listener.connection().requestWrite();
    Await.latch(held);
    return release;
  }

  @Test
  void messageThatCannotBeFramedEndsItsConnection() {
    assertEndedBy(connection -> connection.send(FakeListener.text("no memory for it")));
    assertEndedBy(connection -> connection.close(1000, ""));
  }

  @Test
  void nothingLeaksWhereThereIsNoMemoryToReadOn() {
    var told = new FakeListener(false);
    var channel = withoutMemory(told);
    told.connection().setReading(false);
    var first = Unpooled.copiedBuffer(RawPeer.frame(0x81));
    var second = Unpooled.copiedBuffer(RawPeer.frame(0x81));
    channel.writeInbound(first);
    channel.writeInbound(second);
    assertThat(channel.isOpen()).isFalse();
    assertThat(first.refCnt()).isEqualTo(0);
    assertThat(second.refCnt()).isEqualTo(0);
  }

  /** Called from without a round, as by another connection's event: no fault of the caller's. */
  private static void assertEndedBy(Consumer<WebSocketConnection> call) {
    var told = new FakeListener(false);
    var channel = withoutMemory(told);
    call.accept(told.connection());
    channel.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    assertThat(told.next()).isEqualTo("open");
    assertThat(told.next()).isEqualTo("closed 1006 ");
  }

  @Test
  void noRoomForARoundDoesNotMuteTheLoopsConnections() {
    var loop = new FullLoop();
    var channel = new EmbeddedChannel();
    var writer = LoopWriter.of(loop);
    var told = new FakeListener(false);
    var socket = new NettyWebSocket(loop, told, 1024, BOUNDS);
    channel.pipeline().addLast(socket);
    assertThatThrownBy(socket::requestWrite).isInstanceOf(OutOfMemoryError.class);
    loop.isFull = false;
    socket.requestWrite();
    assertThat(loop.tasks).containsExactly(writer);
    loop.tasks.forEach(Runnable::run);
    assertThat(told.next()).isEqualTo("writable");
  }

  /** Has no memory for a task at first. */
  private static final class FullLoop extends DefaultEventLoop {
    private boolean isFull = true;
    private final List<Runnable> tasks = new ArrayList<>();

    @Override
    public void execute(Runnable task) {
      if (isFull) {
        throw new OutOfMemoryError("expected by the test");
      }
      tasks.add(task);
    }
  }

  private static EmbeddedChannel withoutMemory(FakeListener listener) {
    var channel = new EmbeddedChannel();
    channel.config().setAllocator(new NoMemory());
    var socket = new NettyWebSocket(channel.eventLoop(), listener, 1024, BOUNDS);
    channel.pipeline().addLast(socket);
    socket.open();
    return channel;
  }

  private static final class NoMemory extends AbstractByteBufAllocator {
    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      throw new AssertionError("expected by the test");
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      throw new AssertionError("expected by the test");
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }
}
