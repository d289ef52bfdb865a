package dev.sente.testkit;

import java.util.Random;
import java.util.function.LongFunction;

/**
 * What befalls a connection that goes through a {@link FaultProxy}.
 *
 * @param kind what happens
 * @param direction whose bytes are counted
 * @param atBytes after how many bytes of that direction it happens; they are passed on before
 * @param bytesPerSecond how fast bytes pass in either direction; 0 for as fast as they come
 */
public record Fault(Kind kind, Direction direction, long atBytes, int bytesPerSecond) {

  /** Nothing happens. */
  public static final Fault NONE = new Fault(Kind.CUT, Direction.TO_SERVER, Long.MAX_VALUE, 0);

  /** What can happen. */
  public enum Kind {
    /** Both sides are closed in order, as by a proxy that is restarted. */
    CUT,
    /** Both sides are reset, as by a machine that has forgotten the connection. */
    RESET,
    /** Nothing passes any more, and both sides are left open, as by a lost network. */
    STALL,
    /** The server's side is reset and the client's left open: only the client is not told. */
    HALF_OPEN
  }

  /** Whose bytes. */
  public enum Direction {
    /** What the client sends. */
    TO_SERVER,
    /** What the server sends. */
    TO_CLIENT
  }

  /** Checks the numbers. */
  public Fault {
    if (atBytes < 0) {
      throw new IllegalArgumentException("atBytes must not be negative, was " + atBytes);
    }
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException(
          "bytesPerSecond must not be negative, was " + bytesPerSecond);
    }
  }

  /** A fault of this kind after so many bytes. */
  public static Fault after(long bytes, Direction direction, Kind kind) {
    return new Fault(kind, direction, bytes, 0);
  }

  /** No fault but slowness. */
  public static Fault slow(int bytesPerSecond) {
    return new Fault(Kind.CUT, Direction.TO_SERVER, Long.MAX_VALUE, bytesPerSecond);
  }

  /**
   * A fault for each connection, by its number: of one of these kinds, in either direction, after
   * up to {@code maxBytes}. The same seed gives the same faults.
   */
  public static LongFunction<Fault> random(long seed, int maxBytes, Kind... kinds) {
    return number -> {
      var random = new Random(seed * 1_000_003 + number);
      // The first numbers of seeds side by side are much alike.
      random.nextInt();
      var kind = kinds[random.nextInt(kinds.length)];
      var direction = Direction.values()[random.nextInt(Direction.values().length)];
      return after(random.nextInt(maxBytes + 1), direction, kind);
    };
  }
}
