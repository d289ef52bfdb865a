/**
 * The client against the real Java server, through a proxy that breaks connections at any byte: thousands of numbered
 * events both ways, and all of them there, once and in order. Runs where SENTE_TEST_SERVER holds the command that runs
 * the server, as in `./sente test`. SENTE_SEEDS says how many seeds to run.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { connect, type ChskError, type ChskState, type Packer } from "../../src/index.js";
import { edn } from "../../src/packer/edn/index.js";
import { json } from "../../src/packer/json.js";
import { randomOf } from "../support/random.js";
import { startProxy } from "./faultProxy.js";
import { COMMAND, startServer, type JavaServer } from "./server.js";

const EVENTS = 1_000;
const BATCH = 50;
const SEEDS = Number(process.env["SENTE_SEEDS"] ?? 2);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("in ./sente test there is a Java server", () => {
  const isSenteTest = process.env["SENTE_REPORT"] !== undefined;
  expect(isSenteTest && !COMMAND, "SENTE_TEST_SERVER must be set").toBe(false);
});

describe.runIf(COMMAND)("the Java server", () => {
  let server: JavaServer;
  beforeAll(async () => {
    server = await startServer(
      "--ws-kalive-ms",
      "1000",
      "--ws-ping-timeout-ms",
      "500",
      "--lp-timeout-ms",
      "1000",
    );
  }, 300_000);
  afterAll(() => server.stop());
  afterEach(() => vi.unstubAllGlobals());

  const runs = Array.from({ length: SEEDS }, (_, i) => i + 1).flatMap((seed) =>
    (["ws", "ajax", "auto"] as const).map((type) => [type, seed] as const),
  );
  test.each(runs)("%s, seed %i: all events both ways, once and in order", { timeout: 120_000 }, run);

  async function run(type: "ws" | "ajax" | "auto", seed: number): Promise<void> {
    const random = randomOf(seed * 31 + type.length);
    const proxy = await startProxy(server.port, seed);
    const window = new EventTarget();
    vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
    vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
    const uid = `${type}-${seed}`;
    const problems: unknown[] = [];
    const packer: Packer = seed % 2 === 0 ? edn() : json;
    const chsk = connect(`http://127.0.0.1:${proxy.port}/chsk`, {
      WebSocket,
      type,
      packer,
      params: { uid },
      handshakeTimeoutMs: 500,
      // Waits are short, since it would soon wait for as long as it does for a server that is down.
      random: () => random.next() / 50,
      pollTimeoutMs: 2_000,
      onError: (error, where) => where === "protocol" && problems.push(error),
    });
    const heard: string[] = [];
    const states: ChskState[] = [];
    chsk.onAny(({ id, data }) => heard.push(`${id} ${String(data)}`));
    chsk.onState((state) => {
      states.push(state);
      if (state.lost) problems.push(state.lost);
    });

    async function send(): Promise<void> {
      for (let n = 0; n < EVENTS; n++) {
        while (!chsk.send("real/up", n)) {
          if (problems.length > 0) return;
          await sleep(5);
        }
        if (random.chance(0.1)) await sleep(random.int(0, 10));
      }
    }
    async function push(): Promise<void> {
      while (!chsk.state.everOpened) await sleep(5);
      for (let n = 0; n < EVENTS / BATCH; n++) {
        await server.control("push", { uid: JSON.stringify(uid), ev: `[:real/down-${n}]`, n: BATCH });
        await sleep(random.int(0, 100));
      }
    }
    async function echo(n: number): Promise<unknown> {
      try {
        return await chsk.request("test/echo", n, { timeoutMs: 60_000 });
      } catch (error) {
        if (problems.length > 0 || (error as ChskError).kind !== "refused") return error;
        await sleep(20);
        return echo(n);
      }
    }
    async function ask(): Promise<unknown[]> {
      const answers: Promise<unknown>[] = [];
      for (let n = 0; n < 50; n++) {
        answers.push(echo(n));
        await sleep(random.int(0, 40));
      }
      return Promise.all(answers);
    }
    async function disturb(): Promise<void> {
      for (let n = 0; n < 20 && type === "auto"; n++) {
        proxy.blockWebSockets(n % 2 === 0);
        if (n % 2 === 0) chsk.breakConnection({ close: random.chance(0.5) });
        else window.dispatchEvent(new Event("online"));
        await sleep(random.int(20, 200));
      }
      proxy.blockWebSockets(false);
    }

    const [answers] = await Promise.all([ask(), send(), push(), disturb()]);
    proxy.heal();
    const up = async (): Promise<string[]> => {
      const log = await server.control("log", { since: 0 });
      const mine = log.split("\n").filter((line) => line.includes(chsk.clientId));
      return mine.flatMap((line) => /\[:real\/up (\d+)\]/.exec(line)?.[1] ?? []);
    };
    while (problems.length === 0 && (heard.length < EVENTS || (await up()).length < EVENTS)) await sleep(50);
    await sleep(100);

    expect(problems).toEqual([]);
    expect(heard).toEqual(
      Array.from({ length: EVENTS }, (_, n) => `real/down-${Math.floor(n / BATCH)} ${n % BATCH}`),
    );
    expect(await up()).toEqual(Array.from({ length: EVENTS }, (_, n) => String(n)));
    expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(proxy.faults()).toBeGreaterThan(0);
    if (type === "auto")
      expect(new Set(states.filter(({ open }) => open).map((state) => state.type)).size).toBe(2);
    chsk.disconnect();
    await proxy.stop();
  }
});
