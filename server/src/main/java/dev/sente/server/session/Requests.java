package dev.sente.server.session;

import dev.sente.event.Event;
import dev.sente.mailbox.Mailbox;
import dev.sente.packer.Packer;
import dev.sente.server.ServerOptions;
import dev.sente.server.router.Router;
import dev.sente.time.Time;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's requests that wait for a client's answer. Touched by the session's mailbox only. */
final class Requests {

  private static final Logger log = LoggerFactory.getLogger(Requests.class);

  private final ServerOptions options;
  private final Mailbox mailbox;

  /** Made with the first request. */
  private @Nullable Map<Long, Waiting> waiting;

  private long last;

  Requests(ServerOptions options, Mailbox mailbox) {
    this.options = options;
    this.mailbox = mailbox;
  }

  private record Waiting(CompletableFuture<Reply> future, Time.Alarm alarm) {}

  /** Whether any of them waits. */
  boolean isAnyWaiting() {
    return waiting != null && !waiting.isEmpty();
  }

  /**
   * Asks the client, or refuses to.
   *
   * @param future told what becomes of it; who completes it otherwise waits no more
   * @param packer the client's
   * @param sending where the request goes
   * @return whether it is on its way
   */
  boolean ask(
      Event event,
      Duration timeout,
      CompletableFuture<Reply> future,
      Packer packer,
      Sending sending) {
    if (sending.isOver()) {
      refuse(future, "the client is gone");
      return false;
    }
    long number = ++last;
    var message = StreamWire.request(number, event, options.maxMessageBytes());
    try {
      message.packedBy(packer);
    } catch (Throwable e) {
      refuse(future, "the request cannot be packed for the client");
      log.debug("a request cannot be packed by {}", packer.name(), e);
      Router.throwIfOfTheMachine(e);
      return false;
    }
    if (!sending.send(message) || sending.isOver()) {
      refuse(future, "there is no room for the request to wait");
      return false;
    }
    begin(number, future, timeout);
    return true;
  }

  private void begin(long number, CompletableFuture<Reply> future, Duration timeout) {
    var alarm =
        options.time().after(timeout, () -> mailbox.post(() -> end(number, new Reply.TimedOut())));
    if (waiting == null) {
      waiting = new HashMap<>();
    }
    waiting.put(number, new Waiting(future, alarm));
    // Who waits no more has it cancelled.
    future.whenComplete(
        (reply, error) -> {
          if (error != null) {
            mailbox.post(() -> forget(number));
          }
        });
  }

  /** Ends one, unless it has ended already. */
  void end(long number, Reply reply) {
    var found = waiting == null ? null : waiting.remove(number);
    if (found != null) {
      found.alarm().cancel();
      complete(found.future(), reply);
    }
  }

  private void forget(long number) {
    var found = waiting == null ? null : waiting.remove(number);
    if (found != null) {
      found.alarm().cancel();
    }
  }

  private void refuse(CompletableFuture<Reply> future, String why) {
    complete(future, new Reply.Refused(why));
  }

  /** Elsewhere, since what follows on it is the application's code. */
  private void complete(CompletableFuture<Reply> future, Reply reply) {
    options.executor().execute(() -> future.complete(reply));
  }

  void endAll(Reply reply) {
    if (waiting != null) {
      for (var number : List.copyOf(waiting.keySet())) {
        end(number, reply);
      }
    }
  }
}
