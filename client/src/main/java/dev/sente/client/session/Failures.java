package dev.sente.client.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells why connections fail: a reason once, as long as attempt after attempt fails for the same.
 * Touched by the mailbox only.
 */
final class Failures {

  private final Handlers handlers;

  /** The reason that was told last, by where it was met. */
  private final Map<String, String> told = new HashMap<>(2);

  Failures(Handlers handlers) {
    this.handlers = handlers;
  }

  /** A connection has failed; null where no more is known. */
  void tell(@Nullable Throwable cause, String where) {
    if (cause != null && !cause.toString().equals(told.put(where, cause.toString()))) {
      handlers.report(cause, where);
    }
  }

  /** A connection is open: what ends it is another failure than those before. */
  void over() {
    told.clear();
  }
}
