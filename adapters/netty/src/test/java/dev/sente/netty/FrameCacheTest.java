package dev.sente.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.OutgoingMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameCacheTest {

  /**
   * Handlers nearer to the socket may write behind what they are given, where there is room: TLS
   * did in earlier versions of Netty, to send several buffers in one record. What one connection
   * wrote there would be sent by the others.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 1000, 65535, 65536, 100_000})
  void nothingCanBeWrittenBehindAFrameThatIsShared(int length) {
    var channel = new EmbeddedChannel();
    var cache = new FrameCache();
    var message = new OutgoingMessage(new byte[length], true);
    ByteBuf first = cache.frame(channel, message);
    ByteBuf second = cache.frame(channel, message);
    assertThat(second).isEqualTo(first);
    assertThat(first.maxWritableBytes()).isZero();
    first.release();
    second.release();
    cache.clear();
  }
}
