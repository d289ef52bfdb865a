package dev.sente.server.users;

import dev.sente.event.Event;
import dev.sente.mailbox.Lane;
import dev.sente.packer.Packer;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One of a user's clients, as the users see it. Any thread; nothing blocks. */
public interface UserClient {

  /** The user; null for none. */
  @Nullable String uid();

  /** Which of the user's clients. */
  String clientId();

  /** The packer of its present connection. */
  Packer packer();

  /** Its latest request. */
  ConnectRequest request();

  /** Where its events are handled. */
  Lane lane();

  /**
   * Sends events, after all that was sent before, and with nothing between them.
   *
   * @param events packed; where its own packer could not, it gets an error in the event's place in
   *     v2 (V17), and nothing in classic mode; {@code onDropped} is told either way. Not to be
   *     changed
   * @param flush whether to leave at once, without waiting for the batch window
   * @param to all who are sent them
   */
  void push(List<Outgoing> events, boolean flush, List<UserClient> to);

  /** Closes its connection, after all that was sent before; the client may come back. */
  void close();

  /** Ends its session at once, and tells the client to stay away where its mode can say so. */
  void remove(int code, String reason);

  /**
   * Asks it something.
   *
   * @return completed on some other thread, in any case within the time-out; refused where its
   *     packer cannot pack the data. Who cancels it waits no more
   */
  CompletableFuture<Reply> request(Event event, Duration timeout);

  /**
   * Tells what becomes of events that were pushed together before: true once the client has
   * acknowledged them all, false if it never will. Called by any thread, and must not block.
   */
  void watch(List<Outgoing> pushed, Consumer<Boolean> outcome);
}
