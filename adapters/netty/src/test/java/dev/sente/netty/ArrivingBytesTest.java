package dev.sente.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sente.server.channel.ChannelLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** What has come of bodies and messages that are not complete, over all connections. */
final class ArrivingBytesTest {

  private static final int BOUND = 100 * 1024;
  private static final int PART = 60 * 1024;
  private static final InetSocketAddress HOARDER = new InetSocketAddress("192.0.2.1", 1);

  private final FakeEngine engine = new FakeEngine(new ChannelLimits(80 * 1024, 80 * 1024));
  private final ArrivingBytes arriving = new ArrivingBytes(BOUND);
  private final Bounds bounds = new Bounds(Duration.ofSeconds(60), arriving);
  private final List<EmbeddedChannel> channels = new ArrayList<>();

  @AfterEach
  void nothingIsCountedOnceAllAreGone() {
    channels.forEach(ArrivingBytesTest::end);
    assertThat(arriving.counted()).isZero();
  }

  private EmbeddedChannel http() {
    return http("192.0.2.1");
  }

  private EmbeddedChannel http(String address) {
    var gate = new RequestGate(null);
    var handler = new RequestHandler(Doors.of(List.of(engine), null), gate, bounds);
    var peer = new InetSocketAddress(address, 1);
    var channel =
        new EmbeddedChannel(new HttpServerCodec(), gate, handler) {
          @Override
          protected SocketAddress remoteAddress0() {
            return peer;
          }
        };
    channels.add(channel);
    return channel;
  }

  private EmbeddedChannel webSocket(FakeListener listener) {
    var channel = new EmbeddedChannel();
    var socket = new NettyWebSocket(channel.eventLoop(), listener, 80 * 1024, bounds);
    channel.pipeline().addLast(socket);
    socket.open();
    channels.add(channel);
    return channel;
  }

  private EmbeddedChannel webSocket() {
    return webSocket(new FakeListener(true));
  }

  private static void end(EmbeddedChannel channel) {
    channel.finishAndReleaseAll();
  }

  private static ByteBuf head(int length) {
    return ascii("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n");
  }

  private static ByteBuf ascii(String text) {
    return Unpooled.copiedBuffer(text, US_ASCII);
  }

  private static ByteBuf zeros(int length) {
    return Unpooled.wrappedBuffer(new byte[length]);
  }

  /** A WebSocket message in two halves. */
  private static ByteBuf[] halves(int length) {
    byte[] frame = RawPeer.frame(0x82, new byte[length]);
    int cut = frame.length - length + PART;
    return new ByteBuf[] {
      Unpooled.wrappedBuffer(frame, 0, cut), Unpooled.wrappedBuffer(frame, cut, frame.length - cut)
    };
  }

  private static byte[] sent(EmbeddedChannel channel) {
    channel.runPendingTasks();
    var all = Unpooled.buffer();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      all.writeBytes(out);
      out.release();
    }
    return Arrays.copyOf(all.array(), all.readableBytes());
  }

  private static String answer(EmbeddedChannel channel) {
    return new String(sent(channel), US_ASCII);
  }

  @Test
  void bodyThatHasNoRoomIsRefusedAndOthersGoOn() {
    var first = http();
    var second = http();
    first.writeInbound(head(PART + 9000), zeros(PART));
    assertThat(arriving.counted()).isBetween((long) PART / 2, (long) BOUND);
    second.writeInbound(head(PART + 1), zeros(PART));
    assertThat(answer(second))
        .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
        .containsIgnoringCase("\r\nRetry-After: 1\r\n")
        .containsIgnoringCase("\r\nConnection: close\r\n");
    second.writeInbound(zeros(1));
    assertThat(answer(second)).isEmpty();
    first.writeInbound(zeros(9000));
    assertThat(answer(first)).startsWith("HTTP/1.1 200 OK\r\n");
    assertThat(arriving.counted()).isZero();
    var third = http();
    third.writeInbound(head(PART + 1), zeros(PART), zeros(1));
    assertThat(answer(third)).startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void messageThatHasNoRoomIsClosedAndOthersGoOn() {
    var kept = new FakeListener(false);
    var refused = new FakeListener(false);
    var first = webSocket(kept);
    var second = webSocket(refused);
    first.writeInbound(halves(PART + 9000)[0]);
    assertThat(arriving.counted()).isBetween((long) PART / 2, (long) BOUND);
    second.writeInbound(halves(PART + 9000)[0]);
    assertThat(HexFormat.of().formatHex(sent(second)))
        .isEqualTo("881103f5" + HexFormat.of().formatHex("try again later".getBytes(US_ASCII)));
    second.writeInbound(halves(PART + 9000)[1]);
    first.writeInbound(halves(PART + 9000)[1]);
    assertThat(kept.next()).isEqualTo("open");
    assertThat(kept.next()).isEqualTo("binary " + (PART + 9000));
    assertThat(arriving.counted()).isZero();
    end(second);
    assertThat(refused.next()).isEqualTo("open");
    assertThat(refused.next()).isEqualTo("closed 1006 ");
  }

  @Test
  void whatIsAllowedAndLargerThanTheBoundComesWhenItIsAlone() {
    var large = new FakeEngine(new ChannelLimits(4 * BOUND, 4 * BOUND));
    var gate = new RequestGate(null);
    var handler = new RequestHandler(Doors.of(List.of(large), null), gate, bounds);
    var channel = new EmbeddedChannel(new HttpServerCodec(), gate, handler);
    channels.add(channel);
    channel.writeInbound(head(3 * BOUND), zeros(2 * BOUND));
    var other = http();
    other.writeInbound(head(PART), zeros(PART / 2));
    assertThat(answer(other)).startsWith("HTTP/1.1 503");
    channel.writeInbound(zeros(BOUND));
    assertThat(answer(channel)).startsWith("HTTP/1.1 200 OK\r\n");
  }

  /** Who sends from one network fills it, and keeps it full, for as long as he likes. */
  @ParameterizedTest
  @CsvSource({"192.0.2.1, 192.0.2.2", "2001:db8:1:2::1, 2001:db8:1:3::1"})
  void whoHasFilledItKeepsNoOtherNetworkOut(String hoarder, String address) {
    for (int i = 0; i < 10; i++) {
      http(hoarder).writeInbound(head(16 * 1024), zeros(16 * 1024 - 1));
    }
    assertThat(arriving.counted()).isBetween(BOUND - 16L * 1024, (long) BOUND);
    var other = http(address);
    other.writeInbound(head(20 * 1024), zeros(20 * 1024 - 1));
    assertThat(answer(other)).isEmpty();
    var more = http(hoarder.replaceFirst("1$", hoarder.contains(":") ? "abc" : "1"));
    more.writeInbound(head(16 * 1024), zeros(16 * 1024 - 1));
    assertThat(answer(more)).startsWith("HTTP/1.1 503");
    other.writeInbound(zeros(1));
    assertThat(answer(other)).startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void manyNetworksThatFillItLeaveRoomForOneMore() {
    int count = 9;
    for (int size = 2; size < 80; size++) {
      for (int i = 1; i <= count; i++) {
        http("192.0.2." + i).writeInbound(head(size * 1024), zeros(2 * 1024));
      }
    }
    var other = http("198.51.100.1");
    other.writeInbound(head(8 * 1024), zeros(8 * 1024 - 1), zeros(1));
    assertThat(answer(other)).startsWith("HTTP/1.1 200 OK\r\n");
  }

  @Test
  void wholeAndSmallOnesAreTakenHoweverFullItIs() {
    arriving.change(HOARDER, 0, ArrivingBytes.FREE + BOUND);
    var page = http();
    page.writeInbound(Unpooled.wrappedBuffer(head(8000), zeros(8000)));
    assertThat(answer(page)).startsWith("HTTP/1.1 200 OK\r\n");
    var small = http();
    small.writeInbound(head(1000), zeros(999), zeros(1));
    assertThat(answer(small)).startsWith("HTTP/1.1 200 OK\r\n");
    var listener = new FakeListener(false);
    var socket = webSocket(listener);
    socket.writeInbound(Unpooled.wrappedBuffer(RawPeer.frame(0x82, new byte[PART])));
    byte[] cut = RawPeer.frame(0x82, new byte[1000]);
    socket.writeInbound(Unpooled.wrappedBuffer(cut, 0, 900));
    socket.writeInbound(Unpooled.wrappedBuffer(cut, 900, cut.length - 900));
    assertThat(listener.next()).isEqualTo("open");
    assertThat(listener.next()).isEqualTo("binary " + PART);
    assertThat(listener.next()).isEqualTo("binary 1000");
    assertThat(arriving.counted()).isEqualTo(BOUND);
    arriving.change(HOARDER, ArrivingBytes.FREE + BOUND, 0);
  }

  @ParameterizedTest
  @CsvSource({"gone", "too large", "no chunk", "too slow", "failure", "removal"})
  void bodyIsGivenBackHoweverItEnds(String how) {
    var channel = http();
    channel.writeInbound(
        ascii("POST /chsk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n"),
        zeros(0x1000));
    assertThat(arriving.counted()).isPositive();
    switch (how) {
      case "gone" -> channel.close();
      case "too large" -> channel.writeInbound(ascii("\r\n20000\r\n"), zeros(0x20000));
      case "no chunk" -> channel.writeInbound(ascii("\r\nnonsense\r\n"));
      case "too slow" ->
          channel.pipeline().fireUserEventTriggered(RequestClock.RequestTimeout.INSTANCE);
      case "failure" -> channel.pipeline().fireExceptionCaught(new OutOfMemoryError("expected"));
      default -> channel.pipeline().remove(RequestHandler.class);
    }
    channel.runPendingTasks();
    assertThat(arriving.counted()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"close", "terminate", "gone", "failure", "oversized", "broken", "peer's close"})
  void messageIsGivenBackHoweverItEnds(String how) {
    var listener = new FakeListener(false);
    var channel = webSocket(listener);
    channel.writeInbound(Unpooled.wrappedBuffer(RawPeer.frame(0x02, new byte[5000])));
    assertThat(arriving.counted()).isPositive();
    switch (how) {
      case "close" -> listener.connection().close(1000, "");
      case "terminate" -> listener.connection().terminate();
      case "gone" -> channel.close();
      case "failure" -> channel.pipeline().fireExceptionCaught(new IllegalStateException());
      case "oversized" -> channel.writeInbound(frame(0x00, 78 * 1024));
      case "broken" -> channel.writeInbound(frame(0x02, 10));
      default -> channel.writeInbound(Unpooled.wrappedBuffer(RawPeer.frame(0x88)));
    }
    channel.runPendingTasks();
    assertThat(arriving.counted()).isZero();
  }

  private static ByteBuf frame(int first, int length) {
    return Unpooled.wrappedBuffer(RawPeer.frame(first, new byte[length]));
  }

  @Test
  void messageWhoseListenerThrowsIsGivenBack() {
    for (boolean error : List.of(false, true)) {
      var channel =
          webSocket(
              new FakeListener(false) {
                @Override
                public void onMessage(byte[] bytes, boolean binary) {
                  if (error) {
                    throw new AssertionError("expected by the test");
                  }
                  throw new IllegalStateException("expected by the test");
                }
              });
      channel.writeInbound(halves(PART + 1)[0]);
      channel.writeInbound(halves(PART + 1)[1]);
      assertThat(arriving.counted()).isZero();
    }
  }

  @Test
  void nothingIsLeftOfManyRandomConnections() {
    for (int seed = 0; seed < 20; seed++) {
      var random = new Random(seed);
      var open = new ArrayList<EmbeddedChannel>();
      for (int turn = 0; turn < 1000; turn++) {
        if (open.isEmpty() || random.nextInt(20) == 0) {
          open.add(random.nextBoolean() ? http() : webSocket());
        }
        var channel = open.get(random.nextInt(open.size()));
        if (random.nextInt(40) == 0 || !channel.isActive()) {
          open.remove(channel);
          end(channel);
        } else {
          channel.writeInbound(
              randomBytes(random, channel.pipeline().get(HttpServerCodec.class) == null));
          sent(channel);
        }
        assertThat(arriving.counted()).isBetween(0L, (long) BOUND);
      }
      open.forEach(ArrivingBytesTest::end);
      assertThat(arriving.counted()).as("seed %d", seed).isZero();
    }
  }

  /** What goes on from what came before, or does not. */
  private static ByteBuf randomBytes(Random random, boolean webSocket) {
    int length = random.nextInt(random.nextInt(4) == 0 ? PART : 3000);
    if (random.nextInt(2) == 0) {
      return zeros(length);
    } else if (!webSocket) {
      return random.nextBoolean()
          ? head(length)
          : Unpooled.wrappedBuffer(head(length), zeros(length));
    }
    byte[] frame = RawPeer.frame(random.nextInt(4) == 0 ? 0x02 : 0x82, new byte[length]);
    return Unpooled.wrappedBuffer(
        frame, 0, random.nextBoolean() ? frame.length : random.nextInt(frame.length));
  }

  @Test
  void fullIsToldOnce() {
    var told = new ListAppender<ILoggingEvent>();
    var logger = (Logger) LoggerFactory.getLogger(NettyServer.class);
    told.start();
    logger.addAppender(told);
    arriving.change(HOARDER, 0, BOUND);
    try {
      for (int i = 0; i < 3; i++) {
        assertThat(arriving.change(HOARDER, 0, BOUND + ArrivingBytes.FREE + 1)).isFalse();
      }
    } finally {
      arriving.change(HOARDER, BOUND, 0);
      logger.detachAppender(told);
    }
    assertThat(told.list).hasSize(1);
    assertThat(told.list.getFirst().getLevel()).isEqualTo(Level.WARN);
    assertThat(told.list.getFirst().getFormattedMessage())
        .contains("%d of them from 192.0.2.1;".formatted(BOUND - ArrivingBytes.FREE));
  }

  @Test
  void refusalsReachPeersOfAServer() {
    try (var server = NettyServer.builder().engine(engine).arriving(arriving).port(0).start();
        var socket = RawPeer.upgraded(server.port(), "/chsk");
        var poster = new RawPeer(server.port())) {
      assertThat(arriving.change(HOARDER, 0, PART)).isTrue();
      socket.send(RawPeer.frame(0x02, new byte[PART]));
      var close = socket.frame();
      assertThat(close.opcode()).isEqualTo(Frames.CLOSE);
      assertThat(close.closeCode()).isEqualTo(1013);
      assertThat(socket.isEnded()).isTrue();
      poster.send("POST /chsk HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n");
      poster.trySend(new byte[PART]);
      var answer = poster.answer();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.headers()).containsEntry("Retry-After", "1");
      assertThat(poster.isEnded()).isTrue();
      arriving.change(HOARDER, PART, 0);
    }
    assertThat(arriving.counted()).isZero();
  }
}
