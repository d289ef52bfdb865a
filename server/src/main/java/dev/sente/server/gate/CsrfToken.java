package dev.sente.server.gate;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** What token a request must bring, against cross-site request forgery. */
public sealed interface CsrfToken {

  /** Whether a request that brought this token (null for none) may pass. */
  boolean admits(@Nullable String brought);

  /** The request must bring exactly this token; null or empty refuses every request. */
  static CsrfToken expected(@Nullable String token) {
    return new Expected(token == null ? "" : token);
  }

  /** No token is needed. */
  static CsrfToken skip() {
    return Skip.SKIP;
  }

  /** Compares in constant time. */
  record Expected(String token) implements CsrfToken {
    @Override
    public boolean admits(@Nullable String brought) {
      return !token.isEmpty()
          && brought != null
          && MessageDigest.isEqual(
              token.getBytes(StandardCharsets.UTF_8), brought.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Expected";
    }
  }

  /** No check. */
  enum Skip implements CsrfToken {
    /** The one value. */
    SKIP;

    @Override
    public boolean admits(@Nullable String brought) {
      return true;
    }
  }
}
