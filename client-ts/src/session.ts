/**
 * The life of a client, as one pure function: no clock, no socket, no timer.
 *
 *   idle ──connect──▶ connecting ──handshake──▶ open
 *                      │     ▲                   │
 *                   closed  timeUp, wake       closed
 *                      ▼     │                   │
 *            refused ◀─── waiting ◀──────────────┘
 *
 * Out of every phase `disconnect` leads to idle. A refusal leads to refused, out of which only the application
 * leads, by `connect` or `reconnect`. Every input that comes from a connection names it, and is ignored once
 * another one has taken its place.
 *
 * Where a connection can go on with another's session, an open long-polling connection is accompanied by probes now and
 * then: a WebSocket that takes over when it opens (V26).
 */
import { backoff } from "./backoff.js";
import type { Greeting } from "./conversation.js";
import type { ChskState, CloseReason, TransportType } from "./state.js";

/**
 * A connection that was open for so long counts as having worked: the next failure is a first one. So it is with a handshake in
 * the middle of one. In ms.
 */
export const STABLE_MS = 1_000;

/** Connections that open but do not last count as no more failures than these: the wait is 1 s at most. */
const SHORT_LIVED = 3;

/** How long to wait until a WebSocket is tried beside long-polling, in ms; doubled each time. */
const PROBE_AFTER_MS = 30_000;

/** The longest such wait, in ms. */
const PROBE_CAP_MS = 600_000;

/** Where a WebSocket has worked before, every so many failed attempts in a row one goes to long-polling. */
const ODD_ONE_OUT = 3;

/** Close codes from here on say: stay away until the application says otherwise (V23). */
const STAY_AWAY = 4500;

export type Phase =
  | { readonly at: "idle" | "waiting" | "refused"; readonly connection?: undefined }
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
  /** Whether a connection can go on with another's session. */
  readonly resumes: boolean;
  /** The number of the probe under way; 0 for none. */
  readonly probe: number;
  /** How many probes failed in a row. */
  readonly failedProbes: number;
}

/** What a transport tells about its end. */
export interface Close {
  readonly reason: CloseReason;
  readonly code?: number;
  readonly status?: number;
  /** How long the server wants to be left alone, in ms. */
  readonly retryMs?: number;
  /** What `fetch` failed with. */
  readonly error?: unknown;
}

export type Input =
  | {
      readonly on: "connect" | "disconnect" | "reconnect" | "wake" | "networkChanged" | "timeUp";
    }
  | { readonly on: "handshake"; readonly connection: number; readonly greeting: Greeting }
  | { readonly on: "closed"; readonly connection: number; readonly close: Close };

export type Effect =
  /** Open a transport. `hasFallback`: if this one fails, another one carries on; so neither be patient nor ask why. */
  | {
      readonly do: "open";
      readonly connection: number;
      readonly type: TransportType;
      readonly hasFallback: boolean;
    }
  /** Close all transports but one, and stop waiting; whatever comes from them later is of no interest. */
  | { readonly do: "drop"; readonly but?: number }
  /** Say that time is up after so long. */
  | { readonly do: "wait"; readonly ms: number }
  /** Send what is queued. */
  | { readonly do: "flush" }
  /** Find out whether the open connection still works. */
  | { readonly do: "check" };

type Step = readonly [Session, readonly Effect[]];

export function initialSession(choice: "auto" | TransportType, resumes = false): Session {
  return {
    phase: { at: "idle" },
    choice,
    connections: 0,
    failures: 0,
    wsProven: false,
    resumes,
    probe: 0,
    failedProbes: 0,
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
  const { at } = phase;
  switch (input.on) {
    case "connect":
      return at === "idle" || at === "refused" ? begin(session) : wake(session);
    case "wake":
      return wake(session);
    case "networkChanged": {
      if (at !== "open") return wake(session);
      const [next, effects] = probe({ ...session, failedProbes: 0 });
      return [next, [{ do: "check" }, ...effects]];
    }
    case "timeUp":
      return at === "waiting" ? attempt(session, session.state.type) : probe(session);
    case "reconnect":
      return begin(session, ended(session, now, { reason: "requested-reconnect" }));
    case "disconnect":
      return at === "idle" ? [session, []] : stop(session, "idle", now, { reason: "requested-disconnect" });
    case "handshake":
    case "closed": {
      const isProbe = at === "open" && input.connection === session.probe;
      if (!isProbe && phase.connection !== input.connection) return [session, []];
      if (input.on === "handshake") return opened(session, input.connection, input.greeting, now);
      return isProbe ? probeFailed(session, phase.connection) : closed(session, input.close, now, random);
    }
  }
}

function stop(session: Session, to: "idle" | "refused", now: number, close: Close): Step {
  return [{ ...session, phase: { at: to }, state: ended(session, now, close) }, [{ do: "drop" }]];
}

function begin(session: Session, state: ChskState = session.state): Step {
  return attempt({ ...session, failures: 0, state }, state.type);
}

function wake(session: Session): Step {
  const { at } = session.phase;
  if (at === "open") return [session, [{ do: "check" }]];
  return at === "waiting" ? begin(session) : [session, []];
}

function attempt(session: Session, type: TransportType): Step {
  const connection = session.connections + 1;
  return [
    {
      ...session,
      connections: connection,
      probe: 0,
      phase: { at: "connecting", connection },
      state: { ...session.state, type, nextReconnectAt: null },
    },
    [{ do: "drop" }, { do: "open", connection, type, hasFallback: hasFallback(session, type) }],
  ];
}

/** Whether long-polling carries on where this transport fails. */
function hasFallback({ choice, resumes, wsProven }: Session, type: TransportType): boolean {
  return choice === "auto" && type === "ws" && (resumes || !wsProven);
}

/** Whether a WebSocket is to be tried beside the open connection. */
function mayProbe({ choice, resumes }: Session, type: TransportType): boolean {
  return resumes && choice === "auto" && type === "ajax";
}

function probe(session: Session): Step {
  if (!mayProbe(session, session.state.type) || session.probe > 0) return [session, []];
  const connection = session.connections + 1;
  return [
    { ...session, connections: connection, probe: connection },
    [{ do: "open", connection, type: "ws", hasFallback: true }],
  ];
}

function probeFailed(session: Session, but: number): Step {
  const failedProbes = session.failedProbes + 1;
  return [{ ...session, probe: 0, failedProbes }, [{ do: "drop", but }, probeLater(failedProbes)]];
}

function probeLater(failedProbes: number): Effect {
  return { do: "wait", ms: Math.min(PROBE_CAP_MS, PROBE_AFTER_MS * 2 ** failedProbes) };
}

function opened(session: Session, connection: number, greeting: Greeting, now: number): Step {
  const { phase, state } = session;
  const wasOpen = phase.at === "open";
  // A server that forgot a long-polling client shakes hands again in the middle of a connection.
  const isAgain = wasOpen && phase.connection === connection;
  const isProbe = wasOpen && !isAgain;
  const type = isProbe ? "ws" : state.type;
  const isWs = type === "ws";
  return [
    {
      ...session,
      phase: { at: "open", connection, since: now },
      wsProven: session.wsProven || isWs,
      probe: isAgain ? session.probe : 0,
      failedProbes: isWs ? 0 : session.failedProbes,
      state: {
        ...state,
        ...greeting,
        type,
        open: true,
        everOpened: true,
        firstOpen: wasOpen ? state.firstOpen : !state.everOpened,
      },
    },
    [
      ...(isProbe ? [{ do: "drop", but: connection } as const] : []),
      ...(!isAgain && mayProbe(session, type) ? [probeLater(session.failedProbes)] : []),
      { do: "flush" },
    ],
  ];
}

function closed(session: Session, close: Close, now: number, random: number): Step {
  const { phase } = session;
  const wasOpen = phase.at === "open";
  const isStable = wasOpen && now - phase.since >= STABLE_MS;
  const failures = isStable ? 0 : Math.min(session.failures + 1, wasOpen ? SHORT_LIVED : Infinity);
  const isDenied = close.status === 401 || close.status === 403;
  // A token may have expired while a connection was open; the next one brings a fresh token. Failures of an outage do not count.
  const isFinal =
    isDenied && (!wasOpen || (failures === SHORT_LIVED && session.state.lastClose?.status === close.status));
  const isRefusal = isFinal || (close.code ?? 0) >= STAY_AWAY;
  const reason = isRefusal ? "refused" : close.reason;
  if (isRefusal || reason === "protocol") return stop(session, "refused", now, { ...close, reason });

  const state = ended(session, now, close);
  if (!wasOpen && hasFallback(session, state.type) && !close.retryMs)
    return attempt({ ...session, state }, "ajax");
  const ms = backoff(Math.max(0, failures - 1), random) + (close.retryMs ?? 0);
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
 * let through, nor end up on long-polling because a server was being restarted. Where sessions are resumed, a probe sees
 * to the latter.
 */
function nextType(session: Session, failures: number, wasOpen: boolean): TransportType {
  const { choice, state } = session;
  if (choice !== "auto") return choice;
  if (session.wsProven) return wasOpen || session.resumes || failures % ODD_ONE_OUT ? "ws" : "ajax";
  return wasOpen ? state.type : "ws";
}

function ended(session: Session, at: number, close: Close): ChskState {
  const { state } = session;
  const lastClose = { ...close, at, type: state.type };
  return { ...state, open: false, firstOpen: false, nextReconnectAt: null, lastClose };
}
