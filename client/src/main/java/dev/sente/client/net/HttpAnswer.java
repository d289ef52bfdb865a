package dev.sente.client.net;

import org.jspecify.annotations.Nullable;

/**
 * How a request ended.
 *
 * @param status the HTTP status; 0 where there was no answer, or one that was too long
 * @param body the answer's body
 * @param retryAfterMillis when the server wants to be asked again; 0 where it did not say
 * @param cause why there was no answer
 */
public record HttpAnswer(
    int status, byte[] body, long retryAfterMillis, @Nullable Throwable cause) {

  private static final byte[] NOTHING = {};

  /** No answer came. */
  public static HttpAnswer none(@Nullable Throwable cause) {
    return new HttpAnswer(0, NOTHING, 0, cause);
  }

  /** An answer came of more bytes than it was to have. */
  public static HttpAnswer tooLong(int maxBytes) {
    return none(new TooLongException(maxBytes));
  }

  /** Whether an answer came that was too long, and was not taken to its end. */
  public boolean isTooLong() {
    return cause instanceof TooLongException;
  }

  /** Whether the status is of the kind that says success. */
  public boolean isGood() {
    return status >= 200 && status < 300;
  }
}
