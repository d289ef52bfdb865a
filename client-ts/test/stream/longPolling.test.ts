import { describe, expect, test } from "vitest";
import { json, type Packer } from "../../src/index.js";
import { edn } from "../../src/packer/edn/index.js";
import { msgpack } from "../../src/packer/msgpack/index.js";
import { required, settle, startAny } from "../support/fakes.js";
import { bodyOf, handshake, shake, startFallenBack, startStreamPolling } from "../support/stream.js";

const batch = (...numbers: number[]): unknown => [numbers.map((n) => ["a/b", n])];

describe("polls", () => {
  test("V2, V4: the first asks for a handshake, with headers and without a secret in the url", async () => {
    const { chsk, gets } = await startStreamPolling({ csrfToken: "tok", params: { a: 1 } });
    const [first, second] = gets();
    expect(first?.url.search).toBe("?a=1&client-id=client-A&packer=json&received=0&handshake%3F=1");
    expect(first?.headers).toEqual({ "x-sente": "2", "x-csrf-token": "tok" });
    expect(second?.url.search).toBe("?a=1&client-id=client-A&packer=json&received=0");
    expect(second?.headers).toMatchObject({ "x-sente-session": "S1" });
    expect(chsk.state).toMatchObject({ type: "ajax", open: true, uid: "alice" });
  });

  test("V18: each names how many messages were accepted, and its answer is counted from there", async () => {
    const { chsk, gets } = await startStreamPolling();
    const heard: unknown[] = [];
    chsk.on("a/b", (data) => heard.push(data));
    await required(gets().at(-1)).json(batch(1, 2));
    expect(gets().at(-1)?.url.searchParams.get("received")).toBe("2");
    await required(gets().at(-1)).json([["chsk/timeout"]]);
    await required(gets().at(-1)).json(batch(3));
    expect(heard).toEqual([1, 2, 3]);
  });

  test("V18: a lost answer is asked for again at once; where that fails too, the connection is lost", async () => {
    const { chsk, clock, gets } = await startStreamPolling();
    await required(gets()[1]).fail();
    expect(gets()).toHaveLength(3);
    await required(gets()[2]).json(batch(1));
    expect(chsk.state.open).toBe(true);
    await required(gets()[3]).answer("", 504);
    await required(gets()[4]).fail();
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", type: "ajax" } });
    await clock.advance(250);
    expect(gets()[5]?.url.search).toContain("received=1&handshake%3F=1");
    await required(gets()[5]).json(handshake({ resumed: true }));
    expect(chsk.state).toMatchObject({ open: true, resumed: true });
  });

  test("V4, V13: one for a session that the server does not know brings a new one", async () => {
    const { chsk, clock, gets, posts } = await startStreamPolling();
    await clock.advance(1_000);
    const states: boolean[] = [];
    chsk.onState(({ open }) => states.push(open));
    chsk.send("a/lost");
    chsk.send("a/queued");
    await required(gets()[1]).json(handshake({ session: "S2", lost: "unknown-session" }));
    expect(chsk.state).toMatchObject({ open: true, lost: { reason: "unknown-session", sent: ["a/lost"] } });
    expect(states).toEqual([true]);
    await required(posts()[0]).answer("", 410);
    expect(posts()[1]?.headers).toMatchObject({ "x-sente-session": "S2" });
    expect(posts()[1]?.url.searchParams.get("first")).toBe("1");
    expect(bodyOf(posts()[1])).toEqual([[["a/queued"]]]);
  });

  test("V13, V27: a session that is replaced at once is told as lost, and the new one kept until after a pause", async () => {
    const { chsk, clock, gets } = await startStreamPolling();
    const told: unknown[] = [];
    chsk.onState(({ open, lost }) => told.push([open, lost?.reason]));
    await clock.advance(999);
    await required(gets()[1]).json(handshake({ session: "S2", lost: "unknown-session" }));
    expect(told.slice(0, 2)).toEqual([
      [true, "unknown-session"],
      [false, "unknown-session"],
    ]);
    expect(chsk.state).toMatchObject({
      open: false,
      lastClose: { reason: "unexpected" },
      lost: { reason: "unknown-session", sent: [] },
    });
    expect(gets()).toHaveLength(2);
    await clock.advance(125);
    expect(gets()[2]?.headers).toMatchObject({ "x-sente-session": "S2" });
    await required(gets()[2]).json(handshake({ session: "S2", resumed: true }));
    expect(chsk.state).toMatchObject({ open: true, resumed: true, lost: null });
  });

  test("V23: the answer to one may be a close", async () => {
    const { chsk, clock, gets } = await startStreamPolling();
    await required(gets()[1]).json([["chsk/close", { code: 4500, reason: "signed out" }]]);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "refused", code: 4500 } });
    await clock.advance(100_000);
    expect(gets()).toHaveLength(2);
  });

  test.each([401, 403])(
    "V23: %i comes back with a fresh token, and stays away if that is refused",
    async (status) => {
      const tokens = ["T1", "T2"];
      const { chsk, clock, gets } = await startStreamPolling({ csrfToken: () => tokens.shift() });
      await clock.advance(50_000);
      await required(gets()[1]).answer("", status);
      expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", status } });
      await clock.advance(250);
      expect(gets()[2]?.url.search).toContain("handshake%3F=1");
      expect(gets()[2]?.headers).toMatchObject({ "x-csrf-token": "T2", "x-sente-session": "S1" });
      await required(gets()[2]).answer("", status);
      expect(chsk.state).toMatchObject({ nextReconnectAt: null, lastClose: { reason: "refused", status } });
    },
  );

  test("503 with Retry-After is honoured", async () => {
    const asked: string[] = [];
    const { chsk, clock } = await startAny({
      type: "ajax",
      fetch: (url) => {
        asked.push(url as string);
        return Promise.resolve(new Response("", { status: 503, headers: { "Retry-After": "20" } }));
      },
    });
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", status: 503 });
    await clock.advance(20_000);
    expect(asked).toHaveLength(1);
    await clock.advance(250);
    expect(asked).toHaveLength(2);
  });

  test("what fetch fails with is told", async () => {
    const error = new TypeError("Cannot convert argument to a ByteString");
    const { chsk } = await startAny({ type: "ajax", fetch: () => Promise.reject(error) });
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", error });
  });

  test("V24: 400 is a protocol error, and so is what is no frame of v2", async () => {
    const { chsk, gets } = await startStreamPolling();
    await required(gets()[1]).answer("", 400);
    expect(chsk.state).toMatchObject({
      nextReconnectAt: null,
      lastClose: { reason: "protocol", status: 400 },
    });
    const other = await startStreamPolling();
    await required(other.gets()[1]).json([["chsk/nonsense"]]);
    expect(other.chsk.state.lastClose).toMatchObject({ reason: "protocol" });
  });

  test.each([
    "<html>Please log in to the network</html>",
    '"Please log in to the network"',
    '["error", "log in"]',
    '{"error": "log in"}',
  ])("what is no frame at all is not the server's: come back later (%s)", async (page) => {
    const { chsk, errors, gets } = await startStreamPolling();
    await required(gets()[1]).answer(page);
    expect(errors).toHaveLength(1);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", status: 200 } });
    expect(chsk.state.nextReconnectAt).not.toBeNull();
  });

  test("but where it comes again after a handshake, it ends the session, which would bring it again and again", async () => {
    const { chsk, clock, gets } = await startStreamPolling();
    const again = async (): Promise<void> => {
      await required(gets().at(-1)).answer('[[["a/b", 1');
      await clock.advance(1_000);
    };
    const comeBack = (): Promise<void> => required(gets().at(-1)).json(handshake({ resumed: true }));
    await again();
    await comeBack();
    await required(gets().at(-1)).json([["chsk/timeout"]]);
    await again();
    await again(); // no handshake either: a network that wants its users to log in
    await comeBack();
    expect(chsk.state.open).toBe(true);
    await again();
    expect(chsk.state).toMatchObject({ nextReconnectAt: null, lastClose: { reason: "protocol" } });
    chsk.connect();
    await settle();
    await required(gets().at(-1)).json(handshake({ session: "S2" }));
    expect(chsk.state.lost).toEqual({ reason: "protocol", sent: [] });
  });

  test("nor after a WebSocket was open meanwhile", async () => {
    const { chsk, clock, gets, socket } = await startFallenBack();
    const page = (): Promise<void> => required(gets().at(-1)).answer("<html>");
    const comeBack = (): Promise<void> => required(gets().at(-1)).json(handshake({ resumed: true }));
    await page();
    await clock.advance(250);
    await comeBack();
    await clock.advance(30_000);
    shake(socket(), { resumed: true });
    await clock.advance(10_000);
    socket().drop();
    await clock.advance(250);
    socket().drop();
    await settle();
    await comeBack();
    await page();
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", status: 200 } });
  });

  test.each<[string, Packer, string]>([
    ["msgpack", msgpack(), "<!doctype html>"],
    ["edn", edn(), "OK"],
    ["json", json, '{"status":"maintenance"}'],
    ["json", json, "[1]"],
    ["json", json, '"Service Unavailable"'],
    ["json", json, '[["chsk/timeout"]]'],
  ])("nor is what is a value in %s by chance", async (_, packer, page) => {
    const { chsk, gets } = await startAny({ type: "ajax", packer });
    await required(gets()[0]).answer(page);
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", status: 200 });
    expect(chsk.state.nextReconnectAt).not.toBeNull();
  });

  test("nor is what is too long, before the handshake and after it; but where it comes again, it is the server's", async () => {
    const { chsk, clock, gets } = await startAny({ type: "ajax", maxMessageBytes: 1000 });
    const page = async (): Promise<void> => {
      await required(gets().at(-1)).answer(`<html>${"x".repeat(1000)}`);
      await clock.advance(1_000);
    };
    await page();
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", status: 200 });
    await required(gets().at(-1)).json(handshake());
    await page();
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", status: 200 });
    await required(gets().at(-1)).json(handshake({ resumed: true }));
    expect(chsk.state.open).toBe(true);
    await page();
    expect(chsk.state).toMatchObject({ nextReconnectAt: null, lastClose: { reason: "protocol" } });
    expect(gets().at(-1)?.headers).toHaveProperty("x-sente-session");
    chsk.connect();
    await settle();
    expect(gets().at(-1)?.headers).not.toHaveProperty("x-sente-session");
    await required(gets().at(-1)).json(handshake({ session: "S2" }));
    expect(chsk.state.lost).toEqual({ reason: "protocol", sent: [] });
  });

  test("a server that speaks classic mode only is told of, and left alone", async () => {
    const { chsk, clock, gets } = await startAny({ type: "ajax" });
    await required(gets()[0]).json([["chsk/handshake", ["alice", null, null]], null]);
    expect(chsk.state).toMatchObject({
      open: false,
      nextReconnectAt: null,
      lastClose: { reason: "protocol" },
    });
    await clock.advance(100_000);
    expect(gets()).toHaveLength(1);
  });
});

test("disconnect leaves nothing under way", async () => {
  const { chsk, clock, gets, posts } = await startStreamPolling();
  chsk.send("a/b");
  chsk.disconnect();
  await settle();
  expect([gets()[1]?.isAborted(), posts()[0]?.isAborted()]).toEqual([true, true]);
  expect(clock.waiting).toBe(0);
});

test("V15: who looks often, as by connect, keeps no poll from being answered", async () => {
  const { chsk, clock, gets } = await startStreamPolling();
  const heard: unknown[] = [];
  chsk.on("a/b", (data) => heard.push(data));
  for (let n = 1; n <= 20; n++) {
    const asked = required(gets().at(-1));
    for (let i = 0; i < 4; i++) {
      chsk.connect();
      await clock.advance(100);
    }
    await asked.json([[["a/b", n]]]);
  }
  expect(heard).toHaveLength(20);
  chsk.connect();
  chsk.disconnect();
  expect(clock.waiting).toBe(0);
});

test("what comes late over an abandoned connection is ignored", async () => {
  const { chsk, errors, gets, posts } = await startStreamPolling();
  chsk.send("a/b");
  chsk.breakConnection({ close: false });
  await required(gets()[1]).json(batch(1));
  await required(posts()[0]).json([["chsk/ack", 1]]);
  expect(errors).toEqual([]);
  expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected" });
});
