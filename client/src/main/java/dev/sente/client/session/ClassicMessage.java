package dev.sente.client.session;

import dev.sente.event.Event;
import org.jspecify.annotations.Nullable;

/** A message of classic mode on its way to the server. Touched by the mailbox only. */
final class ClassicMessage {

  private final Event event;
  private final @Nullable String callback;
  private final byte[] packed;

  /** Set by a connection that can take it back: whoever asked no longer wants the answer. */
  private @Nullable Runnable cancel;

  /**
   * A message.
   *
   * @param callback the callback of a request; null for an event that wants no answer
   * @param packed as a WebSocket carries it
   */
  ClassicMessage(Event event, @Nullable String callback, byte[] packed) {
    this.event = event;
    this.callback = callback;
    this.packed = packed;
  }

  Event event() {
    return event;
  }

  @Nullable String callback() {
    return callback;
  }

  byte[] packed() {
    return packed;
  }

  void onCancel(Runnable task) {
    cancel = task;
  }

  void cancel() {
    if (cancel != null) {
      cancel.run();
    }
  }
}
