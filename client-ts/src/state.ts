/** What carries the events: a WebSocket or HTTP long-polling. */
export type TransportType = "ws" | "ajax";

/**
 * Why a connection, or an attempt at one, ended.
 *
 * - `requested-disconnect`, `requested-reconnect`: the application said so
 * - `clean`: a WebSocket was closed by a closing handshake
 * - `unexpected`: anything else: no network, a server that went away, an answer that is none
 * - `handshake-timeout`: nothing came within `handshakeTimeoutMs`
 * - `ws-ping-timeout`: the server left a ping unanswered
 * - `refused`: the server answered 401 or 403; the client does not come back by itself
 */
export type CloseReason =
  | "requested-disconnect"
  | "requested-reconnect"
  | "clean"
  | "unexpected"
  | "handshake-timeout"
  | "ws-ping-timeout"
  | "refused";

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
  /** Whether this connection continued the session before it. Always false in classic mode. */
  readonly resumed: boolean;
  /** Why the session before it could not be continued, so that events may be lost. Always null in classic mode. */
  readonly lost: string | null;
}
