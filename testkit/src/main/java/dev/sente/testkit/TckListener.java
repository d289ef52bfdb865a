package dev.sente.testkit;

import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.WebSocketConnection;
import dev.sente.server.channel.WebSocketListener;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps what it is told, as text, after doing what the test wants it to do then. */
final class TckListener implements WebSocketListener {

  final Told<String> events;

  /** Set by the test before what calls them; volatile for the adapter's thread. */
  volatile Consumer<WebSocketConnection> whenOpen = connection -> {};

  volatile Consumer<WebSocketConnection> whenMessage = connection -> {};
  volatile Consumer<WebSocketConnection> whenWritable = connection -> {};
  volatile Consumer<WebSocketConnection> whenOversized = connection -> {};

  /** Written by the adapter before the first event is kept. */
  private volatile @Nullable WebSocketConnection connection;

  TckListener(TckEngine engine) {
    this.events = new Told<>(engine::settle);
  }

  static OutgoingMessage text(String text) {
    return new OutgoingMessage(text.getBytes(StandardCharsets.UTF_8), false);
  }

  WebSocketConnection connection() {
    var open = connection;
    if (open == null) {
      throw new AssertionError("the listener was called before onOpen");
    }
    return open;
  }

  @Override
  public void onOpen(WebSocketConnection opened) {
    connection = opened;
    whenOpen.accept(opened);
    events.add("open");
  }

  @Override
  public void onMessage(byte[] bytes, boolean binary) {
    whenMessage.accept(connection());
    events.add(
        binary ? "binary " + bytes.length : "text " + new String(bytes, StandardCharsets.UTF_8));
  }

  @Override
  public void onOversized() {
    whenOversized.accept(connection());
    events.add("oversized");
  }

  @Override
  public void onWritable() {
    whenWritable.accept(connection());
    events.add("writable");
  }

  @Override
  public void onClosed(int code, String reason) {
    connection();
    events.add("closed " + code + " " + reason);
  }
}
