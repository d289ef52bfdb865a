import { describe, expect, test } from "vitest";
import { msgpack } from "../../src/packer/msgpack/index.js";
import { required, settle, startAny, type FakeRequest } from "../support/fakes.js";
import { bodyOf, handshake, startStreamPolling } from "../support/stream.js";

const batch = (...numbers: number[]): unknown => [numbers.map((n) => ["a/b", n])];

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

  test("V19: a server that takes nothing for long, but answers, is waited for", async () => {
    const { chsk, clock, posts } = await startStreamPolling({ pollTimeoutMs: Infinity });
    chsk.send("a/b", 1);
    for (let ms = 0; ms < 20_000; ms += 100) {
      await required(posts().at(-1)).json([["chsk/ack", 0]]);
      await clock.advance(100);
    }
    expect(chsk.state).toMatchObject({ open: true, lastClose: null });
    expect(posts().length).toBeLessThan(12);
    await clock.advance(3_200);
    await required(posts().at(-1)).json([["chsk/ack", 1]]);
    chsk.send("a/b", 2);
    expect(bodyOf(posts().at(-1))).toEqual(batch(2));
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

  test("V19: one gap after the other has pauses between, and is given up", async () => {
    const { chsk, clock, posts } = await startStreamPolling();
    for (let n = 1; n <= 9; n++) chsk.send("a/b", n);
    await required(posts()[0]).json([["chsk/ack", 1]]);
    for (let n = 1; n <= 6; n++) {
      expect(posts()).toHaveLength(n + 1);
      await required(posts()[n]).answer("9", 409);
      chsk.send("a/b");
      expect(posts()).toHaveLength(n + 1);
      await clock.advance(4_000);
    }
    expect(chsk.state).toMatchObject({ open: false });
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

  test("V19: what the packer does not pack together goes one by one", async () => {
    const packer = msgpack({ maxLength: 16_384 });
    const { chsk, clock, gets, posts } = await startAny({ type: "ajax", packer });
    const greeting = handshake() as [[string, unknown[]]];
    Object.assign(greeting[0][1][3] as object, { "max-message-bytes": 1 << 20 });
    await required(gets()[0]).answer(packer.pack(greeting));
    for (let n = 1; n <= 6; n++) expect(chsk.send("a/b", "x".repeat(5_000))).toBe(true);
    for (let n = 1; n <= 3; n++) {
      await required(posts()[n - 1]).answer(packer.pack([["chsk/ack", n]]));
      await clock.advance(100);
    }
    expect(posts().map(({ url }) => url.searchParams.get("first"))).toEqual(["1", "2", "3", "4"]);
    expect(packer.unpack(posts()[3]?.body as Uint8Array<ArrayBuffer>)).toEqual([
      Array(3).fill(["a/b", "x".repeat(5_000)]),
    ]);
  });

  test.each([400, 413])("V24: %i ends the session, which would send the same again", async (status) => {
    const { chsk, gets, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    await required(posts()[0]).answer("", status);
    expect(chsk.state.lastClose).toMatchObject({ reason: "protocol", status });
    chsk.connect();
    await settle();
    expect(gets().at(-1)?.headers).not.toHaveProperty("x-sente-session");
    await required(gets().at(-1)).json(handshake({ session: "S2" }));
    expect(chsk.state.lost).toEqual({ reason: "protocol", sent: ["a/b"] });
    expect(posts()).toHaveLength(1);
  });

  test.each(["<html>", '"log in"'])(
    "V24: what is no frame (%s) is the network's: the same goes again",
    async (page) => {
      const { chsk, clock, gets, posts } = await startStreamPolling();
      chsk.send("a/b", 1);
      await required(posts()[0]).answer(page);
      expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected", status: 200 });
      await clock.advance(250);
      await required(gets().at(-1)).json(handshake({ resumed: true }));
      expect(posts()[1]?.url.searchParams.get("first")).toBe("1");
    },
  );

  test("V20: 410, and a gap that cannot be closed, ask for a handshake", async () => {
    for (const [text, status] of [
      ["", 410],
      ["0", 409],
      ["", 409],
      ["<html>", 409],
      ["99", 409],
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

  test.each([
    ["resumed", { resumed: true }],
    ["another one", { session: "S2", lost: "unknown-session" }],
  ])("V20, V27: after 410 a session that is %s at once is used after a pause", async (_, info) => {
    const { chsk, clock, gets, posts } = await startStreamPolling();
    chsk.send("a/b", 1);
    chsk.send("a/b", 2);
    await required(posts()[0]).answer("", 410);
    await required(gets()[2]).json(handshake(info));
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected" } });
    expect(posts()).toHaveLength(2);
    expect(gets()).toHaveLength(3);
    await clock.advance(124);
    expect(posts()).toHaveLength(2);
    expect(gets()).toHaveLength(3);
    await clock.advance(1);
    await required(gets()[3]).json(handshake({ ...info, resumed: true }));
    expect(posts()).toHaveLength(3);
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

test.each([
  ["small, as where a frozen page never heard of its answer", "x", 20_000],
  ["large, since the way up may be slow", "x".repeat(70_000), 60_000],
  ["large in bytes, of which some characters take three", "\u6771".repeat(30_000), 60_000],
])("V19: a POST is tried again when it has not been answered for long; %s", async (_, data, ms) => {
  const { chsk, clock, gets, posts } = await startAny({ type: "ajax" });
  await required(gets()[0]).json(handshake({ "max-message-bytes": 1_000_000 }));
  await clock.advance(ms / 2);
  await required(gets()[1]).json([["chsk/timeout"]]);
  chsk.send("a/b", data);
  await clock.advance(ms / 2);
  await required(gets()[2]).json([["chsk/timeout"]]);
  await clock.advance(ms / 2 - 1);
  expect(posts()).toHaveLength(1);
  await clock.advance(1_000);
  expect(posts()[1]?.url.searchParams.get("first")).toBe("1");
});

test("V19: what was not answered in time goes in smaller parts, since the way up may be slow", async () => {
  const { chsk, clock, gets, posts } = await startAny({ type: "ajax" });
  await required(gets()[0]).json(handshake({ "max-message-bytes": 1_000_000 }));
  for (let n = 0; n <= 60; n++) chsk.send("a/b", "x".repeat(n && 1_000));
  await required(posts()[0]).json([["chsk/ack", 1]]);
  const last = (): number => (bodyOf(posts().at(-1)) as unknown[][])[0]?.length ?? 0;
  expect(last()).toBe(60);
  await clock.advance(20_200);
  expect(posts()[2]?.url.searchParams.get("first")).toBe("2");
  expect(last()).toBe(32);
  await clock.advance(20_400);
  expect(last()).toBe(16);
  // The server may have got the whole of the first all the same.
  await required(posts()[3]).json([["chsk/ack", 61]]);
  chsk.send("a/b", 1);
  expect(posts()[4]?.url.searchParams.get("first")).toBe("62");
});
