package dev.sente.netty;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what has come of bodies and messages that are not complete, and bounds it over all
 * connections. Each has its own bound too, but strangers may open many connections, and no hook is
 * asked before a body or message is whole.
 *
 * <p>Counted is what has come when more is awaited: what comes whole costs nothing here. Any
 * thread.
 */
final class ArrivingBytes {

  /** One for all servers, since they share the heap. */
  static final ArrivingBytes OF_THE_PROCESS =
      new ArrivingBytes(Runtime.getRuntime().maxMemory() / 8);

  /**
   * What each connection may hold uncounted, in bytes: no more than it costs anyway. So a small
   * message that comes in two reads is taken however full it is here.
   */
  static final int FREE = 1024;

  private final long bound;
  private final AtomicLong counted = new AtomicLong();
  private final OnceAMinute warning = new OnceAMinute();

  ArrivingBytes(long bound) {
    this.bound = bound;
  }

  /**
   * Counts what a connection holds, in place of what it held. One that is alone here has room: what
   * an application allows, and be it more than there is room for, must come some time.
   *
   * @return false where there is no room for it; then what it held is counted as before
   */
  boolean change(int before, int now) {
    int part = Math.max(now, FREE) - FREE;
    int more = part - (Math.max(before, FREE) - FREE);
    if (more == 0) {
      return true;
    }
    long all = counted.addAndGet(more);
    if (all <= bound || all == part || more < 0) {
      return true;
    }
    counted.addAndGet(-more);
    if (warning.isDue()) {
      NettyServer.LOG.warn(
          "Bodies and messages that are not complete take {} bytes, more are refused; nor told of"
              + " for a minute",
          bound);
    }
    return false;
  }

  long counted() {
    return counted.get();
  }
}
