package dev.sente.wire;

import dev.sente.packer.PackedValue;
import org.jspecify.annotations.Nullable;

/** How a request ended. Every request ends in exactly one of these. */
public sealed interface Reply {

  /** The peer answered. */
  record Value(PackedValue value) implements Reply {}

  /** The peer answered that there will be no value. */
  record RemoteError(String code, @Nullable String message) implements Reply {}

  /** No answer came in time. It may have been handled. */
  record TimedOut() implements Reply {}

  /** The peer is gone for good. It may have been handled. */
  record Closed() implements Reply {}

  /** It was never sent: there is no such peer, or no room to wait. */
  record Refused(String why) implements Reply {}
}
