package dev.sente.client;

import org.jspecify.annotations.Nullable;

/** A {@link RequestHandler} that gets the request's data bound to a class. */
@FunctionalInterface
public interface TypedRequestHandler<T> {

  /** Answers a request, as {@link RequestHandler#answer} does. */
  @Nullable Object answer(T data, ReceivedEvent request) throws Exception;
}
