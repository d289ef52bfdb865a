package dev.sente.client.net;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket of {@code java.net.http}.
 *
 * <p>What that asks for, and is done here: messages come in parts, one for each {@code request}, so
 * the rest of a message is asked for without anybody's doing, and put together up to the bound. The
 * calls to the listener come one after the other, so what only they touch needs no guard. Closing
 * goes after what is being sent; the peer is given {@value #CLOSE_SECONDS} s for its part of the
 * closing handshake.
 */
final class JavaSocket implements Socket, WebSocket.Listener {

  private static final long CLOSE_SECONDS = 2;

  /**
   * What java.net.http tells where a connection ended without a closing frame; no peer sends it.
   */
  private static final int ABNORMAL = 1006;

  /** Whether this side wants no more of it. */
  private enum End {
    NONE,
    CLOSED,
    ABORTED
  }

  private final SocketListener listener;
  private final int maxBytes;
  private final ReentrantLock lock = new ReentrantLock();

  /** Null until it is open. Guarded by lock. */
  private @Nullable WebSocket socket;

  /** The attempt to open it; null before it began. Guarded by lock. */
  private @Nullable CompletableFuture<WebSocket> opening;

  /** How this side has ended it. Guarded by lock. */
  private End end = End.NONE;

  /** What was asked for before it was open. Guarded by lock. */
  private long asked;

  /** The send under way, or the last one. Guarded by lock. */
  private CompletableFuture<?> sending = CompletableFuture.completedFuture(null);

  /** The parts of the message that is coming; null between messages and in one too long. */
  private @Nullable StringBuilder text;

  private @Nullable ByteArrayOutputStream bytes;

  /** How much of the message that is coming has come. */
  private long length;

  JavaSocket(SocketListener listener, int maxBytes) {
    this.listener = listener;
    this.maxBytes = maxBytes;
  }

  /** Hears of a failure to open. */
  void openedBy(CompletableFuture<WebSocket> attempt) {
    lock.lock();
    try {
      opening = attempt;
    } finally {
      lock.unlock();
    }
    attempt.whenComplete(
        (opened, error) -> {
          if (error == null || isEnded()) {
            return;
          }
          var cause = JavaNetwork.causeOf(error);
          if (cause instanceof WebSocketHandshakeException refused) {
            var response = refused.getResponse();
            listener.onFailed(
                response.statusCode(), JavaNetwork.retryAfter(response.headers()), cause);
          } else {
            listener.onFailed(0, 0, cause);
          }
        });
  }

  private boolean isEnded() {
    lock.lock();
    try {
      return end != End.NONE;
    } finally {
      lock.unlock();
    }
  }

  // What the session does.

  @Override
  public void request() {
    WebSocket open;
    lock.lock();
    try {
      open = socket;
      if (open == null) {
        asked++;
      }
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.request(1);
    }
  }

  @Override
  public void send(byte[] message, boolean isBinary, Runnable sent) {
    CompletableFuture<?> done;
    lock.lock();
    try {
      var open = socket;
      if (open == null || end != End.NONE) {
        return;
      }
      // Nothing here waits: java.net.http queues the one send that it takes at a time.
      done =
          sending.isDone()
              ? sendNow(open, message, isBinary)
              : sending.thenCompose(before -> sendNow(open, message, isBinary));
      sending = done;
    } finally {
      lock.unlock();
    }
    done.whenComplete(
        (nothing, error) -> {
          if (error == null) {
            sent.run();
          } else {
            writeFailed(JavaNetwork.causeOf(error));
          }
        });
  }

  /**
   * Tells of it after a while, for who reads no further: onError and onClose are then not called.
   * Else they come first, and know the code with which the peer closed.
   */
  private void writeFailed(@Nullable Throwable cause) {
    CompletableFuture.delayedExecutor(CLOSE_SECONDS, TimeUnit.SECONDS)
        .execute(
            () -> {
              if (!isEnded()) {
                listener.onFailed(0, 0, cause);
              }
            });
  }

  private static CompletableFuture<?> sendNow(WebSocket open, byte[] message, boolean isBinary) {
    return isBinary
        ? open.sendBinary(ByteBuffer.wrap(message), true)
        : open.sendText(new String(message, StandardCharsets.UTF_8), true);
  }

  @Override
  public void close(int code, String reason) {
    WebSocket open;
    CompletableFuture<?> before;
    lock.lock();
    try {
      if (end != End.NONE) {
        return;
      }
      end = End.CLOSED;
      open = socket;
      before = sending;
    } finally {
      lock.unlock();
    }
    if (open != null) {
      closeNow(open, before, code, reason);
    } else {
      giveUp();
    }
  }

  /** Ends the attempt to open it, and its TCP connection: nothing else does if no answer comes. */
  private void giveUp() {
    CompletableFuture<WebSocket> attempt;
    lock.lock();
    try {
      attempt = opening;
    } finally {
      lock.unlock();
    }
    if (attempt != null) {
      attempt.cancel(true);
    }
  }

  private static void closeNow(
      WebSocket open, CompletableFuture<?> before, int code, String reason) {
    before.whenComplete((sent, error) -> open.sendClose(code, reason));
    // The peer's own close frame ends it; only a peer that does not answer waits for this.
    CompletableFuture.delayedExecutor(CLOSE_SECONDS, TimeUnit.SECONDS).execute(open::abort);
    open.request(1);
  }

  @Override
  public void abort() {
    WebSocket open;
    lock.lock();
    try {
      end = End.ABORTED;
      open = socket;
    } finally {
      lock.unlock();
    }
    if (open != null) {
      open.abort();
    } else {
      giveUp();
    }
  }

  // What java.net.http tells.

  @Override
  public void onOpen(WebSocket opened) {
    End was;
    long wanted;
    lock.lock();
    try {
      socket = opened;
      was = end;
      wanted = asked;
    } finally {
      lock.unlock();
    }
    if (was == End.NONE) {
      listener.onOpen(opened.getSubprotocol());
      if (wanted > 0) {
        opened.request(wanted);
      }
    } else {
      opened.abort();
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean isLast) {
    if (isEnded()) {
      from.request(1);
      return null;
    }
    // A character has one byte at least, so that no more is kept than the bound says.
    length += part.length();
    if (isLast && text == null && length == part.length() && length <= maxBytes) {
      finish(from, part.toString().getBytes(StandardCharsets.UTF_8), false);
      return null;
    }
    if (length > maxBytes) {
      text = null;
    } else {
      if (text == null) {
        text = new StringBuilder(part.length() * 2);
      }
      text.append(part);
    }
    if (isLast) {
      var all = text;
      finish(from, all == null ? null : all.toString().getBytes(StandardCharsets.UTF_8), false);
    } else {
      from.request(1);
    }
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean isLast) {
    if (isEnded()) {
      from.request(1);
      return null;
    }
    length += part.remaining();
    if (length > maxBytes) {
      bytes = null;
    } else {
      if (bytes == null) {
        bytes = new ByteArrayOutputStream(part.remaining());
      }
      var copied = new byte[part.remaining()];
      part.get(copied);
      bytes.writeBytes(copied);
    }
    if (isLast) {
      finish(from, bytes == null ? null : bytes.toByteArray(), true);
    } else {
      from.request(1);
    }
    return null;
  }

  /** A message has ended; null for one that was too long. */
  private void finish(WebSocket from, byte @Nullable [] message, boolean isBinary) {
    text = null;
    bytes = null;
    length = 0;
    if (message == null || message.length > maxBytes) {
      listener.onOversized();
      from.request(1);
    } else {
      listener.onMessage(message, isBinary);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket from, ByteBuffer message) {
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
    from.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    if (isEnded()) {
      return null;
    }
    if (code == ABNORMAL) {
      listener.onFailed(0, 0, new EOFException("the connection ended without a closing frame"));
    } else {
      listener.onClosed(code, reason);
    }
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    if (!isEnded()) {
      listener.onFailed(0, 0, error);
    }
  }
}
