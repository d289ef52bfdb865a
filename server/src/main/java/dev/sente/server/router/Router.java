package dev.sente.server.router;

import dev.sente.event.EventIds;
import dev.sente.packer.BindException;
import dev.sente.packer.UnpackException;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one door in for events: finds the handler and runs it. Handlers may be added and replaced at
 * any time, by any thread.
 */
public final class Router {

  private static final Logger log = LoggerFactory.getLogger(Router.class);

  /** Of how many ids without a handler the log is told. */
  private static final int MAX_UNHANDLED = 100;

  /** For so long, failures of a kind are counted after the first. */
  private static final Duration COUNTED = Duration.ofMinutes(1);

  /** What a terminal would not show as it is, or in another order. */
  private static final Pattern UNSEEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();

  /** Ids without a handler that the log was told of. */
  private final Set<String> unhandled = ConcurrentHashMap.newKeySet();

  /** How often what failed within the last minute; a kind has an alarm as long as it is here. */
  private final Map<Failure, Integer> failures = new ConcurrentHashMap<>();

  private final Time time;
  private volatile Handler fallback = this::answerUnhandled;
  private volatile ErrorHandler errorHandler = this::logError;
  private volatile @Nullable Consumer<IncomingEvent> tracer;

  /** For the alarms that tell the log how often a handler failed. */
  public Router(Time time) {
    this.time = time;
  }

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

  /** Runs the event's handler, on this thread. Throws nothing but {@link VirtualMachineError}s. */
  public void handle(IncomingEvent event) {
    try {
      var shown = tracer;
      if (shown != null) {
        shown.accept(event);
      }
      var handler = handlers.get(event.id());
      (handler == null ? fallback : handler).handle(event);
    } catch (BindException e) {
      refuse(event, "bad-data", e.getMessage());
      tell(event, e);
    } catch (UnpackException e) {
      refuse(event, "bad-data", "the data cannot be read");
      tell(event, e);
    } catch (Throwable e) {
      // Of the errors, too, any may be the handler's own: an assertion's, a part's that is missing.
      throwIfOfTheMachine(e);
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      refuse(event, "handler-error", null);
      tell(event, e);
    }
  }

  /**
   * Throws on what is no failure of the code that was run, but of what runs it: every {@link
   * VirtualMachineError} except a stack that was too deep.
   */
  public static void throwIfOfTheMachine(Throwable thrown) {
    if (thrown instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) {
      throw error;
    }
  }

  /** Answers that there will be no value, unless even that cannot be said. */
  private static void refuse(IncomingEvent event, String code, @Nullable String message) {
    try {
      event.replyError(code, message);
    } catch (RuntimeException e) {
      log.debug("the error for {} could not be answered", event.id(), e);
    }
  }

  private void tell(IncomingEvent event, Throwable error) {
    try {
      errorHandler.failed(event, error);
    } catch (Throwable e) {
      throwIfOfTheMachine(e);
      logFailure("the error handler", event.toString(), e);
    }
  }

  private void answerUnhandled(IncomingEvent event) {
    if (!EventIds.isProtocol(event.id())) {
      // A stranger chooses the ids, and how many.
      if (unhandled.size() < MAX_UNHANDLED && unhandled.add(event.id())) {
        log.warn("no handler for {}; not told again", seen(event.id()));
      }
      refuse(event, "no-handler", "nothing handles " + event.id());
    }
  }

  private void logError(IncomingEvent event, Throwable error) {
    if (error instanceof BindException || error instanceof UnpackException) {
      // What any stranger may send, as often as he likes.
      log.debug("the data of {} does not fit: {}", event.id(), error.getMessage());
    } else {
      // Of ids without a handler of their own, strangers choose how many there are.
      var handled = handlers.containsKey(event.id()) ? event.id() : "other events";
      logFailure("the handler for " + handled, event.toString(), error);
    }
  }

  /**
   * Logs the first of a kind in a minute, with its trace, and when the minute is over how many more
   * there were. A handler or hook that is not careful fails as often as a stranger likes.
   *
   * @param who what failed, of which there are few
   * @param at what it failed at
   */
  public void logFailure(String who, String at, Throwable error) {
    var kind = new Failure(who, error.getClass());
    if (failures.merge(kind, 1, Integer::sum) == 1) {
      log.error("{} failed at {}", who, seen(at), error);
      time.after(COUNTED, () -> logFurther(kind));
    }
  }

  private void logFurther(Failure kind) {
    var count = failures.remove(kind);
    if (count != null && count > 1) {
      log.error("{} failed {} times more, by {}", kind.who, count - 1, kind.error.getName());
    }
  }

  private static String seen(String text) {
    return UNSEEN.matcher(text).replaceAll("?");
  }

  private record Failure(String who, Class<?> error) {}
}
