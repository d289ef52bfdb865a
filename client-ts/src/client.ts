import type { Chsk, Events, RequestOptions } from "./chsk.js";
import type { Conversation, Host, Link, Transport, Unavailable } from "./conversation.js";
import { added, Handlers } from "./handlers.js";
import { accessOf } from "./http/access.js";
import type { Settings } from "./options.js";
import { onWake } from "./platform.js";
import { initialSession, step, type Close, type Effect, type Input, type Session } from "./session.js";
import type { ChskState, TransportType } from "./state.js";
import type { ReceivedEvent } from "./values.js";

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
export class Client implements Chsk {
  readonly #settings: Settings;
  readonly #handlers: Handlers;
  readonly #stateHandlers = new Set<(state: ChskState, previous: ChskState) => void>();
  readonly #conversation: Conversation;
  /** Inputs that came while a step was under way. */
  readonly #inputs: Input[] = [];
  /** Transports let go without a word, to be closed in the end. */
  readonly #abandoned: Transport[] = [];
  #isStepping = false;
  #session: Session;
  /** By the connection's number; beside the one that counts, at most a probe. */
  readonly #attempts = new Map<number, Attempt>();
  #timer: unknown;
  #stopWaking: (() => void) | undefined;

  constructor(settings: Settings) {
    const { choice, protocol } = settings;
    const handlers = new Handlers(this.#report);
    const host: Host = { settings, handlers, report: this.#report, flush: this.#flush };
    this.#settings = settings;
    this.#handlers = handlers;
    this.#conversation = protocol.start(host);
    this.#session = initialSession(choice, this.#conversation.resumes);
  }

  get state(): ChskState {
    return this.#session.state;
  }

  get clientId(): string {
    return this.#settings.clientId;
  }

  on(id: string, handler: (data: never, event: never) => unknown): () => void {
    return this.#handlers.on(id, handler as (data: unknown, event: ReceivedEvent) => unknown);
  }

  onAny(handler: (event: ReceivedEvent, isHandled: boolean) => unknown): () => void {
    return this.#handlers.onAny(handler);
  }

  answer(id: string, handler: (data: never) => unknown): () => void {
    return this.#handlers.answer(id, handler as (data: unknown) => unknown);
  }

  onState(handler: (state: ChskState, previous: ChskState) => unknown): () => void {
    return added(this.#stateHandlers, (state, previous) =>
      this.#handlers.call(() => handler(state, previous), "onState"),
    );
  }

  send(id: string, data?: unknown): boolean {
    const isTaken = this.#conversation.send(id, data, this.#unavailable);
    this.#flush();
    return isTaken;
  }

  request(id: string, data?: unknown, { timeoutMs }: RequestOptions = {}): Promise<never> {
    return new Promise((resolve, reject) => {
      const limit = timeoutMs ?? this.#settings.requestTimeoutMs;
      const settle = { resolve: resolve as (value: unknown) => void, reject };
      this.#conversation.request(id, data, limit, this.#unavailable, settle);
      this.#flush();
    });
  }

  connect(): void {
    this.#watch();
    this.#take({ on: "connect" });
  }

  reconnect(): void {
    this.#watch();
    this.#take({ on: "reconnect" });
  }

  #watch(): void {
    this.#stopWaking ??= onWake((hasNetworkChanged) =>
      this.#take({ on: hasNetworkChanged ? "networkChanged" : "wake" }),
    );
  }

  disconnect(): void {
    this.#stopWaking?.();
    this.#stopWaking = undefined;
    this.#transport?.farewell?.();
    this.#take({ on: "disconnect" });
    this.#conversation.end();
    for (const transport of this.#abandoned.splice(0)) transport.close(1000, "CLOSE_NORMAL");
  }

  breakConnection({ close = true }: { close?: boolean } = {}): void {
    const { phase } = this.#session;
    const transport = this.#transport;
    if (!transport || !("connection" in phase)) return;
    if (close) {
      transport.close(3000, "CLOSE_ABNORMAL");
    } else {
      transport.abandon();
      this.#abandoned.push(transport);
      this.#attempts.delete(phase.connection);
    }
    const isClean = close && this.state.type === "ws";
    const ending: Close = isClean ? { reason: "clean", code: 3000 } : { reason: "unexpected" };
    this.#take({ on: "closed", connection: phase.connection, close: ending });
  }

  /** Why nothing can be sent, not even later; undefined if something can. */
  get #unavailable(): Unavailable | undefined {
    const { at } = this.#session.phase;
    return at === "idle" ? "closed" : at === "refused" ? "refused" : undefined;
  }

  /** The one door for all inputs: steps and their effects run one after the other, never within each other. */
  #take(input: Input): void {
    this.#inputs.push(input);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next; (next = this.#inputs.shift());) this.#step(next);
    } finally {
      this.#isStepping = false;
    }
  }

  #step(input: Input): void {
    const { clock, random } = this.#settings;
    const previous = this.#session;
    const [session, effects] = step(previous, input, clock.now(), random());
    this.#session = session;
    const { phase, state } = session;
    const isAway = phase.at === "refused";
    if ((previous.state.open && !state.open) || (isAway && previous.phase.at !== "refused"))
      this.#conversation.interrupted(isAway);
    for (const effect of effects) this.#perform(effect);
    if (state !== previous.state)
      for (const handler of [...this.#stateHandlers]) handler(state, previous.state);
  }

  #perform(effect: Effect): void {
    const { clock } = this.#settings;
    switch (effect.do) {
      case "open":
        void this.#open(effect.connection, effect.type, effect.hasFallback);
        break;
      case "drop":
        clock.clearTimeout(this.#timer);
        for (const [connection, attempt] of this.#attempts) {
          if (connection === effect.but) continue;
          this.#attempts.delete(connection);
          clock.clearTimeout(attempt.patience);
          attempt.transport?.close(1000, "CLOSE_NORMAL");
        }
        break;
      case "wait":
        this.#timer = clock.setTimeout(() => this.#take({ on: "timeUp" }), effect.ms);
        break;
      case "flush":
        this.#flush();
        break;
      case "check":
        this.#transport?.check();
        break;
      default:
        effect satisfies never;
    }
  }

  /** The transport of the connection that counts. */
  get #transport(): Transport | undefined {
    const { phase } = this.#session;
    return "connection" in phase ? this.#attempts.get(phase.connection)?.transport : undefined;
  }

  readonly #flush = (): void => this.#transport?.flush();

  async #open(connection: number, type: TransportType, hasFallback: boolean): Promise<void> {
    const settings = this.#settings;
    const { clock, handshakeTimeoutMs } = settings;
    const closed = (close: Close): void => this.#take({ on: "closed", connection, close });
    const patienceMs = hasFallback ? handshakeTimeoutMs : 4 * handshakeTimeoutMs;
    const patience = clock.setTimeout(() => closed({ reason: "handshake-timeout" }), patienceMs);
    const attempt: Attempt = { patience };
    this.#attempts.set(connection, attempt);
    try {
      const access = await accessOf(settings);
      if (this.#attempts.get(connection) !== attempt) return;
      const link: Link = {
        access,
        hasFallback,
        opened: (greeting) => {
          clock.clearTimeout(patience);
          this.#take({ on: "handshake", connection, greeting });
        },
        closed,
      };
      attempt.transport = this.#conversation.open(type, link);
    } catch (error) {
      this.#report(error, "connect");
      closed({ reason: "unexpected" });
    }
  }

  readonly #report = (error: unknown, where: string): void => {
    try {
      this.#settings.onError(error, where);
    } catch {
      // There is nobody left to tell.
    }
  };
}

/** The client as an application's own types see it. */
export function typed<E extends Events>(client: Client): Chsk<E> {
  return client;
}
