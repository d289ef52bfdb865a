import type { Settle } from "./conversation.js";
import { ChskError, type ChskErrorKind } from "./errors.js";
import type { Clock } from "./platform.js";

interface Pending {
  readonly timer: unknown;
  readonly settle: Settle;
  readonly giveUp: () => boolean;
}

/** The requests that wait for an answer. Each ends once, and its timer goes with it. */
export class Requests<Key> {
  readonly #pending = new Map<Key, Pending>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(key: Key): boolean {
    return this.#pending.has(key);
  }

  /** @param giveUp takes the request back, as far as that can be, when it fails; whether it never went out */
  add(key: Key, timeoutMs: number, settle: Settle, giveUp: () => boolean): void {
    const timeUp = (): void => this.fail(key, "timeout", `no answer within ${timeoutMs} ms`);
    const timer = this.#clock.setTimeout(timeUp, timeoutMs);
    this.#pending.set(key, { timer, settle, giveUp });
  }

  resolve(key: Key, value: unknown): void {
    this.#take(key)?.settle.resolve(value);
  }

  /** @param kind `refused` is `closed` for a request that has gone out: it may have been handled */
  fail(key: Key, kind: ChskErrorKind, text: string, detail?: unknown): void {
    const pending = this.#take(key);
    if (!pending) return;
    const told = !pending.giveUp() && kind === "refused" ? "closed" : kind;
    pending.settle.reject(new ChskError(told, text, detail));
  }

  /** Fails all but those that are kept. */
  failAll(kind: ChskErrorKind, text: string, kept?: { has(key: Key): boolean }): void {
    // What is deleted meanwhile does not disturb a map's `forEach`.
    this.#pending.forEach((_, key) => {
      if (!kept?.has(key)) this.fail(key, kind, text);
    });
  }

  #take(key: Key): Pending | undefined {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    this.#clock.clearTimeout(pending?.timer);
    return pending;
  }
}
