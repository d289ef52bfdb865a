/** Numbered events both ways at a steady rate, while every client's connections are cut again and again. */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { connect } from "../../dist/index.js";
import { startProxy } from "./proxy.mjs";
import { recoveries, tally } from "./tally.mjs";

const UP = "delivery/up";
const DOWN = "delivery/down";

/** How long everything may take to arrive once nothing is cut any more, in ms. */
const PATIENCE_MS = 90_000;

/** How long WebSockets pass, and then do not, where the transports alternate; in ms. */
const ALTERNATE_MS = 5_000;

/**
 * @param {{ type: "ws" | "ajax" | "auto", seconds: number, clients: number, rate: number, seed: number, server: object }} how
 *   `rate`: events a second, for each client and direction
 */
export async function run({ type, seconds, clients: count, rate, seed, server }) {
  const total = Math.round(seconds * rate);
  const clients = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      startClient(type, `${type}-${i}`, server, randomOf(seed * 1000 + i)),
    ),
  );
  const seen = new Map(clients.map(({ chsk }) => [chsk.clientId, []]));
  const read = async () => {
    for (const event of await server.seen(UP)) seen.get(event.clientId)?.push(event);
  };
  const isThere = (client) => {
    const { heard, chsk, problems } = client;
    return problems.length > 0 || (heard.length >= total && seen.get(chsk.clientId).length >= total);
  };

  await until(() => clients.every(({ chsk }) => chsk.state.open), "every client is connected");
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const disturbing = clients.flatMap((client) => [
    cutting(client, stop.signal),
    alternating(client, stop.signal),
  ]);
  const reading = (async () => {
    for (; !stop.signal.aborted; await pause(500, stop.signal)) await read();
  })();
  await Promise.all(
    clients.flatMap((client) => [sending(client, total, rate), pushing(client, total, rate, server)]),
  );
  stop.abort();
  await Promise.all([...disturbing, reading]);

  const healed = Date.now();
  const isLate = () => Date.now() - healed > PATIENCE_MS;
  do {
    await sleep(100);
    await read();
  } while (!clients.every(isThere) && !isLate());
  // Its answer comes after all that was said before it, so what has not come twice by then never will.
  const settled = clients.map(({ chsk, problems }) =>
    chsk.request("test/echo", 1, { timeoutMs: 10_000 }).catch((error) => problems.push(String(error))),
  );
  await Promise.all(settled);
  await read();

  const result = sum(clients, seen, total);
  for (const { chsk, proxy } of clients) {
    chsk.disconnect();
    proxy.stop();
  }
  return { type, ...result };
}

async function startClient(type, uid, server, random) {
  const proxy = await startProxy(server.port, random);
  // What a browser's window would be, so that it can tell the client to look for a network.
  const window = new EventTarget();
  globalThis.addEventListener = window.addEventListener.bind(window);
  globalThis.removeEventListener = window.removeEventListener.bind(window);
  const client = {
    uid,
    type,
    random,
    proxy,
    window,
    heard: [],
    cameAt: [],
    problems: [],
    lost: 0,
    refused: 0,
    moves: 0,
  };
  client.chsk = connect(`http://127.0.0.1:${proxy.port}/chsk`, {
    WebSocket,
    type,
    params: { uid },
    random,
    // That connections break is what this is about.
    onError: (error, where) => where === "protocol" && client.problems.push(`${uid}: ${error}`),
  });
  client.chsk.on(DOWN, (n) => {
    client.cameAt.push(Date.now());
    client.heard.push(n);
  });
  client.chsk.onState((state, previous) => {
    if (state.open && !previous.open) client.cameAt.push(Date.now());
    if (state.open && previous.everOpened && state.type !== client.last) client.moves++;
    if (state.open) client.last = state.type;
    if (state.lost && state.lost !== previous.lost) {
      client.lost += state.lost.sent.length;
      client.problems.push(`${uid} was told: ${state.lost.reason}`);
    }
  });
  return client;
}

/** Sends the events, each when it is due; one that is not taken goes again. */
async function sending(client, total, rate) {
  const { chsk, problems } = client;
  await steadily(total, rate, async (n) => {
    while (!chsk.send(UP, n)) {
      if (problems.length > 0) return;
      client.refused++;
      await sleep(20);
    }
  });
}

function pushing({ uid }, total, rate, server) {
  return steadily(total, rate, (n) => server.push(uid, DOWN, n));
}

async function steadily(total, rate, act) {
  const start = Date.now();
  for (let n = 0; n < total; n++) {
    const early = start + (n * 1000) / rate - Date.now();
    if (early > 0) await sleep(early);
    await act(n);
  }
}

/** Once in every second, at some point of it. */
async function cutting({ proxy, random }, signal) {
  const start = Date.now();
  for (let second = 0; !signal.aborted; second++) {
    await pause(start + (second + random()) * 1000 - Date.now(), signal);
    if (!signal.aborted) proxy.cut();
  }
}

async function alternating({ proxy, type, window }, signal) {
  for (let isBlocked = false; type === "auto" && !signal.aborted; isBlocked = !isBlocked) {
    proxy.block(isBlocked);
    if (!isBlocked) window.dispatchEvent(new Event("online"));
    await pause(ALTERNATE_MS, signal);
  }
  proxy.block(false);
}

function sum(clients, seen, total) {
  const ups = clients.map(({ chsk }) => seen.get(chsk.clientId));
  const inBoth = (f) => ({ up: f("up"), down: f("down") });
  const tallies = inBoth((direction) =>
    clients.map(({ heard }, i) => tally(total, direction === "up" ? ups[i].map(({ n }) => n) : heard)),
  );
  const times = inBoth((direction) =>
    clients.map(({ cameAt }, i) => (direction === "up" ? ups[i].map(({ at }) => at) : cameAt)),
  );
  const add = (values) => values.reduce((a, b) => a + b, 0);
  return {
    cuts: add(clients.map(({ proxy }) => proxy.cuts.length)),
    moves: add(clients.map(({ moves }) => moves)),
    refused: add(clients.map(({ refused }) => refused)),
    problems: clients.flatMap(({ problems }) => problems),
    ...inBoth((direction) => ({
      sent: add(tallies[direction].map(({ sent }) => sent)),
      delivered: add(tallies[direction].map(({ delivered }) => delivered)),
      duplicates: add(tallies[direction].map(({ duplicates }) => duplicates)),
      reordered: add(tallies[direction].map(({ reordered }) => reordered)),
      // What the server said meanwhile to a session that ended is not known one by one: all that is missing.
      told: add(
        clients.map(({ lost }, i) => (direction === "up" ? lost : lost && total - tallies.down[i].delivered)),
      ),
      recovered: clients.flatMap(({ proxy }, i) => recoveries(proxy.cuts, direction, times[direction][i])),
    })),
  };
}

async function until(isSo, what) {
  for (const start = Date.now(); !isSo(); await sleep(20)) {
    if (Date.now() - start > 30_000) throw new Error(`waited in vain until ${what}`);
  }
}

/** Waits, but not beyond the signal. */
function pause(ms, signal) {
  return sleep(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
}

/** Mulberry32: the same numbers for the same seed, at least 0 and below 1. */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
