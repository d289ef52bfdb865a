package dev.sente.netty;

import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.channel.WebSocketListener;
import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A request that waits for its answer: decides on any thread who comes first, acts on the loop. */
final class NettyExchange implements HttpExchange {

  /** The states of an exchange, besides "waiting, with this to run on an abort". */
  private enum State {
    WAITING,
    ANSWERED,
    GONE
  }

  private final RequestHandler handler;

  /** The handler's. Here, too, since who answers from another thread would have to look for it. */
  private final EventLoop loop;

  private final HttpRequest request;
  private final Door door;

  /** A {@link State}, or the {@link Runnable} to run on an abort. Any thread, atomically. */
  private final AtomicReference<Object> state = new AtomicReference<>(State.WAITING);

  NettyExchange(RequestHandler handler, EventLoop loop, HttpRequest request, Door door) {
    this.handler = handler;
    this.loop = loop;
    this.request = request;
    this.door = door;
  }

  Door door() {
    return door;
  }

  @Override
  public HttpRequest request() {
    return request;
  }

  @Override
  public void respond(HttpResponse response) {
    if (leave(State.ANSWERED) != null) {
      onLoop(() -> handler.answer(this, response));
    }
  }

  @Override
  public void acceptWebSocket(@Nullable String subprotocol, WebSocketListener listener) {
    Object before = leave(State.ANSWERED);
    if (before != null) {
      onLoop(
          () -> {
            // The peer's end may come to the loop first; it was told to nobody then.
            if (!handler.upgrade(this, subprotocol, listener)
                && before instanceof Runnable aborted) {
              aborted.run();
            }
          });
    }
  }

  @Override
  public void onAbort(Runnable aborted) {
    if (!state.compareAndSet(State.WAITING, aborted) && state.get() == State.GONE) {
      aborted.run();
    }
  }

  private void onLoop(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      LoopWriter.execute(loop, task);
    }
  }

  /** The peer is gone; tells who asked, unless the answer was first. */
  void abort() {
    if (leave(State.GONE) instanceof Runnable aborted) {
      aborted.run();
    }
  }

  /** Ends the waiting; the state that was left, or null where it had ended before. */
  private @Nullable Object leave(State next) {
    Object before;
    do {
      before = state.get();
      if (before == State.ANSWERED || before == State.GONE) {
        return null;
      }
    } while (!state.compareAndSet(before, next));
    return before;
  }
}
