package dev.sente.client.session;

import dev.sente.client.ClientState;
import dev.sente.client.CloseReason;
import dev.sente.client.LastClose;
import dev.sente.client.TransportChoice;
import dev.sente.client.TransportType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The life of a client, as a pure function of itself and what happened: no clock, no socket, no
 * alarm. The same as in TypeScript.
 *
 * <pre>
 *   idle ──connect──▶ connecting ──handshake──▶ open
 *                      │     ▲                   │
 *                   closed  timeUp, wake       closed
 *                      ▼     │                   │
 *            refused ◀─── waiting ◀──────────────┘
 * </pre>
 *
 * <p>Out of every phase {@code disconnect} leads to idle. A refusal leads to refused, out of which
 * only the application leads, by {@code connect} or {@code reconnect}. Every input that comes from
 * a connection names it, and is ignored once another one has taken its place.
 *
 * <p>Where a connection can go on with another's session, an open long-polling connection is
 * accompanied by probes now and then: a WebSocket that takes over when it opens (V26).
 *
 * @param phase where it is
 * @param state what the application is told
 * @param choice what the application chose
 * @param resumes whether a connection can go on with another's session
 * @param connections how many connections were tried: the number of the last one
 * @param failures how many attempts failed in a row
 * @param wsProven whether a WebSocket has ever been open
 * @param probe the number of the probe under way; 0 for none
 * @param failedProbes how many probes failed in a row
 */
record Life(
    Phase phase,
    ClientState state,
    TransportChoice choice,
    boolean resumes,
    long connections,
    int failures,
    boolean wsProven,
    long probe,
    int failedProbes) {

  /**
   * A connection that was open for so long counts as having worked: the next failure is a first
   * one. In ms.
   */
  static final long STABLE_MILLIS = 1_000;

  /** Connections that open but do not last count as no more failures: the wait is 1 s at most. */
  private static final int SHORT_LIVED = 3;

  /** The upper bound of the wait before the first retry, in ms (V27). */
  static final long BACKOFF_FIRST_MILLIS = 250;

  /** The upper bound of any wait, in ms (V27). */
  static final long BACKOFF_CAP_MILLIS = 30_000;

  /** How long until a WebSocket is tried beside long-polling, in ms; doubled each time (V26). */
  static final long PROBE_AFTER_MILLIS = 30_000;

  /** The longest such wait, in ms (V26). */
  static final long PROBE_CAP_MILLIS = 600_000;

  /** The longest wait that a server can ask for, in ms. */
  private static final long MAX_RETRY_MILLIS = 86_400_000;

  /** Where a WebSocket has worked, every so many failed attempts one goes to long-polling. */
  private static final int ODD_ONE_OUT = 3;

  /** Where a client is. */
  sealed interface Phase {

    /** The number of its connection, open or being opened; 0 for none. */
    default long connection() {
      return 0;
    }

    /** Not wanted. */
    record Idle() implements Phase {}

    /** An attempt is under way. */
    record Connecting(long connection) implements Phase {}

    /** Connected since this moment, in ms. */
    record Open(long connection, long since) implements Phase {}

    /** The next attempt is due later. */
    record Waiting() implements Phase {}

    /** The server does not want it; the application must act. */
    record Refused() implements Phase {}
  }

  /** What a connection tells about its end. */
  record Close(
      CloseReason reason, @Nullable Integer code, @Nullable Integer status, long retryMillis) {

    Close(CloseReason reason) {
      this(reason, null, null, 0);
    }

    /** V23: whether its code says to stay away. */
    boolean isRefusal() {
      return code != null && code >= 4500 && code <= 4999;
    }

    /** V23: whether a request was denied, be it for a token that has expired. */
    boolean isDenied() {
      return status != null && (status == 401 || status == 403);
    }
  }

  /** What happened. */
  sealed interface Input {

    record Connect() implements Input {}

    record Disconnect() implements Input {}

    record Reconnect() implements Input {}

    record NetworkChanged() implements Input {}

    /** The wait is over. */
    record TimeUp() implements Input {}

    record ProbeDue() implements Input {}

    /** A connection has shaken hands. */
    record Opened(long connection, Greeting greeting) implements Input {}

    /** A connection, or an attempt at one, has ended. */
    record Closed(long connection, Close close) implements Input {}
  }

  /** What is to be done. */
  sealed interface Effect {

    /**
     * Open a connection.
     *
     * @param hasFallback if it fails the other transport is tried at once: do not be patient
     */
    record Open(long connection, TransportType type, boolean hasFallback) implements Effect {}

    /** Close the connection, and a probe. */
    record Drop() implements Effect {}

    /** The probe takes the connection's place. */
    record Adopt() implements Effect {}

    /** Close the probe. */
    record DropProbe() implements Effect {}

    /** Begin a probe after so long. */
    record ProbeIn(long millis) implements Effect {}

    /** Let time pass. */
    record Wait(long millis) implements Effect {}

    /** Wait no longer. */
    record StopWaiting() implements Effect {}

    /** Send what is queued. */
    record Flush() implements Effect {}

    /** Find out whether the open connection still works. */
    record Check() implements Effect {}
  }

  /** A life, and what is to be done, in this order. */
  record Step(Life next, List<Effect> effects) {}

  /**
   * When something happened.
   *
   * @param millis by the clock that measures spans
   * @param date by the calendar
   * @param chance at least 0, below 1
   */
  record Moment(long millis, Instant date, double chance) {}

  static Life begin(TransportChoice choice, boolean resumes) {
    var type = choice == TransportChoice.AJAX ? TransportType.AJAX : TransportType.WS;
    return new Life(
        new Phase.Idle(), ClientState.initial(type), choice, resumes, 0, 0, false, 0, 0);
  }

  /** The next life and what is to be done. */
  Step step(Input input, Moment now) {
    return switch (input) {
      case Input.Connect() ->
          phase instanceof Phase.Idle || phase instanceof Phase.Refused ? begin(state) : wake();
      case Input.Reconnect() -> begin(ended(new Close(CloseReason.REQUESTED_RECONNECT), now));
      case Input.Disconnect() -> disconnect(now);
      case Input.NetworkChanged() -> networkChanged();
      case Input.TimeUp() -> phase instanceof Phase.Waiting ? attempt(state.type()) : nothing();
      case Input.ProbeDue() -> tryProbe();
      case Input.Opened(long connection, Greeting greeting)
          when connection == phase.connection() || connection == probe ->
          opened(connection, greeting, now);
      case Input.Closed(long connection, Close close) when connection == phase.connection() ->
          closed(close, now);
      case Input.Closed(long connection, Close close) when connection == probe -> probeFailed();
      case Input.Opened late -> nothing();
      case Input.Closed late -> nothing();
    };
  }

  private Step nothing() {
    return new Step(this, List.of());
  }

  private Step disconnect(Moment now) {
    if (phase instanceof Phase.Idle) {
      return nothing();
    }
    var ended = ended(new Close(CloseReason.REQUESTED_DISCONNECT), now);
    return new Step(
        withoutProbe().with(new Phase.Idle(), ended),
        List.of(new Effect.StopWaiting(), new Effect.Drop()));
  }

  private Step begin(ClientState from) {
    var next = with(phase, from).withFailures(0).attempt(from.type());
    var effects = new ArrayList<Effect>();
    effects.add(new Effect.StopWaiting());
    effects.add(new Effect.Drop());
    effects.addAll(next.effects());
    return new Step(next.next(), effects);
  }

  private Step wake() {
    return switch (phase) {
      case Phase.Open open -> new Step(this, List.of(new Effect.Check()));
      case Phase.Waiting waiting -> begin(state);
      default -> nothing();
    };
  }

  private Step networkChanged() {
    var woken = wake();
    if (!(phase instanceof Phase.Open) || state.type() == TransportType.WS) {
      return woken;
    }
    var probing = withFailedProbes(0).tryProbe();
    var effects = new ArrayList<>(woken.effects());
    effects.addAll(probing.effects());
    return new Step(probing.next(), effects);
  }

  /** Tries a WebSocket beside an open connection by long-polling. */
  private Step tryProbe() {
    if (!resumes
        || choice != TransportChoice.AUTO
        || !(phase instanceof Phase.Open)
        || state.type() == TransportType.WS
        || probe > 0) {
      return nothing();
    }
    long number = connections + 1;
    return new Step(
        new Life(phase, state, choice, resumes, number, failures, wsProven, number, failedProbes),
        List.of(new Effect.Open(number, TransportType.WS, true)));
  }

  private Step probeFailed() {
    var next = withoutProbe().withFailedProbes(failedProbes + 1);
    return new Step(next, List.of(new Effect.DropProbe(), next.probeLater()));
  }

  private Effect probeLater() {
    return new Effect.ProbeIn(doubled(PROBE_AFTER_MILLIS, failedProbes, PROBE_CAP_MILLIS));
  }

  private Step attempt(TransportType type) {
    long number = connections + 1;
    boolean hasFallback =
        choice == TransportChoice.AUTO && type == TransportType.WS && (resumes || !wsProven);
    return new Step(
        new Life(
            new Phase.Connecting(number),
            state.trying(type),
            choice,
            resumes,
            number,
            failures,
            wsProven,
            0,
            failedProbes),
        List.of(new Effect.Open(number, type, hasFallback)));
  }

  private Step opened(long connection, Greeting greeting, Moment now) {
    // A server that forgot a long-polling client shakes hands again in the middle of a connection.
    boolean isAgain = phase instanceof Phase.Open && phase.connection() == connection;
    boolean isProbe = connection == probe;
    var type = isProbe ? TransportType.WS : state.type();
    boolean overSocket = type == TransportType.WS;
    var effects = new ArrayList<Effect>();
    if (isProbe) {
      effects.add(new Effect.Adopt());
    }
    if (resumes && choice == TransportChoice.AUTO && !overSocket && !isAgain) {
      effects.add(probeLater());
    }
    effects.add(new Effect.Flush());
    var told =
        new ClientState(
            type,
            true,
            true,
            (isAgain || isProbe) ? state.firstOpen() : !state.everOpened(),
            greeting.uid(),
            greeting.data(),
            state.lastClose(),
            null,
            greeting.resumed(),
            greeting.lost());
    return new Step(
        new Life(
            isAgain ? phase : new Phase.Open(connection, now.millis()),
            told,
            choice,
            resumes,
            connections,
            failures,
            wsProven || overSocket,
            isProbe ? 0 : probe,
            overSocket ? 0 : failedProbes),
        effects);
  }

  private Step closed(Close close, Moment now) {
    boolean wasOpen = phase instanceof Phase.Open;
    boolean wasStable =
        phase instanceof Phase.Open open && now.millis() - open.since() >= STABLE_MILLIS;
    int more = wasOpen ? Math.min(failures + 1, SHORT_LIVED) : failures + 1;
    int failed = wasStable ? 0 : more;
    // A token may have expired while a connection was open; the next one brings a fresh token.
    // Failures that were no denials, as of an outage, say nothing of the token.
    var last = state.lastClose();
    boolean isAgain =
        failed == SHORT_LIVED && last != null && Objects.equals(last.status(), close.status());
    boolean isRefusal = close.isRefusal() || (close.isDenied() && (!wasOpen || isAgain));
    if (isRefusal || close.reason() == CloseReason.PROTOCOL) {
      var why = isRefusal ? new Close(CloseReason.REFUSED, close.code(), close.status(), 0) : close;
      return new Step(
          withoutProbe().with(new Phase.Refused(), ended(why, now)), List.of(new Effect.Drop()));
    }
    var ended = ended(close, now);
    boolean mayFallBack = resumes || !wsProven;
    if (!wasOpen
        && choice == TransportChoice.AUTO
        && state.type() == TransportType.WS
        && mayFallBack
        && close.retryMillis() == 0) {
      var next = with(phase, ended).attempt(TransportType.AJAX);
      return new Step(next.next(), List.of(new Effect.Drop(), next.effects().getFirst()));
    }
    long wait =
        backoff(Math.max(0, failed - 1), now.chance())
            + Math.clamp(close.retryMillis(), 0, MAX_RETRY_MILLIS);
    var waiting = ended.waiting(nextType(failed, wasOpen), now.date().plusMillis(wait));
    return new Step(
        withoutProbe().withFailures(failed).with(new Phase.Waiting(), waiting),
        List.of(new Effect.Drop(), new Effect.Wait(wait)));
  }

  /**
   * How long to wait before the next attempt, in ms: anything up to a bound that doubles with every
   * failure, so that many clients that lost the same server come back spread over time (V27).
   */
  static long backoff(int failures, double chance) {
    return (long) (chance * doubled(BACKOFF_FIRST_MILLIS, failures, BACKOFF_CAP_MILLIS));
  }

  private static long doubled(long first, int times, long cap) {
    return times >= 20 ? cap : Math.min(cap, first << times);
  }

  /**
   * Which transport to try next. Under {@code AUTO} a client must neither be stuck on a WebSocket
   * that a network does not let through, nor end up on long-polling because a server was being
   * restarted. Where sessions are resumed, a probe sees to the latter.
   */
  private TransportType nextType(int failed, boolean wasOpen) {
    return switch (choice) {
      case WS -> TransportType.WS;
      case AJAX -> TransportType.AJAX;
      case AUTO -> {
        if (wsProven) {
          boolean isOdd = failed % ODD_ONE_OUT == 0;
          yield !wasOpen && !resumes && isOdd ? TransportType.AJAX : TransportType.WS;
        }
        yield wasOpen ? state.type() : TransportType.WS;
      }
    };
  }

  private ClientState ended(Close close, Moment now) {
    return state.ended(
        new LastClose(close.reason(), now.date(), state.type(), close.code(), close.status()));
  }

  private Life with(Phase next, ClientState told) {
    return new Life(
        next, told, choice, resumes, connections, failures, wsProven, probe, failedProbes);
  }

  private Life withFailures(int failed) {
    return new Life(
        phase, state, choice, resumes, connections, failed, wsProven, probe, failedProbes);
  }

  private Life withoutProbe() {
    return new Life(
        phase, state, choice, resumes, connections, failures, wsProven, 0, failedProbes);
  }

  private Life withFailedProbes(int failed) {
    return new Life(phase, state, choice, resumes, connections, failures, wsProven, probe, failed);
  }
}
