package dev.sente.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.sente.server.channel.HttpResponse;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RequestHandlerTest {

  private final FakeEngine engine = new FakeEngine();
  private final EmbeddedChannel channel = channel();

  private EmbeddedChannel channel() {
    var gate = new RequestGate(null);
    var limit = ServerLimits.defaults().writeTimeout();
    return new EmbeddedChannel(
        gate,
        new RequestHandler(
            Doors.of(List.of(engine), null),
            gate,
            new Bounds(limit, ArrivingBytes.OF_THE_PROCESS)));
  }

  @Test
  void bodyInTinyChunksIsNotCopiedWithEach() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int size = FakeEngine.LIMITS.maxBodyBytes();
    var request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/chsk?hold");
    request.headers().set("Host", "a").set("Transfer-Encoding", "chunked");
    channel.writeInbound(request);
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < size; i++) {
      channel.writeInbound(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[] {'x'})));
    }
    // One copy for each chunk would make 2 GiB of it.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(256 * 1024 * 1024);
    channel.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
    assertThat(Await.next(engine.held).request().body()).hasSize(size);
  }

  @Test
  void answerThatLeavesAtOnceCostsNoPromiseAndNoTimer() {
    for (int i = 0; i < 3; i++) {
      var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chsk?" + i);
      request.headers().set("Host", "a");
      channel.writeInbound(request);
      assertThat(channel.outboundMessages().poll()).isInstanceOf(FullHttpResponse.class);
      // Whoever waits for the answer's leaving writes something behind it.
      assertThat(channel.outboundMessages()).isEmpty();
      assertThat(channel.runScheduledPendingTasks()).as("the next timer").isEqualTo(-1);
    }
  }

  @Test
  void bodyOfARequestThatCameAheadHasItsTimeLimit() {
    var limits =
        ServerLimits.defaults()
            .withIdleTimeout(Duration.ofHours(1))
            .withBodyTimeout(Duration.ofMinutes(1));
    var clock = new RequestClock(limits);
    var gate = new RequestGate(clock);
    var handler =
        new RequestHandler(
            Doors.of(List.of(engine), null),
            gate,
            new Bounds(limits.writeTimeout(), ArrivingBytes.OF_THE_PROCESS));
    var timed = new EmbeddedChannel(gate.ahead(), gate, handler);
    var first = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chsk?hold");
    first.headers().set("Host", "a");
    timed.writeInbound(first);
    var next = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/chsk");
    next.headers().set("Host", "a").set("Content-Length", 4);
    timed.writeInbound(next);
    Await.next(engine.held).respond(HttpResponse.text(200, "first"));
    timed.runPendingTasks();
    assertThat(timed.runScheduledPendingTasks())
        .as("the next timer")
        .isBetween(1L, Duration.ofMinutes(1).toNanos());
  }

  @Test
  void bodyThatComesHasMoreTime() {
    var limits = ServerLimits.defaults().withBodyTimeout(Duration.ofMillis(1));
    var clock = new RequestClock(limits);
    var channel = new EmbeddedChannel(new RequestGate(clock).ahead());
    clock.await(RequestGate.Phase.BODY);
    clock.bodyHasCome(64 * 1024);
    channel.writeInbound(Unpooled.buffer(64 * 1024).writerIndex(64 * 1024));
    assertThat(channel.runScheduledPendingTasks())
        .as("the next timer")
        .isBetween(Duration.ofSeconds(1).toNanos(), Duration.ofSeconds(17).toNanos());
  }

  /** All but the end of a large body, sent at once, does not buy a quarter of an hour. */
  @Test
  void bodyThatNoLongerComesIsWaitedForAMinuteAtMost() {
    var clock = new RequestClock(ServerLimits.defaults());
    var channel = new EmbeddedChannel(new RequestGate(clock).ahead());
    clock.await(RequestGate.Phase.BODY);
    clock.bodyHasCome(3 * 1024 * 1024);
    channel.writeInbound(Unpooled.buffer(64 * 1024).writerIndex(64 * 1024));
    // The timer that was there looks what is due, by the system's clock.
    channel.advanceTimeBy(2, TimeUnit.MINUTES);
    assertThat(channel.runScheduledPendingTasks())
        .as("the next timer")
        .isBetween(Duration.ofSeconds(40).toNanos(), Duration.ofSeconds(60).toNanos());
  }

  /** Who holds a body that is nearly complete could go on for days with next to nothing of it. */
  @Test
  void onlyBytesOfTheBodyGiveItMoreTime() {
    var clock = new RequestClock(ServerLimits.defaults());
    var gate = new RequestGate(clock);
    var timed = new EmbeddedChannel(gate.ahead(), new HttpServerCodec(), gate);
    var begun = "POST /chsk HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    var chunk = "1;" + "x".repeat(3000) + "\r\na\r\n";
    timed.writeInbound(Unpooled.copiedBuffer(begun, US_ASCII));
    timed.writeInbound(Unpooled.copiedBuffer(chunk.repeat(100), US_ASCII));
    // The timer that was there looks what is due, by the system's clock.
    timed.advanceTimeBy(2, TimeUnit.MINUTES);
    assertThat(timed.runScheduledPendingTasks())
        .as("the next timer")
        .isBetween(1L, Duration.ofSeconds(31).toNanos());
    timed.finishAndReleaseAll();
  }

  @Test
  void c9_abortIsToldThoughAWebSocketWasAcceptedBefore() {
    var loops = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
    var serving = loops.next();
    var peers = loops.next();
    var address = new LocalAddress(RequestHandlerTest.class);
    new ServerBootstrap()
        .group(serving)
        .channel(LocalServerChannel.class)
        .childHandler(handlers())
        .bind(address)
        .syncUninterruptibly();
    var peer =
        new Bootstrap()
            .group(peers)
            .channel(LocalChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(address)
            .syncUninterruptibly()
            .channel();
    var request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/chsk?hold");
    request.headers().set("Host", "a").set("Upgrade", "websocket").set("Connection", "upgrade");
    peer.writeAndFlush(request).syncUninterruptibly();
    var exchange = Await.next(engine.held);
    var listener = new FakeListener(false);
    // The event loop is held until the peer has gone, then until what tells so waits before us.
    var gone = new CountDownLatch(1);
    var noticed = new CountDownLatch(1);
    var accepted = new CountDownLatch(1);
    serving.execute(() -> Await.latch(gone));
    peer.close().syncUninterruptibly();
    serving.execute(
        () -> {
          noticed.countDown();
          Await.latch(accepted);
        });
    gone.countDown();
    Await.latch(noticed);
    exchange.acceptWebSocket(null, listener);
    accepted.countDown();
    assertThat(Await.next(engine.aborted)).isEqualTo("hold");
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    assertThat(listener.hasNext()).isFalse();
    assertThat(engine.aborted).isEmpty();
  }

  private ChannelInitializer<LocalChannel> handlers() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(LocalChannel opened) {
        SenteHandlers.addTo(opened.pipeline(), engine);
      }
    };
  }
}
