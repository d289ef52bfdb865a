import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../src/platform.js";
import { startAny, startOpen } from "./support/fakes.js";

describe("a time longer than a platform's timers can wait", () => {
  const DAY_MS = 86_400_000;

  beforeEach(() => {
    // Like a platform's, these go off at once for more than 2^31 - 1 ms.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How many timers are set while so many days pass; one that goes off at once is set again and again. */
  async function setIn(days: number): Promise<number> {
    const set = vi.spyOn(globalThis, "setTimeout");
    for (let i = 0; i < 5; i++) await vi.advanceTimersByTimeAsync(10);
    await vi.advanceTimersByTimeAsync(days * DAY_MS);
    return set.mock.calls.length;
  }

  test("is none at once for a request", async () => {
    const { chsk } = await startOpen({ clock: systemClock, wsKeepAliveMs: 0 });
    let kind: unknown;
    chsk.request("a/b", 1, { timeoutMs: Infinity }).catch((error: unknown) => {
      kind = (error as { kind: unknown }).kind;
    });
    await setIn(20);
    expect(kind).toBeUndefined();
  });

  test("nor for a handshake", async () => {
    const { chsk } = await startAny({ clock: systemClock, handshakeTimeoutMs: Infinity });
    await setIn(20);
    expect(chsk.state.lastClose).toBeNull();
  });

  test("nor for a poll, nor for a server that wants to be left alone", async () => {
    const asked: unknown[] = [];
    const headers = { "Retry-After": "9999999" };
    const { chsk } = await startAny({
      type: "ajax",
      clock: systemClock,
      pollTimeoutMs: Infinity,
      fetch: (url) => {
        asked.push(url);
        return Promise.resolve(new Response("", { status: 503, headers }));
      },
    });
    expect(chsk.state.lastClose).toMatchObject({ status: 503 });
    await setIn(20);
    expect(asked).toHaveLength(1);
  });

  test("nor for a server that practically never pings", async () => {
    const { socket } = await startAny({ type: "ws", clock: systemClock });
    const info = { v: 2, session: "S", received: 0, resumed: false, lost: null };
    socket().readyState = 1;
    socket().json([
      [
        "chsk/handshake",
        ["a", null, null, { ...info, "ping-ms": 60 * DAY_MS, "timeout-ms": 1, "max-message-bytes": 99 }],
      ],
    ]);
    expect(await setIn(50)).toBeLessThan(10);
  });

  test("nor for a client that never does", async () => {
    await startOpen({ clock: systemClock, wsKeepAliveMs: Infinity });
    expect(await setIn(50)).toBeLessThan(10);
  });
});
