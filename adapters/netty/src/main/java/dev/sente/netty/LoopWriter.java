package dev.sente.netty;

import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.Round;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Serves the connections of one event loop that have something to write: one task per round,
 * however many connections, and one flush for each.
 *
 * <p>Design. Any thread marks a connection and pushes it on a stack, linked through the connections
 * themselves: one compare-and-set, nothing allocated. Whoever pushes on the empty stack submits the
 * round's task. The round takes the whole stack at once; what is pushed from then on is for the
 * next round. A connection is on the stack at most once, since it is pushed only by the one that
 * set its mark, and the mark is cleared after it was taken.
 */
final class LoopWriter implements Runnable {

  private static final FastThreadLocal<LoopWriter> OF_THIS_LOOP = new FastThreadLocal<>();

  private final EventLoop loop;

  /** The connections to serve, the latest first. Any thread pushes, the loop takes all. */
  private final AtomicReference<@Nullable NettyWebSocket> listed = new AtomicReference<>();

  /** Touched by the loop only. */
  private final FrameCache frames = new FrameCache();

  /** Whether a round is running. Touched by the loop only. */
  private boolean inRound;

  /** Whether {@link Round#end} is due. Touched by the loop only. */
  private boolean gathering;

  private final Runnable endGathering = this::endGathering;

  private LoopWriter(EventLoop loop) {
    this.loop = loop;
  }

  /** The writer of this event loop, on whose thread the caller must be. */
  @SuppressWarnings("ReferenceEquality") // A loop is only equal to itself.
  static LoopWriter of(EventLoop loop) {
    LoopWriter writer = OF_THIS_LOOP.getIfExists();
    if (writer == null || writer.loop != loop) {
      writer = new LoopWriter(loop);
      OF_THIS_LOOP.set(writer);
    }
    return writer;
  }

  /** The writer of the calling thread, if that is an event loop which has one. */
  static @Nullable LoopWriter ofThisThread() {
    return OF_THIS_LOOP.getIfExists();
  }

  /** What is read in this turn of the loop is handed over together. On the loop. */
  void gather() {
    if (gathering) {
      return;
    }
    try {
      loop.execute(endGathering);
      gathering = true;
      Round.begin();
    } catch (RejectedExecutionException ended) {
      NettyServer.LOG.debug("An event loop has ended");
    }
  }

  private void endGathering() {
    gathering = false;
    Round.end();
  }

  EventLoop loop() {
    return loop;
  }

  /**
   * Lists a connection for the next round. Any thread; only who has set its mark.
   *
   * <p>Where there is no memory for the round, that is thrown, and the list given up: whoever marks
   * one of its connections next submits a round, and what waits leaves with it.
   */
  void add(NettyWebSocket connection) {
    NettyWebSocket first;
    do {
      first = listed.get();
      connection.nextListed = first;
    } while (!listed.compareAndSet(first, connection));
    if (first == null) {
      try {
        execute(loop, this);
      } catch (Throwable e) {
        unlist(listed.getAndSet(null));
        throw e;
      }
    }
  }

  private static void unlist(@Nullable NettyWebSocket first) {
    NettyWebSocket next = first;
    while (next != null) {
      NettyWebSocket connection = next;
      next = connection.nextListed;
      connection.nextListed = null;
      connection.unlist();
    }
  }

  /**
   * Runs a task on the loop; does nothing where the loop has ended, and its connections with it.
   */
  static void execute(EventLoop loop, Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException ended) {
      NettyServer.LOG.debug("An event loop has ended; a task is dropped");
    }
  }

  /** A message's frame, to be written by one connection. */
  ByteBuf frame(Channel to, OutgoingMessage message) {
    return inRound ? frames.frame(to, message) : Frames.message(to.alloc(), message);
  }

  /** One round. What fails one connection, be it an {@link Error}, is kept from the others. */
  @Override
  public void run() {
    NettyWebSocket next = inOrder(listed.getAndSet(null));
    inRound = true;
    try {
      while (next != null) {
        NettyWebSocket connection = next;
        next = connection.nextListed;
        connection.nextListed = null;
        try {
          connection.serve();
        } catch (Throwable e) {
          connection.failed(e);
        }
      }
    } finally {
      inRound = false;
      frames.clear();
      // Where even the failure could not be told, the rest is to be listed anew.
      unlist(next);
    }
  }

  /** Turns the stack around, so that who asked first is served first. */
  private static @Nullable NettyWebSocket inOrder(@Nullable NettyWebSocket latest) {
    NettyWebSocket earlier = null;
    NettyWebSocket rest = latest;
    while (rest != null) {
      NettyWebSocket next = rest.nextListed;
      rest.nextListed = earlier;
      earlier = rest;
      rest = next;
    }
    return earlier;
  }
}
