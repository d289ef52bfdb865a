import type { ReceivedEvent } from "./values.js";

type Handler = (data: unknown, event: ReceivedEvent) => unknown;
type AnyHandler = (event: ReceivedEvent, isHandled: boolean) => unknown;
type Answerer = (data: unknown) => unknown;

/** The application's functions. What one of them throws is reported, and keeps no other from being called. */
export interface Handlers {
  readonly on: (id: string, handler: Handler) => () => void;
  readonly onAny: (handler: AnyHandler) => () => void;
  /** @throws Error if there is one already */
  answer(id: string, handler: Answerer): () => void;
  /** What answers the server's requests, by id. */
  readonly answerers: ReadonlyMap<string, Answerer>;
  deliver(event: ReceivedEvent): void;
  /** Calls the application, and reports what it throws, at once or later. */
  call(run: () => unknown, where: string): void;
}

export function createHandlers(report: (error: unknown, where: string) => void): Handlers {
  const byId = new Map<string, Set<Handler>>();
  const any = new Set<AnyHandler>();
  const answerers = new Map<string, Answerer>();

  function call(run: () => unknown, where: string): void {
    try {
      const result = run();
      if (result instanceof Promise) result.catch((error: unknown) => report(error, where));
    } catch (error) {
      report(error, where);
    }
  }

  return {
    on: (id, handler) => {
      const handlers = byId.get(id) ?? new Set();
      byId.set(id, handlers);
      return added(handlers, (data, event) => handler(data, event));
    },
    onAny: (handler) => added(any, (event, isHandled) => handler(event, isHandled)),
    answer: (id, handler) => {
      if (answerers.has(id)) throw new Error(`${id} is answered already`);
      answerers.set(id, handler);
      return () => {
        if (answerers.get(id) === handler) answerers.delete(id);
      };
    },
    answerers,
    deliver: (event) => {
      const handlers = [...(byId.get(event.id) ?? [])];
      for (const handler of handlers) call(() => handler(event.data, event), event.id);
      for (const handler of [...any]) call(() => handler(event, handlers.length > 0), event.id);
    },
    call,
  };
}

/** Adds to the set; what is returned takes it out again. */
export function added<T>(set: Set<T>, item: T): () => void {
  set.add(item);
  return () => set.delete(item);
}
