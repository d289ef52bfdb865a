import { describe, expect, test } from "vitest";
import { msgpack } from "../../src/packer/msgpack/index.js";
import { required, settle, startAny, type FakeRequest } from "../support/fakes.js";
import { bodyOf, handshake, startStreamPolling } from "../support/stream.js";

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
    const { chsk, gets, posts } = await startStreamPolling();
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

  test("what is no frame at all is not the server's: come back later", async () => {
    const { chsk, errors, gets } = await startStreamPolling();
    await required(gets()[1]).answer("<html>Please log in to the network</html>");
    expect(errors).toHaveLength(1);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected", status: 200 } });
    expect(chsk.state.nextReconnectAt).not.toBeNull();
  });

  test("but the server's it is if it comes again after a good handshake: the session cannot go on", async () => {
    const { chsk, clock, gets } = await startStreamPolling();
    const again = async (): Promise<void> => {
      await clock.advance(1_000);
      await required(gets().at(-1)).json(handshake({ resumed: true }));
    };
    await required(gets()[1]).answer("<html>");
    await again();
    await required(gets()[3]).json([["chsk/timeout"]]);
    await required(gets()[4]).answer("<html>");
    await clock.advance(1_000);
    await required(gets()[5]).answer("<html>");
    await clock.advance(1_000);
    await again();
    await required(gets().at(-1)).answer("[[[");
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected" });
    await again();
    await required(gets().at(-1)).answer("[[[");
    expect(chsk.state).toMatchObject({ nextReconnectAt: null, lastClose: { reason: "protocol" } });
    chsk.connect();
    await settle();
    await required(gets().at(-1)).json(handshake({ session: "S2" }));
    expect(chsk.state).toMatchObject({ open: true, lost: { reason: "protocol", sent: [] } });
    await required(gets().at(-1)).answer("<html>");
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected" });
  });

  test("a frame that is too long ends the session: the server would send it again and again", async () => {
    const { chsk, gets } = await startStreamPolling({ maxMessageBytes: 1000 });
    await required(gets()[1]).json([[["a/b", "x".repeat(1000)]]]);
    expect(chsk.state).toMatchObject({ nextReconnectAt: null, lastClose: { reason: "protocol" } });
    chsk.connect();
    await settle();
    expect(gets()[2]?.headers).not.toHaveProperty("x-sente-session");
    await required(gets()[2]).json(handshake({ session: "S2" }));
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

describe("POSTs", () => {
  test("V19: one is under way at a time, and what waits meanwhile goes as one batch", async () => {
    const { chsk, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    chsk.send("a/b", 2);
    const answer = chsk.request("a/c");
    expect(posts()).toHaveLength(1);
    expect(posts()[0]?.url.search).toBe("?client-id=client-A&packer=json&first=1");
    expect(posts()[0]?.headers).toEqual({ "x-sente": "2", "x-sente-session": "S1" });
    expect(bodyOf(posts()[0])).toEqual([[["a/b", 1]]]);
    await required(posts()[0]).json([["chsk/ack", 1]]);
    expect(posts()[1]?.url.searchParams.get("first")).toBe("2");
    expect(bodyOf(posts()[1])).toEqual([
      [
        ["a/b", 2],
        ["chsk/request", [1, ["a/c"]]],
      ],
    ]);
    await required(posts()[1]).json([["chsk/ack", 3]]);
    expect(posts()).toHaveLength(2);
    chsk.disconnect();
    await expect(answer).rejects.toMatchObject({ kind: "closed" });
  });

  test("V19: a batch is no larger than the server takes", async () => {
    const { chsk, posts } = await startStreamPolling();
    for (let n = 0; n < 5; n++) chsk.send("a/b", "x".repeat(400));
    await required(posts()[0]).json([["chsk/ack", 1]]);
    expect((posts()[1]?.body as string).length).toBeLessThanOrEqual(1000);
    expect(bodyOf(posts()[1])).toEqual([Array(2).fill(["a/b", "x".repeat(400)])]);
  });

  test("V21: replies come by the poll", async () => {
    const { chsk, gets, posts } = await startStreamPolling();
    const answer = chsk.request("a/b");
    await required(posts()[0]).json([["chsk/ack", 1]]);
    await required(gets()[1]).json([[["chsk/reply", [1, "yes"]]]]);
    expect(await answer).toBe("yes");
  });

  test("V19: what was not accepted goes again after a while, with what has come since", async () => {
    const { chsk, clock, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    chsk.send("a/b", 2);
    chsk.send("a/b", 3);
    await required(posts()[0]).json([["chsk/ack", 1]]);
    await required(posts()[1]).json([["chsk/ack", 2]]);
    chsk.send("a/b", 4);
    expect(posts()).toHaveLength(2);
    await clock.advance(100);
    expect(posts()[2]?.url.searchParams.get("first")).toBe("3");
    expect(bodyOf(posts()[2])).toEqual(batch(3, 4));
  });

  test("V19: a lost one is sent again with the same numbers; after five the connection is lost", async () => {
    const { chsk, clock, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    for (let i = 0; i < 4; i++) {
      await required(posts()[i]).fail();
      await clock.advance(2_000);
    }
    expect(posts().map(({ url }) => url.searchParams.get("first"))).toEqual(Array(5).fill("1"));
    expect(chsk.state.open).toBe(true);
    await required(posts()[4]).answer("", 502);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { status: 502 } });
  });

  test("V19: after a gap the client goes on from the server's count", async () => {
    const { chsk, clock, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    chsk.send("a/b", 2);
    await required(posts()[0]).json([["chsk/ack", 1]]);
    await required(posts()[1]).answer("1", 409);
    await clock.advance(200);
    expect(posts()[2]?.url.searchParams.get("first")).toBe("2");
  });

  test("V19: so it does where frames are bytes", async () => {
    const packer = msgpack();
    const world = await startAny({ type: "ajax", packer });
    const answer = (request: FakeRequest | undefined, frame: unknown): Promise<void> =>
      required(request).answer(packer.pack(frame));
    const { chsk, clock, gets, posts } = world;
    await answer(gets()[0], handshake());
    for (let n = 1; n <= 5; n++) chsk.send("a/b", n);
    await answer(posts()[0], [["chsk/ack", 1]]);
    await answer(posts()[1], [["chsk/ack", 4]]);
    await clock.advance(200);
    await required(posts()[2]).answer("5", 409);
    await clock.advance(200);
    expect(gets()).toHaveLength(2);
    expect(posts()).toHaveLength(3);
  });

  test("V20: 410, and a gap that cannot be closed, ask for a handshake", async () => {
    for (const [text, status] of [
      ["", 410],
      ["0", 409],
      ["", 409],
      ["<html>", 409],
      ["1.5", 409],
    ] as const) {
      const { chsk, gets, posts } = await startStreamPolling();
      chsk.send("a/b", 1);
      chsk.send("a/b", 2);
      await required(posts()[0]).json([["chsk/ack", 1]]);
      await required(posts()[1]).answer(text, status);
      expect(gets()[1]?.isAborted()).toBe(true);
      expect(gets()[2]?.url.search).toContain("handshake%3F=1");
      await required(gets()[2]).json(handshake({ session: "S2", lost: "unknown-session" }));
      expect(chsk.state.lost).toEqual({ reason: "unknown-session", sent: ["a/b"] });
      expect(posts()).toHaveLength(2);
    }
  });

  test("V10: more acknowledged than sent is a protocol error", async () => {
    const { chsk, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    await required(posts()[0]).json([["chsk/ack", 2]]);
    expect(chsk.state.lastClose).toMatchObject({ reason: "protocol" });
  });

  test("V23: 403 comes back and sends again, and stays away if it is always answered so", async () => {
    const { chsk, clock, gets, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    for (let i = 0; i < 2; i++) {
      await required(posts()[i]).answer("", 403);
      expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", status: 403 });
      await clock.advance(1_000);
      await required(gets().at(-1)).json(handshake({ resumed: true }));
    }
    expect(bodyOf(posts()[2])).toEqual(batch(1));
    await required(posts()[2]).answer("", 403);
    expect(chsk.state.lastClose).toMatchObject({ reason: "refused", status: 403 });
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

test("what comes late over an abandoned connection is ignored", async () => {
  const { chsk, errors, gets, posts } = await startStreamPolling();
  chsk.send("a/b");
  chsk.breakConnection({ close: false });
  await required(gets()[1]).json(batch(1));
  await required(posts()[0]).json([["chsk/ack", 1]]);
  expect(errors).toEqual([]);
  expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected" });
});
