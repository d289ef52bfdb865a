package dev.sente.server.router;

import dev.sente.event.EventIds;
import dev.sente.packer.BindException;
import dev.sente.packer.UnpackException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door in for events: finds the handler and runs it. Handlers may be added and replaced at
 * any time, by any thread.
 */
public final class Router {

  private static final Logger log = LoggerFactory.getLogger(Router.class);

  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();

  private volatile Handler fallback = Router::answerUnhandled;
  private volatile ErrorHandler errorHandler = Router::logError;
  private volatile @Nullable Consumer<IncomingEvent> tracer;

  /** Sets the handler for an id, in place of an earlier one. */
  public void on(String id, Handler handler) {
    if (!EventIds.isValid(id)) {
      throw new IllegalArgumentException(
          "an event's id must be namespace/name, as in \"chat/say\", was \"" + id + "\"");
    }
    handlers.put(id, handler);
  }

  /** Sets the handler for an id, its data bound to the class before it is called. */
  public <T> void on(String id, Class<T> type, TypedHandler<T> handler) {
    on(id, event -> handler.handle(event.data(type), event));
  }

  /** Sets the handler for events that have none, the protocol's own events included. */
  public void otherwise(Handler handler) {
    fallback = handler;
  }

  /** Sets who is told of what handlers throw. */
  public void onError(ErrorHandler handler) {
    errorHandler = handler;
  }

  /** Sets who is shown every event before its handler; null for nobody. */
  public void trace(@Nullable Consumer<IncomingEvent> tracer) {
    this.tracer = tracer;
  }

  /** Runs the event's handler, on this thread. Throws nothing but errors of the machine. */
  public void handle(IncomingEvent event) {
    try {
      var shown = tracer;
      if (shown != null) {
        shown.accept(event);
      }
      var handler = handlers.get(event.id());
      (handler == null ? fallback : handler).handle(event);
    } catch (BindException e) {
      event.replyError("bad-data", e.getMessage());
      tell(event, e);
    } catch (UnpackException e) {
      event.replyError("bad-data", "the data cannot be read");
      tell(event, e);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      event.replyError("handler-error", null);
      tell(event, e);
    } catch (StackOverflowError | AssertionError | LinkageError e) {
      event.replyError("handler-error", null);
      tell(event, e);
    }
  }

  private void tell(IncomingEvent event, Throwable error) {
    try {
      errorHandler.failed(event, error);
    } catch (RuntimeException e) {
      log.error("the error handler failed for {}", event.id(), e);
    }
  }

  private static void answerUnhandled(IncomingEvent event) {
    if (!EventIds.isProtocol(event.id())) {
      log.warn("no handler for {}", event.id());
      event.replyError("no-handler", "nothing handles " + event.id());
    }
  }

  private static void logError(IncomingEvent event, Throwable error) {
    log.error("the handler for {} failed", event.id(), error);
  }
}
