package dev.sente.netty;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A well-behaved client that echoes for ever, on a thread of its own, over a WebSocket. */
final class Neighbour implements AutoCloseable {

  private final Semaphore served = new Semaphore(0);
  private final RawPeer peer;
  private final Thread thread;
  private volatile boolean stopping;

  /** Written by the thread before it ends. */
  private volatile @Nullable Throwable failure;

  Neighbour(int port) {
    peer = RawPeer.upgraded(port, "/chsk?client-id=neighbour&uid=neighbour");
    peer.frame();
    thread = Thread.ofVirtual().start(this::run);
  }

  private void run() {
    try {
      for (int i = 0; !stopping; i++) {
        peer.sendText("[[:test/echo " + i + "] \"cb\"]");
        var answer = peer.frame().text();
        if (!answer.equals("[" + i + " \"cb\"]")) {
          throw new AssertionError("expected the echo of " + i + ", was " + answer);
        }
        served.release();
      }
    } catch (RuntimeException | AssertionError e) {
      failure = e;
    }
  }

  /** Waits for three more echoes. */
  void assertIsServed() throws InterruptedException {
    served.drainPermits();
    if (!served.tryAcquire(3, Await.SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the neighbour is not served", failure);
    }
  }

  @Override
  public void close() {
    stopping = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    peer.close();
    var failed = failure;
    if (failed != null) {
      throw new AssertionError("the neighbour was not served", failed);
    }
  }
}
