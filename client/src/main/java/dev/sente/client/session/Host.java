package dev.sente.client.session;

import dev.sente.client.ClientOptions;
import dev.sente.client.CloseReason;
import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.client.session.Life.Close;
import dev.sente.mailbox.Mailbox;
import dev.sente.packer.Packer;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation and its connections know of their client.
 *
 * @param executor runs the application's code; rejects nothing
 * @param flush sends what waits over the connection that there may be
 */
record Host(
    ClientOptions options,
    Target target,
    String clientId,
    Mailbox mailbox,
    Executor executor,
    Inbox inbox,
    Handlers handlers,
    Failures failures,
    Runnable flush) {

  Packer packer() {
    return options.packer();
  }

  /** Whether no more may come for now; if so, the connection's {@code resume} follows. */
  boolean isInboxFull(boolean isAwaited) {
    // A handler may wait for what stands behind the events that wait for the handler.
    int events = Math.clamp((isAwaited ? 16L : 1L) * options.inboxEvents(), 1, Integer.MAX_VALUE);
    long bytes = (isAwaited ? 64L : 16L) * options.maxMessageBytes();
    return inbox.isFull(events, bytes);
  }

  /** Runs a task in the mailbox after so long. */
  Time.Alarm after(Duration delay, Runnable task) {
    return options.time().after(delay, () -> mailbox.post(task));
  }

  /**
   * Sends a request.
   *
   * @param done told how it ended, in the mailbox, unless it was given up
   */
  Exchange exchange(HttpCall call, Duration timeout, Consumer<HttpAnswer> done) {
    var exchange = new Exchange(this, done);
    exchange.begin(call, timeout);
    return exchange;
  }

  /**
   * How a connection has failed. Tells why, where the status does not.
   *
   * @param status the HTTP status; 0 for none
   */
  Close failed(int status, long retryAfterMillis, @Nullable Throwable cause, String where) {
    if (status == 0) {
      failures.tell(cause, where);
    }
    return new Close(CloseReason.UNEXPECTED, null, status == 0 ? null : status, retryAfterMillis);
  }

  /** The same of a request. */
  Close failed(HttpAnswer answer, String where) {
    int status = answer.isGood() ? 0 : answer.status();
    return failed(status, answer.retryAfterMillis(), answer.cause(), where);
  }

  void report(Throwable error, String where) {
    handlers.report(error, where);
  }
}
