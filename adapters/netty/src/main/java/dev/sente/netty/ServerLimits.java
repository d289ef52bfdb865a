package dev.sente.netty;

import java.time.Duration;

/**
 * The bounds of a {@link NettyServer}. An engine brings its own for messages and bodies, see {@link
 * dev.sente.server.channel.ChannelLimits}. What has come of bodies and messages that are not
 * complete, over all connections of the process, may take an eighth of what Java's heap may become
 * ({@code -Xmx}), and a sixteenth more where the peer's address, or IPv6 network of 64 bits, has no
 * more than is left; beyond it a body is answered 503, and a WebSocket closed with 1013.
 *
 * @param headTimeout from the first byte of a request until its headers are complete; beyond it the
 *     request is answered 408. Default 10 s
 * @param bodyTimeout from there until its body is complete, and a second more for each 4 KiB that
 *     have come, but of which none come for a minute at most, or for this if it is longer; beyond
 *     it the request is answered 408. Default 30 s
 * @param idleTimeout how long a connection may wait for its first request, or for its next one from
 *     when the answer before has left; beyond it the connection is closed. Default 60 s
 * @param writeTimeout how long a peer may take none of the bytes that wait for it; beyond it the
 *     connection is ended, a WebSocket too. Default 60 s
 * @param maxConnections how many connections may be open; one more is closed at once. An idle one
 *     takes 3 KiB of the heap, but a stranger has each take up to 35 KiB by its heads: fewer for a
 *     heap below 4 GiB where nothing in front bounds them. Default 100,000
 * @param maxBodyBytes the largest body of a request to the application's own pages; a larger one is
 *     answered 413. Default 1 MiB
 */
public record ServerLimits(
    Duration headTimeout,
    Duration bodyTimeout,
    Duration idleTimeout,
    Duration writeTimeout,
    int maxConnections,
    int maxBodyBytes) {

  private static final Duration LONGEST = Duration.ofDays(1);

  /** Checks the bounds. */
  public ServerLimits {
    check("headTimeout", headTimeout);
    check("bodyTimeout", bodyTimeout);
    check("idleTimeout", idleTimeout);
    check("writeTimeout", writeTimeout);
    if (maxConnections < 1) {
      throw new IllegalArgumentException("maxConnections must be positive, was " + maxConnections);
    }
    if (maxBodyBytes < 0) {
      throw new IllegalArgumentException("maxBodyBytes must not be negative, was " + maxBodyBytes);
    }
  }

  /** The defaults. */
  public static ServerLimits defaults() {
    return new ServerLimits(
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        Duration.ofSeconds(60),
        100_000,
        1024 * 1024);
  }

  /** The same with another {@link #headTimeout}. */
  public ServerLimits withHeadTimeout(Duration timeout) {
    return new ServerLimits(
        timeout, bodyTimeout, idleTimeout, writeTimeout, maxConnections, maxBodyBytes);
  }

  /** The same with another {@link #bodyTimeout}. */
  public ServerLimits withBodyTimeout(Duration timeout) {
    return new ServerLimits(
        headTimeout, timeout, idleTimeout, writeTimeout, maxConnections, maxBodyBytes);
  }

  /** The same with another {@link #idleTimeout}. */
  public ServerLimits withIdleTimeout(Duration timeout) {
    return new ServerLimits(
        headTimeout, bodyTimeout, timeout, writeTimeout, maxConnections, maxBodyBytes);
  }

  /** The same with another {@link #writeTimeout}. */
  public ServerLimits withWriteTimeout(Duration timeout) {
    return new ServerLimits(
        headTimeout, bodyTimeout, idleTimeout, timeout, maxConnections, maxBodyBytes);
  }

  /** The same with another {@link #maxConnections}. */
  public ServerLimits withMaxConnections(int connections) {
    return new ServerLimits(
        headTimeout, bodyTimeout, idleTimeout, writeTimeout, connections, maxBodyBytes);
  }

  /** The same with another {@link #maxBodyBytes}. */
  public ServerLimits withMaxBodyBytes(int bytes) {
    return new ServerLimits(
        headTimeout, bodyTimeout, idleTimeout, writeTimeout, maxConnections, bytes);
  }

  private static void check(String name, Duration timeout) {
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name + " must be above zero and at most " + LONGEST + ", was " + timeout);
    }
  }
}
