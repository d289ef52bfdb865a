package dev.sente.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** However a stream of frames is cut into reads, the same is read. */
final class FrameReaderTest {

  private static final class Notes implements FrameReader.Sink {
    final List<String> all = new ArrayList<>();
    boolean paused;

    @Override
    public void message(byte[] bytes, boolean binary) {
      all.add("message " + Arrays.hashCode(bytes) + " " + bytes.length + " " + binary);
    }

    @Override
    public void ping(byte[] payload) {
      all.add("ping " + Arrays.toString(payload));
    }

    @Override
    public void closed(int code, String reason) {
      all.add("closed " + code + reason);
    }

    @Override
    public void oversized() {
      all.add("oversized");
    }

    @Override
    public void broken(int code, String why) {
      all.add("broken " + code);
    }

    @Override
    public boolean paused() {
      return paused;
    }
  }

  private static byte[] randomFrames(Random random) {
    var out = new ByteArrayOutputStream();
    for (int i = 0; i < 20; i++) {
      int fragments = 1 + random.nextInt(4);
      for (int f = 0; f < fragments; f++) {
        byte[] payload = new byte[random.nextInt(random.nextInt(10) == 0 ? 70_000 : 300)];
        random.nextBytes(payload);
        int fin = f == fragments - 1 ? 0x80 : 0;
        out.writeBytes(RawPeer.frame(fin | (f == 0 ? 2 : 0), payload));
        if (random.nextInt(5) == 0) {
          out.writeBytes(RawPeer.frame(0x89, (byte) i));
          out.writeBytes(RawPeer.frame(0x8A));
        }
      }
    }
    out.writeBytes(RawPeer.frame(0x88, (byte) 3, (byte) 0xE8));
    return out.toByteArray();
  }

  @Test
  void cutsMakeNoDifference() {
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      byte[] frames = randomFrames(random);
      var whole = new Notes();
      new FrameReader(whole, 200_000).read(Unpooled.wrappedBuffer(frames));
      assertThat(whole.all).last().isEqualTo("closed 1000");

      var cut = new Notes();
      var reader = new FrameReader(cut, 200_000);
      var rest = Unpooled.buffer();
      for (int at = 0; at < frames.length; ) {
        int length = Math.min(frames.length - at, random.nextInt(random.nextBoolean() ? 3 : 5000));
        rest.writeBytes(frames, at, length);
        at += length;
        cut.paused = random.nextInt(4) == 0;
        reader.read(rest);
        cut.paused = false;
      }
      reader.read(rest);
      assertThat(cut.all).as("seed %d", seed).isEqualTo(whole.all);
    }
  }

  @Test
  void discardingStillSeesTheClose() {
    var notes = new Notes();
    var reader = new FrameReader(notes, 1000);
    reader.discard();
    var random = new Random(1);
    reader.read(Unpooled.wrappedBuffer(randomFrames(random)));
    assertThat(notes.all.stream().filter(note -> !note.startsWith("ping")))
        .containsExactly("closed 1000");
  }
}
