package dev.sente.benchmarks.subject;

import dev.sente.benchmarks.load.Shape;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The floor's connections of one event loop; touched by it only. */
final class FloorLoop {

  /** A connection that a message can be written to. */
  interface Sink {

    int client();

    /** Writes a frame that is the same for all, and flushes. */
    void write(ByteBuf shared);

    /** Writes a message of its own, and flushes. */
    void write(byte[] message);
  }

  private final EventLoop loop;

  /** By client; most of the others' places are empty. */
  private @Nullable Sink[] sinks = new @Nullable Sink[1024];

  FloorLoop(EventLoop loop) {
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  void add(Sink sink) {
    if (sink.client() >= sinks.length) {
      sinks = Arrays.copyOf(sinks, Math.max(2 * sinks.length, sink.client() + 1));
    }
    sinks[sink.client()] = sink;
  }

  /** Unless the same client has come anew. */
  void remove(Sink sink) {
    int client = sink.client();
    if (client >= 0 && sink.equals(sinks[client])) {
      sinks[client] = null;
    }
  }

  void writeAll(ByteBuf shared) {
    for (var sink : sinks) {
      if (sink != null) {
        sink.write(shared.retainedDuplicate());
      }
    }
    shared.release();
  }

  void writeEach(Shape shape, long number, int first, int count) {
    for (int client = first; client < Math.min(first + count, sinks.length); client++) {
      var sink = sinks[client];
      if (sink != null) {
        sink.write(shape.bytes(number, client));
      }
    }
  }
}
