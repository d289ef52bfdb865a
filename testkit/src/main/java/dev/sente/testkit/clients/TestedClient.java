package dev.sente.testkit.clients;

import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client as {@link ClientScenes} sees it. Called by one thread at a time; the effects of calls
 * come in their order.
 *
 * <p>It answers the server's requests {@code scene/echo} with their data, fails at {@code
 * scene/throw}, and answers no others. Data is given as JSON has it: null, booleans, strings,
 * numbers, lists, and maps by strings.
 */
public interface TestedClient extends AutoCloseable {

  /** Connects again after {@link #disconnect} or a refusal. */
  void connect();

  /**
   * Sends an event.
   *
   * @return whether it was taken
   */
  boolean send(String id, @Nullable Object data);

  /** Asks the server; completed once, with what became of it. */
  CompletableFuture<Reply> request(String id, @Nullable Object data, Duration timeout);

  /** What the client says who it is, from its next connection on. */
  void credentials(Credentials credentials);

  /** Ends the connection, and opens another one at once. */
  void reconnect();

  /** Ends the connection and the session. */
  void disconnect();

  /** Tells that the machine's network has changed. */
  void networkChanged();

  /** Ends it for good. */
  @Override
  void close();
}
