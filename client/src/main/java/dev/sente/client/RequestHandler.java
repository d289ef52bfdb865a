package dev.sente.client;

import org.jspecify.annotations.Nullable;

/** Answers the server's requests; runs where an {@link EventHandler} does, in the same order. */
@FunctionalInterface
public interface RequestHandler {

  /**
   * Answers a request. Where something is thrown, the server is told {@code handler-error}, or
   * {@code bad-data} where the data does not fit the class asked for.
   *
   * @return any value that the packers know, or a record or bean; or a {@link
   *     java.util.concurrent.CompletionStage} of one, which does not hold up what comes next
   */
  @Nullable Object answer(ReceivedEvent request) throws Exception;
}
