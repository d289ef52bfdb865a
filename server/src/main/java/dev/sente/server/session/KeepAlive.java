package dev.sente.server.session;

import dev.sente.time.Time;
import java.time.Duration;

/**
 * Finds out whether a WebSocket's client is still there (K18, V22): pings one that was silent for
 * the interval, and gives up one that says nothing after that. Its answer may wait behind a large
 * message of its own, so that a message which is coming is a sign of life, too; but not for ever,
 * since it occupies memory. While the client is not read, since its handlers are behind, its
 * silence says nothing. For any thread.
 */
final class KeepAlive {

  /**
   * How long a message may take to come in, beside what silence is allowed; 28 kbit/s for 1 MiB.
   */
  private static final Duration LONGEST_MESSAGE = Duration.ofMinutes(5);

  /** Whose client it is. Told by the threads of alarms. */
  interface Peer {

    boolean isClosed();

    void ping();

    /** The client is gone. */
    void isDead();
  }

  private final Time time;
  private final Duration interval;
  private final Duration timeout;
  private final Peer peer;

  /** When the client was last heard and last told something, by the clock. */
  private volatile long heard;

  private volatile long said = Long.MAX_VALUE;

  /** When bytes came last of a message that was not complete, by the clock. */
  private volatile long arrived = Long.MIN_VALUE;

  private volatile boolean isReading = true;

  /**
   * For a connection that is about to open.
   *
   * @param interval after how much silence to ping; zero for never
   * @param timeout how long to wait for a sign of life after that
   */
  KeepAlive(Time time, Duration interval, Duration timeout, Peer peer) {
    this.time = time;
    this.interval = interval;
    this.timeout = timeout;
    this.peer = peer;
  }

  /** The connection is open. */
  void begin() {
    heard = time.millis();
    checkAfter(interval.toMillis());
  }

  void heard() {
    heard = time.millis();
  }

  /** Bytes of a message have come that is not complete. */
  void arriving() {
    arrived = time.millis();
  }

  /** Something was sent. Where this is never called, only what is heard counts. */
  void said() {
    said = time.millis();
  }

  /** Whether the client is read. */
  void setReading(boolean reading) {
    if (reading) {
      heard = time.millis();
    }
    isReading = reading;
  }

  private void checkAfter(long millis) {
    if (!interval.isZero()) {
      time.after(Duration.ofMillis(millis), this::check);
    }
  }

  private void check() {
    if (peer.isClosed()) {
      return;
    }
    long now = time.millis();
    long quiet = now - Math.min(said, heard);
    if (quiet < interval.toMillis()) {
      checkAfter(interval.toMillis() - quiet);
      return;
    }
    // First the alarm: a ping that fails must not be the last.
    time.after(timeout, () -> checkAnswer(now));
    peer.ping();
  }

  private void checkAnswer(long pinged) {
    if (peer.isClosed()) {
      return;
    }
    if (heard < pinged && isReading && !isArriving(pinged)) {
      peer.isDead();
    } else {
      check();
    }
  }

  /** Whether a message is coming that has not been coming for too long. */
  private boolean isArriving(long pinged) {
    long silence = time.millis() - heard;
    var longest = LONGEST_MESSAGE.plus(interval).plus(timeout);
    return arrived >= pinged && silence < longest.toMillis();
  }
}
