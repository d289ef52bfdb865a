package dev.sente.wire;

import dev.sente.packer.PackedValue;
import org.jspecify.annotations.Nullable;

/** One numbered message of a v2 stream, as received (PROTOCOL.md, V5). */
public sealed interface Message {

  /**
   * An event.
   *
   * @param data still packed; nil where there is none
   */
  record EventMessage(String id, PackedValue data) implements Message {}

  /**
   * An event that waits for an answer.
   *
   * @param number the sender's own, counting up
   */
  record Request(long number, String id, PackedValue data) implements Message {}

  /** The answer to the receiver's request of that number. */
  record Reply(long number, PackedValue value) implements Message {}

  /** Tells that the receiver's request of that number has no value for an answer. */
  record Failure(long number, String code, @Nullable String message) implements Message {}
}
