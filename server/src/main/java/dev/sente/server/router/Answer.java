package dev.sente.server.router;

import org.jspecify.annotations.Nullable;

/** Where the answer to one request goes. Any thread; never blocks. The first answer counts. */
public interface Answer {

  /**
   * Answers with a value.
   *
   * @return false if the request has been answered, has timed out, or its client is gone
   * @throws dev.sente.packer.PackException if the value cannot be packed; the request then still
   *     waits
   */
  boolean value(@Nullable Object value);

  /**
   * Answers that there will be no value.
   *
   * @param code for programs, as {@code handler-error}
   * @param message for people, without internals; null for none
   * @return as for {@link #value}
   */
  boolean error(String code, @Nullable String message);
}
