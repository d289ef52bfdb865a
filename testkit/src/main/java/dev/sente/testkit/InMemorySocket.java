package dev.sente.testkit;

import dev.sente.server.channel.ChannelLimits;
import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.WebSocketConnection;
import dev.sente.server.channel.WebSocketListener;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A WebSocket without a socket; the test is its client. */
public final class InMemorySocket implements WebSocketConnection {

  private final WebSocketListener listener;
  private final Executor executor;
  private final ChannelLimits limits;
  private final @Nullable String subprotocol;
  private final List<byte[]> received = new ArrayList<>();
  private final ArrayDeque<Runnable> unread = new ArrayDeque<>();
  private @Nullable Consumer<byte[]> onMessage;
  private @Nullable IntConsumer onClose;
  private boolean writeRequested;
  private boolean stalled;
  private boolean reading = true;

  /** Whether a message was too large, after which nothing is read. */
  private boolean oversized;

  private boolean closed;
  private int closeCode = -1;
  private String closeReason = "";

  InMemorySocket(
      WebSocketListener listener,
      Executor executor,
      ChannelLimits limits,
      @Nullable String subprotocol) {
    this.listener = listener;
    this.executor = executor;
    this.limits = limits;
    this.subprotocol = subprotocol;
  }

  // The engine's side.

  @Override
  public void requestWrite() {
    if (!writeRequested && !closed) {
      writeRequested = true;
      if (!stalled) {
        executor.execute(this::write);
      }
    }
  }

  private void write() {
    if (writeRequested && !stalled && !closed) {
      writeRequested = false;
      listener.onWritable();
    }
  }

  @Override
  public void send(OutgoingMessage message) {
    if (!closed) {
      if (onMessage == null) {
        received.add(message.bytes());
      } else {
        onMessage.accept(message.bytes());
      }
    }
  }

  @Override
  public void close(int code, String reason) {
    if (!closed) {
      closeCode = code;
      closeReason = reason;
      executor.execute(() -> ended(code, reason));
      closed = true;
    }
  }

  @Override
  public void terminate() {
    if (!closed) {
      closed = true;
      closeCode = 1006;
      executor.execute(() -> ended(1006, ""));
    }
  }

  private void ended(int code, String reason) {
    listener.onClosed(code, reason);
    if (onClose != null) {
      onClose.accept(code);
    }
  }

  @Override
  public void setReading(boolean now) {
    reading = now;
    if (now) {
      executor.execute(this::readOn);
    }
  }

  private void readOn() {
    while (reading && !closed && !oversized) {
      var next = unread.poll();
      if (next == null) {
        return;
      }
      next.run();
    }
  }

  // The client's side.

  /** Sends a text message. */
  public void sendText(String text) {
    sendBytes(text.getBytes(StandardCharsets.UTF_8), false);
  }

  /** Sends some bytes of a message, and not its last ones. */
  public void sendPart() {
    unread.add(listener::onArriving);
    executor.execute(this::readOn);
  }

  /** Sends a message. */
  public void sendBytes(byte[] bytes, boolean binary) {
    if (bytes.length > limits.maxMessageBytes()) {
      unread.add(this::oversized);
    } else if (!binary && !isUtf8(bytes)) {
      unread.add(this::notUtf8);
    } else {
      unread.add(() -> listener.onMessage(bytes, binary));
    }
    readOn();
  }

  /**
   * Shows what the server does as it does it, in place of keeping it for {@link #messages}.
   *
   * @param onMessage each message
   * @param onClose the code, once the server has closed
   */
  public void listen(Consumer<byte[]> onMessage, IntConsumer onClose) {
    this.onMessage = onMessage;
    this.onClose = onClose;
    messages().forEach(onMessage);
    if (closed) {
      onClose.accept(closeCode);
    }
  }

  private void oversized() {
    oversized = true;
    listener.onOversized();
  }

  private void notUtf8() {
    closed = true;
    closeCode = 1007;
    ended(1006, "");
  }

  private static boolean isUtf8(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** How many messages the server has not read yet. */
  public int unread() {
    return unread.size();
  }

  /** Sends a text message that the server reads after it has closed, but not heard the client. */
  void sendLate(String text) {
    listener.onMessage(text.getBytes(StandardCharsets.UTF_8), false);
  }

  /** Closes from the client's side. */
  public void closeByClient(int code) {
    if (!closed) {
      closed = true;
      closeCode = code;
      ended(code, "");
    }
  }

  /** The connection breaks, and the server notices at once. */
  public void cut() {
    closeByClient(1006);
  }

  /** The client's side stops taking bytes, or takes them again. */
  public void stall(boolean now) {
    stalled = now;
    if (!now && writeRequested) {
      executor.execute(this::write);
    }
  }

  /** Whether it is open on both sides. */
  public boolean isOpen() {
    return !closed;
  }

  /** The code it was closed with; -1 while open. */
  public int closeCode() {
    return closeCode;
  }

  /** The reason it was closed with. */
  public String closeReason() {
    return closeReason;
  }

  /** The subprotocol that the server selected; null for none. */
  public @Nullable String subprotocol() {
    return subprotocol;
  }

  /** Takes what the server has sent since the last call, as text. */
  public List<String> texts() {
    var texts = new ArrayList<String>();
    for (byte[] message : received) {
      texts.add(new String(message, StandardCharsets.UTF_8));
    }
    received.clear();
    return texts;
  }

  /** Takes what the server has sent since the last call. */
  public List<byte[]> messages() {
    var all = List.copyOf(received);
    received.clear();
    return all;
  }
}
