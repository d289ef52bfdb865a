/** Time from outside, so that tests can run it as they like. */
export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
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

/**
 * Calls back when it is worth trying to connect at once: the browser is online again, or the page has become visible.
 * Outside browsers it never does.
 *
 * @returns stops it
 */
export function onWake(wake: () => void): () => void {
  const page = globalThis as { document?: Document } & Partial<EventTarget>;
  const visible = (): void => {
    if (page.document?.visibilityState === "visible") wake();
  };
  page.addEventListener?.("online", wake);
  page.document?.addEventListener("visibilitychange", visible);
  return () => {
    page.removeEventListener?.("online", wake);
    page.document?.removeEventListener("visibilitychange", visible);
  };
}

/** 128 random bits in hex. `crypto.randomUUID` would exist on secure pages only. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
