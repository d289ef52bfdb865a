package dev.sente.benchmarks.subject;

import dev.sente.benchmarks.load.Shape;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

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
  private final List<Sink> sinks = new ArrayList<>();

  FloorLoop(EventLoop loop) {
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  void add(Sink sink) {
    sinks.add(sink);
  }

  void remove(Sink sink) {
    sinks.remove(sink);
  }

  void writeAll(ByteBuf shared) {
    for (var sink : sinks) {
      sink.write(shared.retainedDuplicate());
    }
    shared.release();
  }

  void writeEach(Shape shape, long number, int first, int count) {
    for (var sink : sinks) {
      int client = sink.client();
      if (client >= first && client < first + count) {
        sink.write(shape.bytes(number, client));
      }
    }
  }
}
