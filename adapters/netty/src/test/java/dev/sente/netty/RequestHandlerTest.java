package dev.sente.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RequestHandlerTest {

  private final FakeEngine engine = new FakeEngine();
  private final EmbeddedChannel channel = channel();

  private EmbeddedChannel channel() {
    var gate = new RequestGate(null);
    var limit = ServerLimits.defaults().writeTimeout();
    return new EmbeddedChannel(
        gate, new RequestHandler(Doors.of(List.of(engine), null), gate, limit));
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
}
