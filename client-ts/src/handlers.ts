import type { ReceivedEvent } from "./values.js";

type Handler = (data: unknown, event: ReceivedEvent) => unknown;
type AnyHandler = (event: ReceivedEvent, isHandled: boolean) => unknown;

/** The application's functions. What one of them throws is reported, and keeps no other from being called. */
export class Handlers {
  readonly #byId = new Map<string, Set<Handler>>();
  readonly #any = new Set<AnyHandler>();
  /** What answers the server's requests, by id. */
  readonly answerers: Map<string, (data: unknown) => unknown> = new Map();
  readonly #report: (error: unknown, where: string) => void;

  constructor(report: (error: unknown, where: string) => void) {
    this.#report = report;
  }

  on(id: string, handler: Handler): () => void {
    const handlers = this.#byId.get(id) ?? new Set();
    this.#byId.set(id, handlers);
    return added(handlers, (data, event) => handler(data, event));
  }

  onAny(handler: AnyHandler): () => void {
    return added(this.#any, (event, isHandled) => handler(event, isHandled));
  }

  /** @throws Error if there is one already */
  answer(id: string, handler: (data: unknown) => unknown): () => void {
    if (this.answerers.has(id)) throw new Error(`${id} is answered already`);
    this.answerers.set(id, handler);
    return () => {
      if (this.answerers.get(id) === handler) this.answerers.delete(id);
    };
  }

  deliver(event: ReceivedEvent): void {
    const handlers = [...(this.#byId.get(event.id) ?? [])];
    for (const handler of handlers) this.call(() => handler(event.data, event), event.id);
    for (const handler of [...this.#any]) this.call(() => handler(event, handlers.length > 0), event.id);
  }

  /** Calls the application, and reports what it throws, at once or later. */
  call(run: () => unknown, where: string): void {
    try {
      const result = run();
      if (result instanceof Promise) result.catch((error: unknown) => this.#report(error, where));
    } catch (error) {
      this.#report(error, where);
    }
  }
}

/** Adds to the set; what is returned takes it out again. */
export function added<T>(set: Set<T>, item: T): () => void {
  set.add(item);
  return () => set.delete(item);
}
