package dev.sente.client.session;

import dev.sente.client.AnyEventHandler;
import dev.sente.client.ClientState;
import dev.sente.client.ErrorHandler;
import dev.sente.client.EventHandler;
import dev.sente.client.ReceivedEvent;
import dev.sente.client.Registration;
import dev.sente.client.RequestHandler;
import dev.sente.client.StateHandler;
import dev.sente.event.EventIds;
import dev.sente.packer.BindException;
import dev.sente.packer.UnpackException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The application's code. What one of its pieces throws is reported, and keeps no other from being
 * called. For any thread.
 */
public final class Handlers {

  private final ErrorHandler onError;
  private final Map<String, List<EventHandler>> byId = new ConcurrentHashMap<>(4);
  private final Map<String, RequestHandler> answerers = new ConcurrentHashMap<>(4);
  private final List<AnyEventHandler> any = new CopyOnWriteArrayList<>();
  private final List<StateHandler> onState = new CopyOnWriteArrayList<>();

  Handlers(ErrorHandler onError) {
    this.onError = onError;
  }

  /** Something that may throw. */
  @FunctionalInterface
  private interface Call {
    void run() throws Exception;
  }

  /** Where the answer to a request goes. */
  interface Answer {

    void value(@Nullable Object value);

    void error(String code, @Nullable String message);
  }

  /** Adds a handler for an id. */
  public Registration on(String id, EventHandler handler) {
    check(id);
    // Wrapped, so that a handler that is added twice is taken out once for each.
    EventHandler mine = event -> handler.handle(event);
    byId.compute(
        id,
        (key, handlers) -> {
          // Within the step, or another thread might take the list out as empty meanwhile.
          var all = handlers == null ? new CopyOnWriteArrayList<EventHandler>() : handlers;
          all.add(mine);
          return all;
        });
    return () ->
        byId.computeIfPresent(
            id,
            (key, handlers) -> {
              handlers.remove(mine);
              return handlers.isEmpty() ? null : handlers;
            });
  }

  /** Adds a handler for all events. */
  public Registration onAny(AnyEventHandler handler) {
    AnyEventHandler mine = (event, isHandled) -> handler.handle(event, isHandled);
    any.add(mine);
    return () -> any.remove(mine);
  }

  /** Adds the handler for the requests of an id. */
  public Registration answer(String id, RequestHandler handler) {
    check(id);
    if (answerers.putIfAbsent(id, handler) != null) {
      throw new IllegalStateException(id + " is answered already");
    }
    return () -> answerers.remove(id, handler);
  }

  /** Adds a listener for the state. */
  public Registration onState(StateHandler handler) {
    StateHandler mine = (state, previous) -> handler.changed(state, previous);
    onState.add(mine);
    return () -> onState.remove(mine);
  }

  private static void check(String id) {
    if (!EventIds.isValid(id)) {
      throw new IllegalArgumentException(
          "an event's id must be namespace/name, as in \"chat/say\", was \"" + id + "\"");
    }
  }

  void deliver(ReceivedEvent event) {
    var mine = byId.getOrDefault(event.id(), List.of());
    for (var handler : mine) {
      call(() -> handler.handle(event), event.id());
    }
    for (var handler : any) {
      call(() -> handler.handle(event, !mine.isEmpty()), event.id());
    }
  }

  void changed(ClientState state, ClientState previous) {
    for (var handler : onState) {
      call(() -> handler.changed(state, previous), "state");
    }
  }

  /** Has a request answered; the answer comes exactly once, now or later. */
  void answer(ReceivedEvent request, Answer answer) {
    var handler = answerers.get(request.id());
    if (handler == null) {
      answer.error("no-handler", "nothing answers " + request.id());
      return;
    }
    Object value;
    try {
      value = handler.answer(request);
    } catch (Throwable e) {
      answerFailure(request, answer, e);
      return;
    }
    if (value instanceof CompletionStage<?> stage) {
      stage.whenComplete(
          (later, error) -> {
            if (error == null) {
              answerValue(request, answer, later);
            } else {
              answerFailure(request, answer, error);
            }
          });
    } else {
      answerValue(request, answer, value);
    }
  }

  private void answerValue(ReceivedEvent request, Answer answer, @Nullable Object value) {
    try {
      answer.value(value);
    } catch (RuntimeException | Error e) {
      answerFailure(request, answer, e);
    }
  }

  private void answerFailure(ReceivedEvent request, Answer answer, Throwable thrown) {
    // A stage's failure may be wrapped.
    var cause = thrown instanceof CompletionException ? thrown.getCause() : null;
    var error = cause == null ? thrown : cause;
    switch (error) {
      case BindException e -> answer.error("bad-data", e.getMessage());
      case UnpackException e -> answer.error("bad-data", "the data cannot be read");
      default -> answer.error("handler-error", null);
    }
    report(error, request.id());
  }

  private void call(Call call, String where) {
    try {
      call.run();
    } catch (Throwable e) {
      report(e, where);
    }
  }

  /** Something went wrong that nobody waits for. */
  void report(Throwable error, String where) {
    try {
      onError.failed(error, where);
    } catch (Throwable e) {
      // There is nobody left to tell.
    }
  }
}
