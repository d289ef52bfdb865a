import { ChskError, type ChskErrorKind } from "./errors.js";
import type { Message, Outbox } from "./outbox.js";
import type { Clock } from "./platform.js";

interface Pending {
  readonly message: Message;
  readonly timer: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ChskError) => void;
}

/** The longest time that a timer can wait, in ms; it would go off at once for a longer one. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The requests that wait for an answer. Each is answered once, and its timer goes with it. */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  #last: number;

  /** @param random at least 0, below 1: where callback ids start */
  constructor(clock: Clock, outbox: Outbox, random: number) {
    this.#clock = clock;
    this.#outbox = outbox;
    this.#last = Math.floor(random * 0x1000000);
  }

  /** A callback id that no pending request has: six hex digits, as Sente's are. */
  nextCb(): string {
    do {
      this.#last = (this.#last + 1) & 0xffffff;
    } while (this.#pending.has(this.#key()));
    return this.#key();
  }

  #key(): string {
    return this.#last.toString(16).padStart(6, "0");
  }

  add(
    cb: string,
    message: Message,
    timeoutMs: number,
    resolve: (value: unknown) => void,
    reject: (error: ChskError) => void,
  ): void {
    const timeUp = (): void => {
      this.#outbox.remove(message);
      this.fail(cb, "timeout", `no answer within ${timeoutMs} ms`);
      message.cancel?.();
    };
    const timer = this.#clock.setTimeout(timeUp, Math.min(timeoutMs, MAX_TIMEOUT_MS));
    this.#pending.set(cb, { message, timer, resolve, reject });
  }

  resolve(cb: string, value: unknown): void {
    this.#take(cb)?.resolve(value);
  }

  fail(cb: string, kind: ChskErrorKind, text: string, detail?: unknown): void {
    this.#take(cb)?.reject(new ChskError(kind, text, detail));
  }

  /** Fails those that have gone out, or all: the connection that would have brought their answers is gone. */
  failAll(kind: ChskErrorKind, text: string, onlySent: boolean): void {
    for (const [cb, { message }] of [...this.#pending]) {
      if (!onlySent || !this.#outbox.has(message)) this.fail(cb, kind, text);
    }
  }

  #take(cb: string): Pending | undefined {
    const pending = this.#pending.get(cb);
    this.#pending.delete(cb);
    this.#clock.clearTimeout(pending?.timer);
    return pending;
  }
}
