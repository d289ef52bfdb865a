import type { Protocol, StartableProtocol } from "./conversation.js";
import { json } from "./packer/json.js";
import type { Packer } from "./packer/packer.js";
import { randomId, systemClock, type Clock, type WebSocketConstructor } from "./platform.js";
import type { TransportType } from "./state.js";
import { startStream } from "./stream/stream.js";

/** A value, or a function that gives it anew for every connection, at once or later. */
export type Dynamic<T> = T | (() => T | Promise<T>);

/** Query parameters; null and undefined ones are left out. */
export type Params = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What `connect` can be told. Every option has a default. */
export interface ConnectOptions {
  /**
   * What carries the events. `auto`, the default, starts with a WebSocket, and takes long-polling where a WebSocket
   * does not open; in v2 it goes on trying the WebSocket beside it.
   */
  type?: "auto" | TransportType;
  /** The wire protocol. The default is v2; for a Clojure server give `classic` of `sente-client/classic`. */
  protocol?: Protocol;
  /** How values are packed; the server's must be the same. Default: `json`. */
  packer?: Packer;
  /** Names this client among the user's others. Default: 128 random bits, new for each `connect`. */
  clientId?: string;
  /** Query parameters of every request; in classic mode not of the POSTs that carry events by long-polling. */
  params?: Dynamic<Params>;
  /**
   * Headers of every HTTP request. A browser's WebSocket cannot send any, but for the value of `authorization`, which
   * v2 sends by other means; that of the package `ws` sends them with its upgrade request.
   */
  headers?: Dynamic<Readonly<Record<string, string>>>;
  /**
   * Sent as header `x-csrf-token` by long-polling; by a WebSocket as a subprotocol, or in classic mode as query parameter
   * `csrf-token`. Default: none.
   */
  csrfToken?: Dynamic<string | null | undefined>;
  /** Whether cookies go with the requests of long-polling; as of `fetch`. Default: `same-origin`. */
  credentials?: "omit" | "same-origin" | "include";
  /** Classic mode: ping a server from which nothing has come by the WebSocket for so long, in ms; 0 for never. Default: 20 000. */
  wsKeepAliveMs?: number;
  /** Classic mode: take the WebSocket for dead if so long after a ping nothing has come, in ms. Default: 5 000. */
  wsPingTimeoutMs?: number;
  /**
   * Give up a WebSocket that brought no handshake for so long, in ms, if long-polling can be tried instead; four
   * times as long otherwise; 3 s at most beside long-polling. Default: 5 000.
   */
  handshakeTimeoutMs?: number;
  /**
   * Give up a poll that the server left unanswered for so long, in ms; so for POSTs of more than 64 KiB, however slow the way up.
   * Smaller ones are tried again after four times `handshakeTimeoutMs`. Default: 60 000.
   */
  pollTimeoutMs?: number;
  /** How long a request waits for its answer unless it says so itself, in ms. Default: 10 000. */
  requestTimeoutMs?: number;
  /** How many messages may wait for a connection, or, in v2, to be acknowledged. Default: 1024. */
  maxQueuedMessages?: number;
  /** How many bytes of messages may wait for the same. Default: 1 MiB. */
  maxQueuedBytes?: number;
  /**
   * How long a frame of the server may be: bytes, or characters of text. A longer one ends the session, for it cannot
   * be left out: by long-polling where it comes again, since a network that wants its users to log in may answer with a long page,
   * too. In classic mode it is reported and ignored. Default: 1 MiB.
   */
  maxMessageBytes?: number;
  /** The WebSocket to use where the platform has none, such as that of the package `ws` in Node 20. */
  WebSocket?: WebSocketConstructor;
  /** The `fetch` to use instead of the platform's. */
  fetch?: typeof fetch;
  /**
   * Is told what goes wrong without anybody waiting for it: a handler that threw, a frame that is none, an event
   * that may be lost. `where` is an event's id, or `connect`, `protocol`, `answer` or `onState`, in classic mode also `frame`, `push` or
   * `POST`. Default: `console.error`.
   */
  onError?: (error: unknown, where: string) => void;
  /** For tests: time. */
  clock?: Clock;
  /** For tests: randomness, at least 0 and below 1. */
  random?: () => number;
}

/** What only classic mode uses, and has the defaults of. */
type Classic = "wsKeepAliveMs" | "wsPingTimeoutMs";

/** The options with every default filled in. */
export interface Settings extends Required<Omit<ConnectOptions, "type" | "WebSocket" | Classic>> {
  readonly wsKeepAliveMs?: number;
  readonly wsPingTimeoutMs?: number;
  readonly protocol: StartableProtocol;
  readonly choice: "auto" | TransportType;
  readonly url: URL;
  readonly WebSocket: WebSocketConstructor | undefined;
}

/** @throws TypeError if an option is out of range, or the url is none */
export function settingsOf(url: string | URL, options: ConnectOptions): Settings {
  const global = globalThis as { location?: Location; WebSocket?: WebSocketConstructor };
  const WebSocket = options.WebSocket ?? global.WebSocket;
  const { type = "auto" } = options;
  if (type === "ws" && !WebSocket) throw new TypeError("no WebSocket here: give one as options.WebSocket");
  const given = Object.entries(options).filter(([name, value]) => {
    if (typeof value === "number" && !(value >= 0))
      throw new TypeError(`${name} must be 0 or more, was ${value}`);
    return value !== undefined;
  });
  const settings: Settings = {
    ...defaults(),
    ...(Object.fromEntries(given) as ConnectOptions),
    protocol: (options.protocol ?? v2) as StartableProtocol,
    choice: WebSocket ? type : "ajax",
    url: new URL(url, global.location?.href),
    WebSocket,
  };
  return { ...settings, ...settings.packer.wrap?.(settings) };
}

const v2: StartableProtocol = { name: "v2", start: startStream };

function defaults(): Omit<Settings, "choice" | "url" | "WebSocket" | "protocol"> {
  return {
    packer: json,
    clientId: randomId(),
    params: {},
    headers: {},
    csrfToken: null,
    credentials: "same-origin",
    handshakeTimeoutMs: 5_000,
    pollTimeoutMs: 60_000,
    requestTimeoutMs: 10_000,
    maxQueuedMessages: 1024,
    maxQueuedBytes: 1 << 20,
    maxMessageBytes: 1 << 20,
    fetch: (input, init) => globalThis.fetch(input, init),
    onError: (error, where) => console.error(`sente: ${where}`, error),
    clock: systemClock,
    random: Math.random,
  };
}
