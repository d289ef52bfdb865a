import { describe, expect, test } from "vitest";
import { backoff } from "../src/backoff.js";
import { initialSession, step, type Close, type Effect, type Input, type Session } from "../src/session.js";

const NOW = 1_000_000;

/** Runs inputs one after the other; gives the session after the last one, and the effects of the last one. */
function run(
  choice: "auto" | "ws" | "ajax",
  inputs: (Input | Input["on"] | number)[],
  random = 0.5,
): [Session, readonly Effect[]] {
  let session = initialSession(choice);
  let effects: readonly Effect[] = [];
  let now = NOW;
  for (const input of inputs) {
    if (typeof input === "number") now += input;
    else
      [session, effects] = step(
        session,
        typeof input === "string" ? named(session, input) : input,
        now,
        random,
      );
  }
  return [session, effects];
}

const LOST: Close = { reason: "unexpected", code: 1006 };

/** An input of the present connection. */
function named(session: Session, on: Input["on"]): Input {
  const { connections: connection } = session;
  if (on === "handshake")
    return {
      on,
      connection,
      greeting: { uid: "alice", handshakeData: { motd: "hello" }, resumed: false, lost: null },
    };
  return on === "closed" ? { on, connection, close: LOST } : { on };
}

function closed(connection: number, close: Close): Input {
  return { on: "closed", connection, close };
}

/** What the last input led to, in a few words. */
function outcome(choice: "auto" | "ws" | "ajax", ...inputs: (Input | Input["on"] | number)[]): string {
  const [{ phase, state }, effects] = run(choice, inputs);
  const does = effects.map((effect) =>
    effect.do === "open"
      ? `open ${effect.type} ${effect.connection}${effect.hasFallback ? " or other" : ""}`
      : effect.do === "wait"
        ? `wait ${effect.ms}`
        : effect.do,
  );
  return `${phase.at} ${state.type}: ${does.join(", ")}`;
}

describe("each phase and input", () => {
  const open: Input["on"][] = ["connect", "handshake"];
  const waiting: Input["on"][] = [...open, "closed"];
  const refused: (Input | Input["on"])[] = ["connect", closed(1, { ...LOST, status: 403 })];
  const begun = "connecting ws: drop, open ws";

  test.each<[string, (Input | Input["on"] | number)[], string]>([
    ["idle, connect", ["connect"], `${begun} 1`],
    ["idle, disconnect", ["disconnect"], "idle ws: "],
    ["idle, reconnect", ["reconnect"], `${begun} 1`],
    ["idle, wake", ["wake"], "idle ws: "],
    ["idle, timeUp", ["timeUp"], "idle ws: "],
    ["idle, handshake", ["handshake"], "idle ws: "],
    ["idle, closed", ["closed"], "idle ws: "],
    ["connecting, connect", ["connect", "connect"], "connecting ws: "],
    ["connecting, disconnect", ["connect", "disconnect"], "idle ws: drop"],
    ["connecting, reconnect", ["connect", "reconnect"], `${begun} 2`],
    ["connecting, wake", ["connect", "wake"], "connecting ws: "],
    ["connecting, timeUp", ["connect", "timeUp"], "connecting ws: "],
    ["connecting, handshake", ["connect", "handshake"], "open ws: flush"],
    ["connecting, closed", ["connect", "closed"], "waiting ws: drop, wait 125"],
    ["open, connect", [...open, "connect"], "open ws: check"],
    ["open, disconnect", [...open, "disconnect"], "idle ws: drop"],
    ["open, reconnect", [...open, "reconnect"], `${begun} 2`],
    ["open, wake", [...open, "wake"], "open ws: check"],
    ["open, timeUp", [...open, "timeUp"], "open ws: "],
    ["open, handshake", [...open, "handshake"], "open ws: flush"],
    ["open, closed", [...open, "closed"], "waiting ws: drop, wait 125"],
    ["open, refused", [...open, closed(1, { ...LOST, code: 4500 })], "refused ws: drop"],
    ["open, 401", [...open, closed(1, { ...LOST, status: 401 })], "waiting ws: drop, wait 125"],
    ["waiting, connect", [...waiting, "connect"], `${begun} 2`],
    ["waiting, disconnect", [...waiting, "disconnect"], "idle ws: drop"],
    ["waiting, reconnect", [...waiting, "reconnect"], `${begun} 2`],
    ["waiting, wake", [...waiting, "wake"], `${begun} 2`],
    ["waiting, timeUp", [...waiting, "timeUp"], "connecting ws: drop, open ws 2"],
    ["waiting, late handshake", [...waiting, "handshake"], "waiting ws: "],
    ["waiting, late closed", [...waiting, "closed"], "waiting ws: "],
    ["refused, connect", [...refused, "connect"], `${begun} 2`],
    ["refused, disconnect", [...refused, "disconnect"], "idle ws: drop"],
    ["refused, reconnect", [...refused, "reconnect"], `${begun} 2`],
    ["refused, wake", [...refused, "wake"], "refused ws: "],
    ["refused, timeUp", [...refused, "timeUp"], "refused ws: "],
  ])("%s", (_, inputs, expected) => {
    expect(outcome("ws", ...inputs)).toBe(expected);
  });
});

test("V23: a fresh handshake may make good for a 401, but not again and again", () => {
  const denied = (n: number): Input => closed(n, { reason: "unexpected", status: 401 });
  const twice = ["connect", "handshake", denied(1), "timeUp", "handshake", denied(2), "timeUp"] as const;
  expect(outcome("ajax", ...twice, denied(3))).toBe("refused ajax: drop");
  expect(outcome("ajax", ...twice, "handshake", denied(3))).toBe("refused ajax: drop");
  expect(outcome("ajax", ...twice, "handshake", 1_000, denied(3))).toBe("waiting ajax: drop, wait 125");
});

test("V23: a 401 after an outage is the first one", () => {
  const outage = [
    "connect",
    "closed",
    "timeUp",
    "closed",
    "timeUp",
    "closed",
    "timeUp",
    "handshake",
  ] as const;
  const denied = (n: number): Input => closed(n, { reason: "unexpected", status: 401 });
  expect(outcome("ajax", ...outage, denied(4))).toBe("waiting ajax: drop, wait 500");
  expect(outcome("ajax", ...outage, denied(4), "timeUp", denied(5))).toBe("refused ajax: drop");
});

test("what comes from a superseded connection is ignored", () => {
  expect(outcome("ws", "connect", "reconnect", closed(1, LOST))).toBe("connecting ws: ");
  expect(
    outcome("ws", "connect", "reconnect", {
      on: "handshake",
      connection: 1,
      greeting: { uid: "eve", handshakeData: null, resumed: false, lost: null },
    }),
  ).toBe("connecting ws: ");
});

describe("auto", () => {
  const fail: Input["on"][] = ["timeUp", "closed"];

  test("tries a WebSocket, then at once long-polling, then after a while again", () => {
    expect(outcome("auto", "connect")).toBe("connecting ws: drop, open ws 1 or other");
    expect(outcome("auto", "connect", "closed")).toBe("connecting ajax: drop, open ajax 2");
    expect(outcome("auto", "connect", "closed", "closed")).toBe("waiting ws: drop, wait 125");
    expect(outcome("auto", "connect", "closed", "closed", "timeUp")).toBe(
      "connecting ws: drop, open ws 3 or other",
    );
  });

  test("stays with what worked", () => {
    expect(outcome("auto", "connect", "closed", "handshake", "closed")).toBe("waiting ajax: drop, wait 125");
    expect(outcome("auto", "connect", "handshake", "closed")).toBe("waiting ws: drop, wait 125");
  });

  test("does not end on long-polling because a server is restarted, nor on a WebSocket that is blocked since", () => {
    const open: Input["on"][] = ["connect", "handshake"];
    expect(outcome("auto", ...open, "closed", ...fail)).toBe("waiting ws: drop, wait 250");
    expect(outcome("auto", ...open, "closed", ...fail, ...fail)).toBe("waiting ajax: drop, wait 500");
    expect(outcome("auto", ...open, "closed", ...fail, ...fail, ...fail)).toBe("waiting ws: drop, wait 1000");
    expect(outcome("auto", ...open, "closed", ...fail, ...fail, "timeUp", "handshake", "closed")).toBe(
      "waiting ws: drop, wait 500",
    );
  });
});

describe("the wait", () => {
  test("is anything up to a bound that doubles from 250 ms to 30 s", () => {
    expect([0, 1, 2, 6, 7, 8, 1000].map((failures) => backoff(failures, 0.999999))).toEqual([
      249, 499, 999, 15999, 29999, 29999, 29999,
    ]);
    expect(backoff(5, 0)).toBe(0);
  });

  test("starts again after a connection that worked for 1 s, not after one that was gone at once", () => {
    const failures: Input["on"][] = ["connect", "closed", "timeUp", "closed", "timeUp", "handshake"];
    expect(outcome("ws", ...failures, 999, "closed")).toBe("waiting ws: drop, wait 500");
    expect(outcome("ws", ...failures, 1_000, "closed")).toBe("waiting ws: drop, wait 125");
  });

  test("stops growing at 1 s where connections open but do not last", () => {
    const shortLived: Input["on"][] = ["timeUp", "handshake", "closed"];
    const many = Array.from({ length: 20 }, () => shortLived).flat();
    expect(outcome("ws", "connect", "closed", ...many)).toBe("waiting ws: drop, wait 500");
  });
});

describe("the state", () => {
  test("tells of the first opening and the later ones", () => {
    expect(run("ws", ["connect", "handshake"])[0].state).toEqual({
      type: "ws",
      open: true,
      everOpened: true,
      firstOpen: true,
      uid: "alice",
      handshakeData: { motd: "hello" },
      lastClose: null,
      nextReconnectAt: null,
      resumed: false,
      lost: null,
    });
    expect(run("ws", ["connect", "handshake", "closed"])[0].state).toMatchObject({
      open: false,
      everOpened: true,
      firstOpen: false,
      lastClose: { reason: "unexpected", code: 1006, at: NOW, type: "ws" },
      nextReconnectAt: NOW + 125,
    });
    expect(run("ws", ["connect", "handshake", "closed", "timeUp"])[0].state.nextReconnectAt).toBeNull();
    expect(run("ws", ["connect", "handshake", "reconnect", "handshake"])[0].state).toMatchObject({
      open: true,
      firstOpen: false,
      lastClose: { reason: "requested-reconnect" },
    });
  });

  test("tells of a refusal with its status", () => {
    const [{ state }] = run("ajax", ["connect", closed(1, { reason: "unexpected", status: 403 })]);
    expect(state).toMatchObject({
      open: false,
      nextReconnectAt: null,
      lastClose: { reason: "refused", status: 403, type: "ajax" },
    });
  });

  test("is the same object as long as nothing changes", () => {
    const [before] = run("ws", ["connect", "handshake"]);
    for (const on of ["wake", "connect", "timeUp"] as const)
      expect(step(before, { on }, NOW, 0)[0]).toBe(before);
  });
});
