package dev.sente.client;

/** Is told what goes wrong with nobody waiting for it. */
@FunctionalInterface
public interface ErrorHandler {

  /**
   * Something went wrong. Called by any thread; must return soon and not throw.
   *
   * @param where an event's id, or {@code connect}, {@code protocol}, {@code poll}, {@code frame},
   *     {@code post}, {@code state} or {@code executor}
   */
  void failed(Throwable error, String where);
}
