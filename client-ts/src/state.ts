/** What carries the events: a WebSocket or HTTP long-polling. */
export type TransportType = "ws" | "ajax";

/**
 * Why a connection, or an attempt at one, ended.
 *
 * - `requested-disconnect`, `requested-reconnect`: the application said so
 * - `clean`: a WebSocket was closed by a closing handshake, or the server said that it closes
 * - `unexpected`: anything else: no network, a server that went away, an answer that is none
 * - `handshake-timeout`: nothing came within `handshakeTimeoutMs`
 * - `ws-ping-timeout`: nothing was heard of the server for too long
 * - `refused`: the server answered 401 or 403 to a handshake, or to later requests for the third time in a row, or closed with a code from
 *   4500 to 4999; the client does not come back by itself
 * - `protocol`: the server does not speak this client's protocol, or broke its rules; the client does not come back by itself
 */
export type CloseReason =
  | "requested-disconnect"
  | "requested-reconnect"
  | "clean"
  | "unexpected"
  | "handshake-timeout"
  | "ws-ping-timeout"
  | "refused"
  | "protocol";

/** What may be lost where a session could not be continued. */
export interface Lost {
  /**
   * `unknown-session`, `uid-changed`, `overflow`, as the server said; `protocol` where this client gave the session up; or
   * `too-large` where nothing was lost but what had waited for the first handshake, and is larger than the server takes.
   */
  readonly reason: string;
  /**
   * The ids of the events and requests that had been sent and that the server had not acknowledged, in order: whether
   * it handled them is unknown. After them those that were never sent, since they are larger than the server takes. Those of the
   * server's that had not arrived are lost too, but nobody here knows them.
   */
  readonly sent: readonly string[];
}

/** How the last connection, or the last attempt at one, ended. */
export interface LastClose {
  readonly reason: CloseReason;
  /** When, in ms since the epoch. */
  readonly at: number;
  /** Which transport it was. */
  readonly type: TransportType;
  /** The WebSocket's close code, where there was one. */
  readonly code?: number;
  /** The HTTP status, where one was seen. */
  readonly status?: number;
  /** How long the server wants to be left alone, in ms, where it said so. */
  readonly retryMs?: number;
  /**
   * What `fetch` failed with, where it did: a network that is not there, or a header or policy that no retry will mend. Or why
   * what came first by a WebSocket was no handshake, where long-polling goes on.
   */
  readonly error?: unknown;
}

/** What an application can know of the connection. A new object for every change. */
export interface ChskState {
  /** The transport in use, or being tried. */
  readonly type: TransportType;
  /** Whether events can pass now. */
  readonly open: boolean;
  /** Whether it has ever been open. */
  readonly everOpened: boolean;
  /** Whether this is the first time that it is open. */
  readonly firstOpen: boolean;
  /** The user's id as the server gave it in the last handshake; null for none. */
  readonly uid: string | null;
  /** What the server's application put into the last handshake. */
  readonly handshakeData: unknown;
  /** How the last connection or attempt ended; null while nothing has. */
  readonly lastClose: LastClose | null;
  /** When the next attempt is due, in ms since the epoch; null when none is. */
  readonly nextReconnectAt: number | null;
  /** Whether the last handshake continued the session before it. Always false in classic mode. */
  readonly resumed: boolean;
  /** Set if the last handshake did not continue the session there was. Always null in classic mode. */
  readonly lost: Lost | null;
}
