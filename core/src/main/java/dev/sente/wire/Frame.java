package dev.sente.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one v2 frame says, as received (PROTOCOL.md, V4, V5 and V8). */
public sealed interface Frame {

  /** Messages of the stream, in order; at least one. */
  record Batch(List<Message> messages) implements Frame {}

  /** The peer has accepted this many messages. */
  record Ack(long received) implements Frame {}

  /** Asks for a sign of life. */
  record Ping() implements Frame {}

  /** A sign of life. */
  record Pong() implements Frame {}

  /** A poll had nothing to say. */
  record Timeout() implements Frame {}

  /**
   * The peer closes.
   *
   * @param code 4000 to 4499 for come back, 4500 to 4999 for stay away
   * @param retryMillis when to come back; 0 for as usual
   */
  record Close(int code, String reason, long retryMillis) implements Frame {}

  /**
   * The server's first frame.
   *
   * @param uid whose session it is; null for nobody's
   * @param data the application's handshake data
   */
  record Handshake(@Nullable String uid, @Nullable Object data, SessionInfo info)
      implements Frame {}
}
