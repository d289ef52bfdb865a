import { onTestFinished } from "vitest";
import { classic } from "../../src/classic/index.js";
import { connect, type Chsk, type Clock, type ConnectOptions } from "../../src/index.js";

/** Lets everything run that is due without time passing. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Time that passes when the test says so. */
export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  readonly #timers = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(run: () => void, ms: number): unknown {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as { at: number; run: () => void });
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.run();
      await settle();
    }
    this.#now = until;
    await settle();
  }
}

/** A WebSocket whose other end is the test. */
export class FakeSocket {
  binaryType = "blob";
  readyState = 0;
  bufferedAmount = 0;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; wasClean: boolean }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly sent: unknown[] = [];
  /** How the client closed it. */
  closedWith: [code?: number, reason?: string] | undefined;
  readonly url: string;
  readonly protocols: readonly string[];
  readonly headers: Record<string, string>;

  constructor(url: string, protocols: string[], options: { headers: Record<string, string> }) {
    this.url = url;
    this.protocols = protocols;
    this.headers = options.headers;
  }

  send(data: unknown): void {
    if (this.readyState !== 1) throw new Error("not open");
    this.sent.push(data);
  }

  close(...how: [code?: number, reason?: string]): void {
    this.closedWith ??= how;
    this.readyState = 2;
  }

  /** The server sends a frame as it is. */
  receive(data: unknown): void {
    this.readyState = Math.max(this.readyState, 1);
    this.onmessage?.({ data });
  }

  /** The server sends a frame in JSON. */
  json(value: unknown): void {
    this.receive(JSON.stringify(value));
  }

  /** The server accepts, and shakes hands. */
  open(uid: string | null = "alice", data: unknown = null): void {
    this.readyState = 1;
    this.json([["chsk/handshake", [uid ?? "sente/nil-uid", null, data]], null]);
  }

  /** The connection ends, from the server's side or on the way. */
  drop(code = 1006, wasClean = false): void {
    this.readyState = 3;
    this.onerror?.({});
    this.onclose?.({ code, wasClean });
  }
}

/** As a WebSocket of Node's before version 24: an attempt that fails is an error, of which no close follows. */
export function failSilently(socket: FakeSocket): void {
  socket.onerror?.({});
}

/** A request that waits for the test's answer. */
export interface FakeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | undefined;
  readonly credentials: string | undefined;
  /** The body's field `ppstr`. */
  readonly packed: string;
  /** Whether the client gave it up. */
  readonly isAborted: () => boolean;
  readonly answer: (body: string | Uint8Array<ArrayBuffer>, status?: number) => Promise<void>;
  readonly json: (value: unknown) => Promise<void>;
  readonly fail: () => Promise<void>;
}

export interface World {
  readonly clock: FakeClock;
  readonly chsk: Chsk;
  readonly sockets: FakeSocket[];
  readonly requests: FakeRequest[];
  readonly errors: { error: unknown; where: string }[];
  readonly socket: (index?: number) => FakeSocket;
  /** Polls and handshakes. */
  readonly gets: () => FakeRequest[];
  readonly posts: () => FakeRequest[];
}

/** A classic client in a world without network, in which `random` gives 0.5 unless told otherwise. */
export function start(options: ConnectOptions = {}): Promise<World> {
  return startAny({ protocol: classic, ...options });
}

/** The same for v2, unless told otherwise. */
export async function startAny(options: ConnectOptions = {}): Promise<World> {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const requests: FakeRequest[] = [];
  const errors: { error: unknown; where: string }[] = [];
  class Socket extends FakeSocket {
    constructor(...args: ConstructorParameters<typeof FakeSocket>) {
      super(...args);
      sockets.push(this);
    }
  }
  const chsk = connect("https://example.org/chsk", {
    clock,
    random: () => 0.5,
    clientId: "client-A",
    WebSocket: Socket,
    fetch: (url, init) => fakeFetch(requests, url as string, init ?? {}),
    onError: (error, where) => errors.push({ error, where }),
    ...options,
  });
  onTestFinished(() => chsk.disconnect());
  await settle();
  return {
    clock,
    chsk,
    sockets,
    requests,
    errors,
    socket: (index = -1) => required(sockets.at(index)),
    gets: () => requests.filter(({ method }) => method === "GET"),
    posts: () => requests.filter(({ method }) => method === "POST"),
  };
}

/** The same, with a connection open by long-polling, and the first poll under way. */
export async function startPolling(options: ConnectOptions = {}): Promise<World> {
  const world = await start({ type: "ajax", ...options });
  await required(world.gets()[0]).json([["chsk/handshake", ["alice", null, null]], null]);
  return world;
}

/** The same, with a WebSocket open. */
export async function startOpen(options: ConnectOptions = {}): Promise<World> {
  const world = await start({ type: "ws", ...options });
  world.socket().open();
  return world;
}

export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the test expected something here");
  return value;
}

export function fakeFetch(requests: FakeRequest[], url: string, init: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal } = init;
    const fail = (): void => reject(new TypeError("network"));
    signal?.addEventListener("abort", fail);
    const body = init.body as string | Uint8Array | undefined;
    const answer = async (text: string | Uint8Array<ArrayBuffer>, status = 200): Promise<void> => {
      resolve(new Response(text, { status }));
      await settle();
    };
    requests.push({
      method: init.method ?? "GET",
      url: new URL(url),
      headers: init.headers as Record<string, string>,
      body,
      credentials: init.credentials,
      packed: typeof body === "string" ? (new URLSearchParams(body).get("ppstr") ?? "") : "",
      isAborted: () => signal?.aborted ?? false,
      answer,
      json: (value) => answer(JSON.stringify(value)),
      fail: async () => {
        fail();
        await settle();
      },
    });
  });
}
