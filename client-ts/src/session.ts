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
import { MAX_TIMEOUT_MS } from "./platform.js";
import type { ChskState, CloseReason, TransportType } from "./state.js";

/** A connection that was open for so long counts as having worked: the next failure is a first one. In ms. */
export const STABLE_MS = 1_000;

/** Connections that open but do not last count as no more failures than these: the wait is 1 s at most. */
const SHORT_LIVED = 3;

/** How long to wait until a WebSocket is tried beside long-polling, in ms; doubled each time. */
const PROBE_AFTER_MS = 30_000;

/** The longest such wait, in ms. */
const PROBE_CAP_MS = 600_000;

/** Where a WebSocket has worked before, every so many failed attempts in a row one goes to long-polling. */
const ODD_ONE_OUT = 3;

/** The 500 close codes from 4500 on say: stay away until the application says otherwise (V23). */
const STAY_AWAY = 9;

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
  /** Whether a connection can go on with another's session. */
  readonly resumes: boolean;
  /** The number of the probe under way; null for none. */
  readonly probe: number | null;
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
}

export type Input =
  | {
      readonly on: "connect" | "disconnect" | "reconnect" | "wake" | "networkChanged" | "timeUp" | "probeDue";
    }
  | { readonly on: "handshake"; readonly connection: number; readonly greeting: Greeting }
  | { readonly on: "closed"; readonly connection: number; readonly close: Close };

export type Effect =
  /** Open a transport. `hasFallback`: if this one fails, the other is tried at once; so neither be patient nor ask why. */
  | {
      readonly do: "open";
      readonly connection: number;
      readonly type: TransportType;
      readonly hasFallback: boolean;
    }
  /** Close the transport, and a probe; whatever comes from them later is of no interest. */
  | { readonly do: "drop" }
  /** The probe takes the transport's place. */
  | { readonly do: "adopt" }
  /** Close the probe. */
  | { readonly do: "dropProbe" }
  /** Begin a probe after so long. */
  | { readonly do: "probeIn"; readonly ms: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "stopWaiting" }
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
    probe: null,
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
  switch (input.on) {
    case "connect":
      return phase.at === "idle" || phase.at === "refused" ? begin(session) : wake(session);
    case "wake":
      return wake(session);
    case "networkChanged":
      return networkChanged(session);
    case "probeDue":
      return probe(session);
    case "timeUp":
      return phase.at === "waiting" ? attempt(session, session.state.type) : [session, []];
    case "reconnect":
      return begin(session, ended(session, now, { reason: "requested-reconnect" }));
    case "disconnect":
      if (phase.at === "idle") return [session, []];
      return [
        {
          ...session,
          phase: { at: "idle" },
          probe: null,
          state: ended(session, now, { reason: "requested-disconnect" }),
        },
        [{ do: "stopWaiting" }, { do: "drop" }],
      ];
    case "handshake":
      return isCurrent(phase, input.connection) || input.connection === session.probe
        ? opened(session, input.connection, input.greeting, now)
        : [session, []];
    case "closed":
      if (input.connection === session.probe) return probeFailed(session);
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

function networkChanged(session: Session): Step {
  const [next, effects] = wake(session);
  if (next.phase.at !== "open" || next.state.type === "ws") return [next, effects];
  const [probing, more] = probe({ ...next, failedProbes: 0 });
  return [probing, [...effects, ...more]];
}

/** Tries a WebSocket beside an open connection by long-polling. */
function probe(session: Session): Step {
  const { choice, phase, resumes, state } = session;
  if (!resumes || choice !== "auto" || phase.at !== "open" || state.type === "ws" || session.probe !== null)
    return [session, []];
  const connection = session.connections + 1;
  return [
    { ...session, connections: connection, probe: connection },
    [{ do: "open", connection, type: "ws", hasFallback: true }],
  ];
}

function probeFailed(session: Session): Step {
  const failedProbes = session.failedProbes + 1;
  return [{ ...session, probe: null, failedProbes }, [{ do: "dropProbe" }, probeLater(failedProbes)]];
}

function probeLater(failedProbes: number): Effect {
  return { do: "probeIn", ms: Math.min(PROBE_CAP_MS, PROBE_AFTER_MS * 2 ** failedProbes) };
}

function attempt(session: Session, type: TransportType): Step {
  const connection = session.connections + 1;
  const { choice, resumes, wsProven } = session;
  const hasFallback = choice === "auto" && type === "ws" && (resumes || !wsProven);
  return [
    {
      ...session,
      connections: connection,
      probe: null,
      phase: { at: "connecting", connection },
      state: { ...session.state, type, nextReconnectAt: null },
    },
    [{ do: "open", connection, type, hasFallback }],
  ];
}

function opened(session: Session, connection: number, greeting: Greeting, now: number): Step {
  const { choice, phase, resumes, state } = session;
  // A server that forgot a long-polling client shakes hands again in the middle of a connection.
  const isAgain = phase.at === "open" && phase.connection === connection;
  const isProbe = session.probe === connection;
  const type = isProbe ? "ws" : state.type;
  const effects: Effect[] = isProbe ? [{ do: "adopt" }] : [];
  if (resumes && choice === "auto" && type === "ajax" && !isAgain)
    effects.push(probeLater(session.failedProbes));
  const { uid, data, resumed, lost } = greeting;
  return [
    {
      ...session,
      phase: isAgain ? phase : { at: "open", connection, since: now },
      wsProven: session.wsProven || type === "ws",
      probe: isProbe ? null : session.probe,
      failedProbes: type === "ws" ? 0 : session.failedProbes,
      state: {
        ...state,
        type,
        open: true,
        everOpened: true,
        firstOpen: isAgain || isProbe ? state.firstOpen : !state.everOpened,
        uid,
        handshakeData: data,
        resumed,
        lost,
      },
    },
    [...effects, { do: "flush" }],
  ];
}

function closed(session: Session, close: Close, now: number, random: number): Step {
  const { phase, choice, wsProven } = session;
  const isRefusal =
    close.status === 401 || close.status === 403 || Math.floor((close.code ?? 0) / 500) === STAY_AWAY;
  const state = ended(session, now, isRefusal ? { ...close, reason: "refused" } : close);
  if (isRefusal || close.reason === "protocol")
    return [{ ...session, phase: { at: "refused" }, probe: null, state }, [{ do: "drop" }]];

  const wasOpen = phase.at === "open";
  const isBlocked = !wsProven || (session.resumes && close.reason === "handshake-timeout");
  if (!wasOpen && choice === "auto" && state.type === "ws" && isBlocked && !close.retryMs) {
    const [next, effects] = attempt({ ...session, state }, "ajax");
    return [next, [{ do: "drop" }, ...effects]];
  }
  const isStable = wasOpen && now - phase.since >= STABLE_MS;
  const failures = isStable ? 0 : Math.min(session.failures + 1, wasOpen ? SHORT_LIVED : Infinity);
  const ms = Math.min(MAX_TIMEOUT_MS, backoff(Math.max(0, failures - 1), random) + (close.retryMs ?? 0));
  return [
    {
      ...session,
      phase: { at: "waiting" },
      probe: null,
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
  delete lastClose.retryMs;
  return { ...state, open: false, firstOpen: false, nextReconnectAt: null, lastClose };
}
