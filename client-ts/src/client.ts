import type { Chsk, RequestOptions } from "./chsk.js";
import type { Link, Transport, Unavailable } from "./conversation.js";
import { added, createHandlers } from "./handlers.js";
import { accessOf } from "./http/access.js";
import type { Settings } from "./options.js";
import { onWake } from "./platform.js";
import { initialSession, step, type Close, type Effect, type Input, STABLE_MS } from "./session.js";
import type { ChskState, TransportType } from "./state.js";
import type { ReceivedEvent } from "./values.js";

/** How long a WebSocket that is tried beside long-polling may hold back polls (V15), in ms: less than the server's grace. */
const PROBE_PATIENCE_MS = 3_000;

/** An attempt at a connection, and what came of it. */
interface Attempt {
  /** Goes off if no handshake comes. */
  readonly patience: unknown;
  transport?: Transport;
}

/**
 * The shell around the session: it runs the steps one after the other, carries out their effects, and is the only
 * one who knows the application's handlers.
 */
export function createClient<E extends object>(settings: Settings): Chsk<E> {
  const { choice, clock, handshakeTimeoutMs, onError, protocol, random } = settings;
  const handlers = createHandlers(report);
  const stateHandlers = new Set<(state: ChskState, previous: ChskState) => void>();
  const conversation = protocol.start({ settings, handlers, report, flush });
  /** Inputs that came while a step was under way. */
  const inputs: Input[] = [];
  /** Transports let go without a word, to be closed in the end. */
  const abandoned: Transport[] = [];
  /** By the connection's number; beside the one that counts, at most a probe. */
  const attempts = new Map<number, Attempt>();
  let isStepping = false;
  let session = initialSession(choice, conversation.resumes);
  let timer: unknown;
  let stopWaking: (() => void) | undefined;

  function report(error: unknown, where: string): void {
    try {
      onError(error, where);
    } catch {
      // There is nobody left to tell.
    }
  }

  /** The transport of the connection that counts. */
  function transport(): Transport | undefined {
    const { connection = 0 } = session.phase;
    return attempts.get(connection)?.transport;
  }

  function flush(): void {
    transport()?.flush();
  }

  /** Why nothing can be sent, not even later; undefined if something can. */
  function unavailable(): Unavailable | undefined {
    const { at } = session.phase;
    return at === "idle" ? "closed" : at === "refused" ? "refused" : undefined;
  }

  /** The one door for all inputs: steps and their effects run one after the other, never within each other. */
  function take(input: Input): void {
    inputs.push(input);
    if (isStepping) return;
    isStepping = true;
    try {
      for (let next; (next = inputs.shift());) run(next);
    } finally {
      isStepping = false;
    }
  }

  function run(input: Input): void {
    const previous = session;
    const [next, effects] = step(previous, input, clock.now(), random());
    session = next;
    const { phase, state } = next;
    const isAway = phase.at === "refused";
    if ((previous.state.open && !state.open) || isAway) conversation.interrupted(isAway);
    effects.forEach(perform);
    if (phase.at === "idle") conversation.end();
    if (state !== previous.state) for (const handler of [...stateHandlers]) handler(state, previous.state);
  }

  function perform(effect: Effect): void {
    switch (effect.do) {
      case "open":
        void open(effect.connection, effect.type, effect.hasFallback);
        break;
      case "drop":
        clock.clearTimeout(timer);
        attempts.forEach((attempt, connection) => {
          if (connection === effect.but) return;
          attempts.delete(connection);
          clock.clearTimeout(attempt.patience);
          attempt.transport?.close(1000);
        });
        break;
      case "wait":
        timer = clock.setTimeout(() => take({ on: "timeUp" }), effect.ms);
        break;
      case "flush":
        flush();
        break;
      case "check":
        transport()?.check();
        break;
      default:
        effect satisfies never;
    }
  }

  async function open(connection: number, type: TransportType, hasFallback: boolean): Promise<void> {
    const closed = (close: Close): void => take({ on: "closed", connection, close });
    const patienceMs =
      connection === session.probe
        ? Math.min(PROBE_PATIENCE_MS, handshakeTimeoutMs)
        : hasFallback
          ? handshakeTimeoutMs
          : 4 * handshakeTimeoutMs;
    const patience = clock.setTimeout(() => closed({ reason: "handshake-timeout" }), patienceMs);
    const attempt: Attempt = { patience };
    attempts.set(connection, attempt);
    try {
      const access = await accessOf(settings);
      if (attempts.get(connection) !== attempt) return;
      const link: Link = {
        access,
        hasFallback,
        opened: (greeting) => {
          clock.clearTimeout(patience);
          const { phase, state } = session;
          take({ on: "handshake", connection, greeting });
          // Where two clients take a session from each other, or requests go to different servers, that would go on without a pause.
          const isAgain = phase.at === "open" && phase.connection === connection;
          if (isAgain && state.type === "ajax" && clock.now() - phase.since < STABLE_MS)
            closed({ reason: "unexpected" });
        },
        closed,
      };
      attempt.transport = conversation.open(type, link);
    } catch (error) {
      report(error, "connect");
      closed({ reason: "unexpected" });
    }
  }

  function begin(on: "connect" | "reconnect"): void {
    stopWaking ??= onWake((on) => take({ on }));
    take({ on });
  }

  return {
    get state() {
      return session.state;
    },
    clientId: settings.clientId,
    on: (id, handler) => handlers.on(id, handler as (data: unknown, event: ReceivedEvent) => unknown),
    onAny: handlers.onAny,
    answer: (id, handler) => handlers.answer(id, handler as (data: unknown) => unknown),
    onState: (handler) =>
      added(stateHandlers, (...states) => handlers.call(() => handler(...states), "onState")),
    send: (id, data?: unknown) => {
      const isTaken = conversation.send(id, data, unavailable());
      flush();
      return isTaken;
    },
    request: (id, data?: unknown, options: RequestOptions = {}) =>
      new Promise((resolve, reject) => {
        const settle = { resolve: resolve as (value: unknown) => void, reject };
        const { timeoutMs = settings.requestTimeoutMs } = options;
        conversation.request(id, data, timeoutMs, unavailable(), settle);
        flush();
      }),
    connect: () => begin("connect"),
    reconnect: () => begin("reconnect"),
    disconnect: () => {
      stopWaking = stopWaking?.() as undefined;
      transport()?.farewell?.();
      take({ on: "disconnect" });
      for (const old of abandoned.splice(0)) old.close(1000);
    },
    breakConnection: ({ close = true } = {}) => {
      const { connection = 0 } = session.phase;
      const broken = transport();
      if (!broken) return;
      if (close) {
        broken.close(3000);
      } else {
        broken.abandon();
        abandoned.push(broken);
        attempts.delete(connection);
      }
      const ending: Close =
        close && session.state.type === "ws" ? { reason: "clean", code: 3000 } : { reason: "unexpected" };
      take({ on: "closed", connection, close: ending });
    },
  };
}
