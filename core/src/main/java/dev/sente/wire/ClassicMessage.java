package dev.sente.wire;

import dev.sente.packer.PackedValue;
import org.jspecify.annotations.Nullable;

/** What a client says in classic mode: {@code [<event> <?callback>]}. */
public sealed interface ClassicMessage {

  /**
   * The callback to answer with, as the client gave it; null where no answer is asked for (nil and
   * false both say so).
   */
  @Nullable Object callback();

  /**
   * An event of the application's.
   *
   * @param id the event's id, well-formed and outside the protocol's namespace
   * @param data the event's data, still packed
   */
  record ClientEvent(String id, PackedValue data, @Nullable Object callback)
      implements ClassicMessage {}

  /** The client asks whether the connection is alive: {@code [[:chsk/ws-ping] callback]}. */
  record Ping(@Nullable Object callback) implements ClassicMessage {}

  /** The client's answer to the server's ping: {@code [[:chsk/ws-pong]]}. */
  record Pong(@Nullable Object callback) implements ClassicMessage {}

  /**
   * A vector of one or two whose first element is not an event that a client may send.
   *
   * @param given the first element, still packed
   */
  record BadEvent(PackedValue given, @Nullable Object callback) implements ClassicMessage {}
}
