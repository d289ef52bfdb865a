/**
 * The life of a client, as one pure function: no clock, no socket, no timer.
 *
 *   idle ──connect──▶ connecting ──handshake──▶ open
 *                      │     ▲                   │
 *                   closed  timeUp, wake       closed
 *                      ▼     │                   │
 *            refused ◀─── waiting ◀──────────────┘
 *
 * Out of every phase `disconnect` leads to idle. 401 and 403 lead to refused, out of which only the application
 * leads, by `connect` or `reconnect`. Every input that comes from a connection names it, and is ignored once
 * another one has taken its place.
 */
import { backoff } from "./backoff.js";
import type { ChskState, CloseReason, TransportType } from "./state.js";

/** A connection that was open for so long counts as having worked: the next failure is a first one. In ms. */
export const STABLE_MS = 5_000;

/** Where a WebSocket has worked before, every so many failed attempts in a row one goes to long-polling. */
const ODD_ONE_OUT = 3;

export type Phase =
  | { readonly at: "idle" | "waiting" | "refused" }
  | { readonly at: "connecting"; readonly connection: number }
  | { readonly at: "open"; readonly connection: number; readonly since: number };

export interface Session {
  readonly phase: Phase;
  readonly state: ChskState;
  /** What the application chose. */
  readonly choice: "auto" | TransportType;
  /** How many connections were tried: the number of the last one. */
  readonly connections: number;
  /** How many attempts failed in a row. */
  readonly failures: number;
  /** Whether a WebSocket has ever been open. */
  readonly wsProven: boolean;
}

/** What a transport tells about its end. */
export interface Close {
  readonly reason: CloseReason;
  readonly code?: number;
  readonly status?: number;
}

export type Input =
  | { readonly on: "connect" | "disconnect" | "reconnect" | "wake" | "timeUp" }
  | {
      readonly on: "handshake";
      readonly connection: number;
      readonly uid: string | null;
      readonly data: unknown;
    }
  | { readonly on: "closed"; readonly connection: number; readonly close: Close };

export type Effect =
  /** Open a transport. `hasFallback`: if this one fails, the other is tried at once; so neither be patient nor ask why. */
  | {
      readonly do: "open";
      readonly connection: number;
      readonly type: TransportType;
      readonly hasFallback: boolean;
    }
  /** Close the transport; whatever comes from it later is of no interest. */
  | { readonly do: "drop" }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "stopWaiting" }
  /** Send what is queued. */
  | { readonly do: "flush" }
  /** Find out whether the open connection still works. */
  | { readonly do: "check" };

type Step = readonly [Session, readonly Effect[]];

export function initialSession(choice: "auto" | TransportType): Session {
  return {
    phase: { at: "idle" },
    choice,
    connections: 0,
    failures: 0,
    wsProven: false,
    state: {
      type: choice === "ajax" ? "ajax" : "ws",
      open: false,
      everOpened: false,
      firstOpen: false,
      uid: null,
      handshakeData: undefined,
      lastClose: null,
      nextReconnectAt: null,
      resumed: false,
      lost: null,
    },
  };
}

/**
 * The next session and what is to be done, in this order.
 *
 * @param now ms since the epoch
 * @param random at least 0, below 1
 */
export function step(session: Session, input: Input, now: number, random: number): Step {
  const { phase } = session;
  switch (input.on) {
    case "connect":
      return phase.at === "idle" || phase.at === "refused" ? begin(session) : wake(session);
    case "wake":
      return wake(session);
    case "timeUp":
      return phase.at === "waiting" ? attempt(session, session.state.type) : [session, []];
    case "reconnect":
      return begin(session, ended(session, now, { reason: "requested-reconnect" }));
    case "disconnect":
      if (phase.at === "idle") return [session, []];
      return [
        { ...session, phase: { at: "idle" }, state: ended(session, now, { reason: "requested-disconnect" }) },
        [{ do: "stopWaiting" }, { do: "drop" }],
      ];
    case "handshake":
      return isCurrent(phase, input.connection) ? opened(session, input.uid, input.data, now) : [session, []];
    case "closed":
      return isCurrent(phase, input.connection) ? closed(session, input.close, now, random) : [session, []];
  }
}

function isCurrent(phase: Phase, connection: number): boolean {
  return "connection" in phase && phase.connection === connection;
}

function begin(session: Session, state: ChskState = session.state): Step {
  const [next, effects] = attempt({ ...session, failures: 0, state }, state.type);
  return [next, [{ do: "stopWaiting" }, { do: "drop" }, ...effects]];
}

function wake(session: Session): Step {
  if (session.phase.at === "open") return [session, [{ do: "check" }]];
  return session.phase.at === "waiting" ? begin(session) : [session, []];
}

function attempt(session: Session, type: TransportType): Step {
  const connection = session.connections + 1;
  const hasFallback = session.choice === "auto" && type === "ws" && !session.wsProven;
  return [
    {
      ...session,
      connections: connection,
      phase: { at: "connecting", connection },
      state: { ...session.state, type, nextReconnectAt: null },
    },
    [{ do: "open", connection, type, hasFallback }],
  ];
}

function opened(session: Session, uid: string | null, data: unknown, now: number): Step {
  const { phase, state } = session;
  if (!("connection" in phase)) return [session, []];
  // A server that forgot a long-polling client shakes hands again in the middle of a connection.
  const again = phase.at === "open";
  return [
    {
      ...session,
      phase: again ? phase : { at: "open", connection: phase.connection, since: now },
      wsProven: session.wsProven || state.type === "ws",
      state: {
        ...state,
        open: true,
        everOpened: true,
        firstOpen: again ? state.firstOpen : !state.everOpened,
        uid,
        handshakeData: data,
      },
    },
    [{ do: "flush" }],
  ];
}

function closed(session: Session, close: Close, now: number, random: number): Step {
  const { phase, choice, wsProven } = session;
  const isRefusal = close.status === 401 || close.status === 403;
  const state = ended(session, now, isRefusal ? { ...close, reason: "refused" } : close);
  if (isRefusal) return [{ ...session, phase: { at: "refused" }, state }, [{ do: "drop" }]];

  const wasOpen = phase.at === "open";
  if (!wasOpen && choice === "auto" && state.type === "ws" && !wsProven) {
    const [next, effects] = attempt({ ...session, state }, "ajax");
    return [next, [{ do: "drop" }, ...effects]];
  }
  const failures = wasOpen && now - phase.since >= STABLE_MS ? 0 : session.failures + 1;
  const ms = backoff(Math.max(0, failures - 1), random);
  return [
    {
      ...session,
      phase: { at: "waiting" },
      failures,
      state: { ...state, type: nextType(session, failures, wasOpen), nextReconnectAt: now + ms },
    },
    [{ do: "drop" }, { do: "wait", ms }],
  ];
}

/**
 * Which transport to try next. Under `auto` a client must neither be stuck on a WebSocket that a network does not
 * let through, nor end up on long-polling because a server was being restarted.
 */
function nextType(session: Session, failures: number, wasOpen: boolean): TransportType {
  const { choice, state } = session;
  if (choice !== "auto") return choice;
  if (session.wsProven) return !wasOpen && failures % ODD_ONE_OUT === 0 ? "ajax" : "ws";
  return wasOpen ? state.type : "ws";
}

function ended(session: Session, at: number, close: Close): ChskState {
  const { state } = session;
  const lastClose = { ...close, at, type: state.type };
  return { ...state, open: false, firstOpen: false, nextReconnectAt: null, lastClose };
}
