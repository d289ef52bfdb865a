package dev.sente.netty;

import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.WebSocketConnection;
import dev.sente.server.channel.WebSocketListener;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Notes what it is told, as text; sends messages back if it echoes. */
class FakeListener implements WebSocketListener {

  private final boolean echo;
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

  /** One for each time that bytes came of a message which was not complete. */
  final Semaphore arriving = new Semaphore(0);

  /** What to do when writable. Set by the test's thread before it asks. */
  volatile Runnable onWritable = () -> {};

  /** Written by the event loop before the first event is noted. */
  private volatile @Nullable WebSocketConnection connection;

  /** Written by the event loop before the event is noted. */
  private volatile @Nullable Thread thread;

  FakeListener(boolean echo) {
    this.echo = echo;
  }

  /** The next event, waited for. */
  String next() {
    return Await.next(events);
  }

  boolean hasNext() {
    return !events.isEmpty();
  }

  WebSocketConnection connection() {
    return Objects.requireNonNull(connection);
  }

  @Nullable Thread thread() {
    return thread;
  }

  static OutgoingMessage text(String text) {
    return new OutgoingMessage(text.getBytes(StandardCharsets.UTF_8), false);
  }

  @Override
  public void onOpen(WebSocketConnection opened) {
    connection = opened;
    note("open");
  }

  @Override
  public void onMessage(byte[] bytes, boolean binary) {
    if (echo) {
      connection().send(new OutgoingMessage(bytes, binary));
    }
    note(binary ? "binary " + bytes.length : "text " + new String(bytes, StandardCharsets.UTF_8));
  }

  @Override
  public void onArriving() {
    arriving.release();
  }

  @Override
  public void onOversized() {
    note("oversized");
  }

  @Override
  public void onWritable() {
    onWritable.run();
    note("writable");
  }

  @Override
  public void onClosed(int code, String reason) {
    note("closed " + code + " " + reason);
  }

  private void note(String event) {
    thread = Thread.currentThread();
    events.add(event);
  }
}
