import type { Chsk, Events, RequestOptions } from "./chsk.js";
import { ChskError } from "./errors.js";
import { added, Handlers } from "./handlers.js";
import type { Settings } from "./options.js";
import { Outbox, type Message } from "./outbox.js";
import { onWake } from "./platform.js";
import { Requests } from "./requests.js";
import { initialSession, step, type Close, type Effect, type Input, type Session } from "./session.js";
import type { ChskState, TransportType } from "./state.js";
import { openLongPolling } from "./transport/longPolling.js";
import type { Link, Transport } from "./transport/transport.js";
import { openWebSocket } from "./transport/webSocket.js";
import { eventOf, failureOf, readEvent, type Frame, type ReceivedEvent } from "./wire/classic.js";
import { accessOf } from "./wire/requests.js";

/**
 * The shell around the session: it runs the steps one after the other, carries out their effects, and is the only
 * one who knows the application's handlers.
 */
export class Client implements Chsk {
  readonly #settings: Settings;
  readonly #handlers: Handlers;
  readonly #stateHandlers = new Set<(state: ChskState, previous: ChskState) => void>();
  readonly #outbox: Outbox;
  readonly #requests: Requests;
  /** Inputs that came while a step was under way. */
  readonly #inputs: Input[] = [];
  /** Transports let go without a word, to be closed in the end. */
  readonly #abandoned: Transport[] = [];
  #isStepping = false;
  #session: Session;
  #transport: Transport | undefined;
  #timer: unknown;
  #patience: unknown;
  #stopWaking: (() => void) | undefined;

  constructor(settings: Settings) {
    const { choice, clock, maxQueuedMessages, maxQueuedBytes, random } = settings;
    this.#settings = settings;
    this.#session = initialSession(choice);
    this.#handlers = new Handlers(this.#report);
    this.#outbox = new Outbox(maxQueuedMessages, maxQueuedBytes);
    this.#requests = new Requests(clock, this.#outbox, random());
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

  onState(handler: (state: ChskState, previous: ChskState) => unknown): () => void {
    return added(this.#stateHandlers, (state, previous) =>
      this.#handlers.call(() => handler(state, previous), "onState"),
    );
  }

  send(id: string, data?: unknown): boolean {
    const message = this.#message(id, data, null);
    return this.#unavailable === undefined && this.#offer(message);
  }

  request(id: string, data?: unknown, { timeoutMs }: RequestOptions = {}): Promise<never> {
    return new Promise((resolve, reject) => {
      const cb = this.#requests.nextCb();
      const message = this.#message(id, data, cb);
      const refuse = (kind: "closed" | "refused", text: string): void => reject(new ChskError(kind, text));
      if (this.#unavailable) {
        refuse(this.#unavailable, "there is no connection, and none will be tried");
      } else {
        const limit = timeoutMs ?? this.#settings.requestTimeoutMs;
        this.#requests.add(cb, message, limit, resolve as (value: unknown) => void, reject);
        if (!this.#offer(message)) this.#requests.fail(cb, "refused", "the queue is full");
      }
    });
  }

  connect(): void {
    this.#stopWaking ??= onWake(() => this.#take({ on: "wake" }));
    this.#take({ on: "connect" });
  }

  reconnect(): void {
    this.#stopWaking ??= onWake(() => this.#take({ on: "wake" }));
    this.#take({ on: "reconnect" });
  }

  disconnect(): void {
    this.#stopWaking?.();
    this.#stopWaking = undefined;
    this.#take({ on: "disconnect" });
    this.#outbox.clear();
    this.#requests.failAll("closed", "the client was disconnected", false);
    for (const transport of this.#abandoned.splice(0)) transport.close(1000, "CLOSE_NORMAL");
  }

  breakConnection({ close = true }: { close?: boolean } = {}): void {
    const { phase } = this.#session;
    const transport = this.#transport;
    if (!transport || !("connection" in phase)) return;
    this.#transport = undefined;
    if (close) {
      transport.close(3000, "CLOSE_ABNORMAL");
    } else {
      transport.abandon();
      this.#abandoned.push(transport);
    }
    const isClean = close && this.state.type === "ws";
    const ending: Close = isClean ? { reason: "clean", code: 3000 } : { reason: "unexpected" };
    this.#take({ on: "closed", connection: phase.connection, close: ending });
  }

  /** Why nothing can be sent, not even later; undefined if something can. */
  get #unavailable(): "closed" | "refused" | undefined {
    const { at } = this.#session.phase;
    return at === "idle" ? "closed" : at === "refused" ? "refused" : undefined;
  }

  #message(id: string, data: unknown, cb: string | null): Message {
    const { packer } = this.#settings;
    const event = eventOf(packer, id, data);
    const packed = packer.pack([event, cb]);
    const bytes = typeof packed === "string" ? new TextEncoder().encode(packed).length : packed.length;
    return { event, cb, packed, bytes };
  }

  #offer(message: Message): boolean {
    const isTaken = this.#outbox.offer(message);
    this.#transport?.flush();
    return isTaken;
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
    if (phase.at !== "connecting") clock.clearTimeout(this.#patience);
    if (previous.state.open && phase !== previous.phase) {
      const isRefused = phase.at === "refused";
      this.#requests.failAll(
        isRefused ? "refused" : "closed",
        "the connection ended before the answer",
        true,
      );
    }
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
        this.#transport?.close(1000, "CLOSE_NORMAL");
        this.#transport = undefined;
        break;
      case "wait":
        this.#timer = clock.setTimeout(() => this.#take({ on: "timeUp" }), effect.ms);
        break;
      case "stopWaiting":
        clock.clearTimeout(this.#timer);
        break;
      case "flush":
        this.#transport?.flush();
        break;
      case "check":
        this.#transport?.check();
        break;
      default:
        effect satisfies never;
    }
  }

  async #open(connection: number, type: TransportType, hasFallback: boolean): Promise<void> {
    const settings = this.#settings;
    const { clock, handshakeTimeoutMs, WebSocket } = settings;
    const closed = (close: Close): void => this.#take({ on: "closed", connection, close });
    const isCurrent = (): boolean =>
      this.#session.connections === connection && this.#unavailable === undefined;
    const patienceMs = hasFallback ? handshakeTimeoutMs : 4 * handshakeTimeoutMs;
    clock.clearTimeout(this.#patience);
    this.#patience = clock.setTimeout(() => closed({ reason: "handshake-timeout" }), patienceMs);
    try {
      const access = await accessOf(settings);
      if (!isCurrent() || this.#session.phase.at !== "connecting") return;
      const link: Link = {
        settings,
        access,
        hasFallback,
        outbox: this.#outbox,
        received: (frame) => {
          if (isCurrent()) this.#received(connection, frame);
        },
        failed: (cb, status) =>
          this.#requests.fail(cb, "remote", `the server answered with status ${status}`, status),
        closed,
        report: this.#report,
      };
      this.#transport = type === "ws" && WebSocket ? openWebSocket(link, WebSocket) : openLongPolling(link);
    } catch (error) {
      this.#report(error, "connect");
      closed({ reason: "unexpected" });
    }
  }

  #received(connection: number, frame: Frame): void {
    switch (frame.type) {
      case "handshake":
        this.#take({ on: "handshake", connection, uid: frame.uid, data: frame.data });
        break;
      case "batch":
        for (const value of frame.events) this.#deliver(value);
        break;
      case "reply":
        this.#settle(frame.cb, frame.value);
        break;
      case "ping":
      case "timeout":
        break;
      default:
        frame satisfies never;
    }
  }

  #deliver(value: unknown): void {
    const event = readEvent(this.#settings.packer, value);
    if (!event || event.id.startsWith("chsk/"))
      this.#report(new TypeError("not an event of the application"), "push");
    else if (this.#session.phase.at !== "idle") this.#handlers.deliver(event);
  }

  #settle(cb: string, value: unknown): void {
    const failure = failureOf(this.#settings.packer, value);
    if (failure) this.#requests.fail(cb, failure, "the server has no answer", value);
    else this.#requests.resolve(cb, value);
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
