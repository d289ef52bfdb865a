package dev.sente.example.testserver;

import dev.sente.packer.json.JsonPacker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What the server's application has seen, for a test to read; the oldest lines go first. */
final class TestLog {

  private static final int MAX_LINES = 100_000;

  private record Line(long index, long at, String kind, String edn) {

    String json() {
      var json = JsonPacker.create().pack(List.of(index, at, kind, edn));
      return new String(json, StandardCharsets.UTF_8);
    }
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by the lock, as is the next index. */
  private final Deque<Line> lines = new ArrayDeque<>();

  private long next;

  void add(String kind, @Nullable Object value) {
    var edn = Edn.write(value);
    lock.lock();
    try {
      lines.add(new Line(next++, System.currentTimeMillis(), kind, edn));
      if (lines.size() > MAX_LINES) {
        lines.removeFirst();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The lines from this index on, each as a JSON array. */
  String since(long index) {
    var text = new StringBuilder();
    lock.lock();
    try {
      for (var line : lines) {
        if (line.index() >= index) {
          text.append(line.json()).append('\n');
        }
      }
    } finally {
      lock.unlock();
    }
    return text.toString();
  }
}
