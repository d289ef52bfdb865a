package dev.sente.fuzz;

import com.sun.management.ThreadMXBean;
import dev.sente.packer.BindException;
import dev.sente.packer.UnpackException;
import java.lang.management.ManagementFactory;

/**
 * What must hold of every input: no way to read it throws anything but what is declared (and tells
 * the peer nothing of our insides), or allocates more than its {@link Target.Read} may.
 */
final class Property {

  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Property() {}

  /** Reads the input in every way of the target; throws an AssertionError where it is not held. */
  static void check(Target target, byte[] input) {
    long excess = excess(target, input);
    if (excess > 0) {
      throw new AssertionError(
          "%s allocates %d bytes too much for %d: %s"
              .formatted(target, excess, input.length, Target.show(input)));
    }
  }

  /** The same, but returns by how many bytes too much is allocated; 0 where it is not. */
  static long excess(Target target, byte[] input) {
    int size = target.size(input);
    long excess = 0;
    for (var read : target.reads()) {
      long limit = read.mayAllocate(size);
      excess = Math.max(excess, leastAllocated(read, input, limit) - limit);
    }
    return excess;
  }

  /** How many bytes the most wasteful way to read the input allocates. */
  static long allocated(Target target, byte[] input) {
    return target.reads().stream()
        .mapToLong(read -> leastAllocated(read, input, 0))
        .max()
        .orElse(0);
  }

  /**
   * Something may have been made once and for all: where it is too much, the least of three tells.
   */
  private static long leastAllocated(Target.Read read, byte[] input, long limit) {
    long first = allocated(read, input);
    return first <= limit ? first : Math.min(allocated(read, input), allocated(read, input));
  }

  private static long allocated(Target.Read read, byte[] input) {
    long before = THREAD.getCurrentThreadAllocatedBytes();
    try {
      read.way().accept(input);
    } catch (UnpackException | BindException e) {
      checkMessage(e);
    }
    return THREAD.getCurrentThreadAllocatedBytes() - before;
  }

  private static void checkMessage(RuntimeException e) {
    var message = e.getMessage();
    if (message == null || message.length() > 600) {
      throw new AssertionError("a message of odd length", e);
    }
    if (message.contains("java.") || message.contains("jackson")) {
      throw new AssertionError("a message that tells of our insides", e);
    }
  }
}
