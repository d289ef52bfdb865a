/** Time from outside, so that tests can run it as they like. */
export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  /** @param ms a time longer than the clock can wait is as long as it can */
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // For a longer time than this a timer goes off at once.
  setTimeout: (run, ms) => setTimeout(run, Math.min(ms, 2 ** 31 - 1)),
  clearTimeout: (timer) => {
    clearTimeout(timer as number);
  },
};

/** What this library needs of a WebSocket. Browsers' own and the one of the package `ws` both fit. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** A constructor of WebSockets. Browsers ignore the third argument; `ws` sends the headers with the upgrade. */
export type WebSocketConstructor = new (
  url: string,
  protocols: string[],
  options: { headers: Record<string, string> },
) => WebSocketLike;

/** How the platform reaches the server. */
export interface Network {
  /** Undefined where there is none. */
  readonly WebSocket: WebSocketConstructor | undefined;
  readonly fetch: typeof fetch;
}

/**
 * Calls back when it is worth trying to connect at once: the browser is online again or on a network of another type, or
 * the page has become visible, or has come back from the back/forward cache or from being frozen. Outside browsers it never does.
 *
 * @returns stops it
 */
export function onWake(wake: (why: "wake" | "networkChanged") => void): () => void {
  const page = globalThis as {
    document?: Document;
    navigator?: { connection?: EventTarget & { type?: string } };
  } & Partial<EventTarget>;
  const { document } = page;
  const connection = page.navigator?.connection;
  let type = connection?.type;
  const changed = (): void => wake("networkChanged");
  // Also fires whenever the browser estimates the same network's speed anew.
  const estimated = (): void => {
    if (type !== (type = connection?.type)) changed();
  };
  const shown = (event: Event): void => {
    const isBack = event.type !== "pageshow" || (event as PageTransitionEvent).persisted;
    if (isBack && document?.visibilityState !== "hidden") wake("wake");
  };
  const listened = [
    [page, "online", changed],
    [connection, "change", estimated],
    [page, "pageshow", shown],
    [document, "visibilitychange", shown],
    [document, "resume", shown],
  ] as const;
  for (const [target, type, listener] of listened) target?.addEventListener?.(type, listener);
  return () => {
    for (const [target, type, listener] of listened) target?.removeEventListener?.(type, listener);
  };
}

/** 128 random bits as text. `crypto.randomUUID` would exist on secure pages only. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
