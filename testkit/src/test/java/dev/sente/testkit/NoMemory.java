package dev.sente.testkit;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Lets no further thread begin, for a while, that is begun by the maker's or by one begun by it.
 */
final class NoMemory extends InheritableThreadLocal<@Nullable Object> {

  private final AtomicBoolean isNow = new AtomicBoolean();

  NoMemory() {
    set(new Object());
  }

  void begin() {
    isNow.set(true);
  }

  void end() {
    isNow.set(false);
  }

  @Override
  protected Object childValue(@Nullable Object parents) {
    if (isNow.get()) {
      // JUnit would end with an OutOfMemoryError.
      throw new InternalError("unable to create a thread, on purpose");
    }
    return Objects.requireNonNull(parents);
  }
}
