package dev.sente.netty;

import dev.sente.server.channel.OutgoingMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The frames made in one round of a {@link LoopWriter}, so that a message for many connections is
 * framed once.
 *
 * <p>Why not for longer: a socket wants memory outside the heap, which would then have to wait for
 * the garbage collector, since nobody knows when a message has gone to its last connection. A round
 * knows: the cache lets go at its end, and the memory returns to the pool when the slowest
 * connection has written it. Nor do event loops contend for one reference count.
 *
 * <p>Touched by its event loop only.
 */
final class FrameCache {

  /** Enough for what the connections of one round have in common; a power of two. */
  private static final int CAPACITY = 16;

  private final @Nullable OutgoingMessage[] messages = new @Nullable OutgoingMessage[CAPACITY];
  private final @Nullable ByteBuf[] frames = new @Nullable ByteBuf[CAPACITY];

  /** How many were put in since the last {@link #clear}; the oldest give way. */
  private int count;

  /**
   * Where the next one sought probably is: connections send the same messages in the same order.
   */
  private int guess;

  /** The frame of a message, to be released by the caller. */
  ByteBuf frame(Channel to, OutgoingMessage message) {
    int at = find(message);
    ByteBuf frame = at < 0 ? null : frames[at];
    if (frame == null) {
      at = count & (CAPACITY - 1);
      frame = Frames.message(to.alloc(), message);
      release(at);
      messages[at] = message;
      frames[at] = frame;
      count++;
    }
    guess = at + 1;
    return frame.retainedDuplicate();
  }

  /** Lets go of all frames. */
  void clear() {
    for (int i = Math.min(count, CAPACITY) - 1; i >= 0; i--) {
      release(i);
    }
    count = 0;
    guess = 0;
  }

  @SuppressWarnings("ReferenceEquality") // The very same array, as OutgoingMessage says.
  private int find(OutgoingMessage message) {
    int held = Math.min(count, CAPACITY);
    for (int i = 0; i < held; i++) {
      int at = (guess + i) % held;
      var kept = messages[at];
      if (kept != null && kept.bytes() == message.bytes() && kept.binary() == message.binary()) {
        return at;
      }
    }
    return -1;
  }

  private void release(int at) {
    ByteBuf frame = frames[at];
    if (frame != null) {
      frames[at] = null;
      messages[at] = null;
      frame.release();
    }
  }
}
