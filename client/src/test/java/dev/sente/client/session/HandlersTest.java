package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.ReceivedEvent;
import dev.sente.client.Registration;
import dev.sente.packer.PackedValue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The application's handlers, added and removed by several threads. */
class HandlersTest {

  private static final int ROUNDS = 50_000;

  @Test
  void aHandlerThatIsAddedWhileTheLastOneIsRemovedIsCalled() throws Exception {
    var handlers = new Handlers((error, where) -> {});
    var event = new ReceivedEvent("test/down", PackedValue.of(null));
    var calls = new AtomicInteger();
    var toRemove = new AtomicReference<Registration>();
    var removed = new AtomicInteger();
    var other =
        Thread.startVirtualThread(
            () -> {
              for (int i = 0; i < ROUNDS; i++) {
                Registration first;
                while ((first = toRemove.getAndSet(null)) == null) {
                  Thread.onSpinWait();
                }
                first.remove();
                removed.incrementAndGet();
              }
            });
    for (int i = 0; i < ROUNDS; i++) {
      toRemove.set(handlers.on("test/down", e -> {}));
      var second = handlers.on("test/down", e -> calls.incrementAndGet());
      while (removed.get() <= i) {
        Thread.onSpinWait();
      }
      handlers.deliver(event);
      second.remove();
    }
    other.join();
    assertThat(calls).hasValue(ROUNDS);
  }
}
