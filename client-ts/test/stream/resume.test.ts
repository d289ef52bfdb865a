import { describe, expect, test } from "vitest";
import { required, settle, startAny } from "../support/fakes.js";
import { said, shake, startStream } from "../support/stream.js";

const batch = (...numbers: number[]): unknown => [numbers.map((n) => ["a/b", n])];

describe("resuming", () => {
  test("V14: a resumed session gets exactly what the server has not", async () => {
    const { chsk, clock, socket } = await startStream();
    for (let n = 1; n <= 3; n++) chsk.send("a/b", n);
    socket().drop();
    chsk.send("a/b", 4);
    await clock.advance(250);
    shake(socket(), { resumed: true, received: 2 });
    expect(said(socket())).toEqual([[[["a/b", 3]]], [[["a/b", 4]]]]);
    expect(chsk.state).toMatchObject({ open: true, resumed: true, lost: null });
  });

  test("V6, V7: a connection counts from its base, and what was seen before is dropped", async () => {
    const { chsk, clock, socket } = await startStream();
    const heard: unknown[] = [];
    chsk.on("a/b", (data) => heard.push(data));
    socket().json(batch(1, 2));
    socket().drop();
    await clock.advance(250);
    shake(socket(), { resumed: true });
    socket().json(batch(3));
    expect(heard).toEqual([1, 2, 3]);
  });

  test("V13, V14: what was sent and not acknowledged is told as lost, and what was never sent goes into the new session", async () => {
    const { chsk, clock, socket } = await startStream();
    chsk.send("a/acknowledged");
    chsk.send("a/sent");
    socket().json([["chsk/ack", 1]]);
    const sent = chsk.request("a/asked", 1, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    socket().drop();
    chsk.send("a/queued");
    const queued = chsk.request("a/queued-too");
    await clock.advance(250);
    shake(socket(), { session: "S2", lost: "overflow" });
    expect(chsk.state.lost).toEqual({ reason: "overflow", sent: ["a/sent", "a/asked"] });
    expect(await sent).toMatchObject({ kind: "closed" });
    expect(said(socket())).toEqual([[[["a/queued"]]], [[["chsk/request", [2, ["a/queued-too"]]]]]]);
    socket().json([[["chsk/reply", [2, "yes"]]]]);
    expect(await queued).toBe("yes");

    socket().drop();
    await clock.advance(250);
    expect(socket().url).toContain("received=1");
    shake(socket(), { session: "S2", resumed: true, received: 2 });
    expect(chsk.state).toMatchObject({ resumed: true, lost: null });
  });

  test("V4: what waited for the first handshake, and is larger than the server takes, is told as lost", async () => {
    const { chsk, socket } = await startAny({ type: "ws" });
    expect(chsk.send("a/large", "x".repeat(1000))).toBe(true);
    const answer = chsk.request("a/large-too", "x".repeat(1000)).catch((error: unknown) => error);
    chsk.send("a/small");
    shake(socket());
    expect(chsk.state.lost).toEqual({ reason: "too-large", sent: ["a/large", "a/large-too"] });
    expect(await answer).toMatchObject({ kind: "refused" });
    expect(said(socket())).toEqual([[[["a/small"]]]]);
  });

  test("the bound of what may come is none for what goes, of which the server has not spoken yet", async () => {
    const { chsk, socket } = await startAny({ type: "ws", maxMessageBytes: 500 });
    expect(chsk.send("a/b", "x".repeat(600))).toBe(true);
    shake(socket());
    expect(said(socket())).toHaveLength(1);
    const larger = await startAny({ type: "ws", maxMessageBytes: 2 << 20 });
    expect(larger.chsk.send("a/b", "x".repeat(3 << 19))).toBe(true);
  });

  test("V13: a request that was acknowledged ends with its session", async () => {
    const { chsk, clock, socket } = await startStream();
    const answer = chsk.request("a/b", 1, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    socket().json([["chsk/ack", 1]]);
    socket().drop();
    await clock.advance(250);
    shake(socket(), { session: "S2", lost: "unknown-session" });
    expect(await answer).toMatchObject({ kind: "closed" });
    expect(chsk.state.lost).toEqual({ reason: "unknown-session", sent: [] });
  });

  test("one that has gone out is not told as refused where the client is later: the session may be resumed", async () => {
    const { chsk, clock, gets, socket } = await startStream();
    const ask = (id: string): Promise<unknown> =>
      chsk.request(id, 1, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    const out = ask("a/out");
    said(socket());
    socket().drop();
    const waiting = ask("a/waiting");
    await clock.advance(250);
    socket().drop();
    await settle();
    await required(gets()[0]).answer("", 401);
    expect(chsk.state.lastClose).toMatchObject({ reason: "refused", status: 401 });
    expect(await out).toMatchObject({ kind: "closed" });
    expect(await waiting).toMatchObject({ kind: "refused" });
    chsk.connect();
    await settle();
    shake(socket(), { resumed: true, received: 0 });
    expect(said(socket())).toEqual([[[["chsk/request", [1, ["a/out", 1]]]]]]);
  });

  test("a request survives a reconnect", async () => {
    const { chsk, clock, socket } = await startStream();
    const answer = chsk.request("a/b");
    socket().drop();
    await clock.advance(250);
    shake(socket(), { resumed: true, received: 1 });
    expect(said(socket())).toEqual([]);
    socket().json([[["chsk/reply", [1, null]]]]);
    expect(await answer).toBeNull();
  });

  test("a request that times out before it was sent is not sent any more", async () => {
    const { chsk, clock, socket } = await startAny({ type: "ws" });
    const answer = chsk.request("a/b", 1, { timeoutMs: 700 }).catch((error: unknown) => error);
    chsk.send("a/c");
    await clock.advance(700);
    expect(await answer).toMatchObject({ kind: "timeout" });
    shake(socket());
    expect(said(socket())).toEqual([[[["a/c"]]]]);
  });

  test("a handler that reconnects gets the rest of the batch by the new connection", async () => {
    const { chsk, socket } = await startStream();
    const heard: unknown[] = [];
    chsk.on("a/b", (data) => {
      heard.push(data);
      if (data === 1) chsk.reconnect();
    });
    socket().json(batch(1, 2));
    await settle();
    expect(socket().url).toContain("received=1");
    shake(socket(), { resumed: true });
    socket().json(batch(2));
    expect(heard).toEqual([1, 2]);
  });
});

describe("requests of the server", () => {
  test("are answered with what the handler returns, or its promise becomes", async () => {
    const { chsk, socket } = await startStream();
    chsk.answer("ask/me", (data) => ({ got: data }));
    chsk.answer("ask/later", () => Promise.resolve(undefined));
    socket().json([
      [
        ["chsk/request", [1, ["ask/me", 7]]],
        ["chsk/request", [2, ["ask/later"]]],
      ],
    ]);
    await settle();
    expect(said(socket())).toEqual([[[["chsk/reply", [1, { got: 7 }]]]], [[["chsk/reply", [2, null]]]]]);
  });

  test("fail if nothing answers, or what does throws, or cannot be packed", async () => {
    const { chsk, errors, socket } = await startStream();
    const stop = chsk.answer("ask/none", () => 1);
    expect(() => chsk.answer("ask/none", () => 2)).toThrow("is answered already");
    stop();
    chsk.answer("ask/throws", () => {
      throw new Error("no");
    });
    chsk.answer("ask/bigint", () => 1n);
    socket().json([["none", "throws", "bigint"].map((id, i) => ["chsk/request", [i + 1, [`ask/${id}`]]])]);
    await settle();
    expect(said(socket())).toEqual([
      [[["chsk/error", [1, { code: "no-handler", message: "no answer to ask/none" }]]]],
      [[["chsk/error", [2, { code: "handler-error" }]]]],
      [[["chsk/error", [3, { code: "handler-error" }]]]],
    ]);
    expect(errors.map(({ where }) => where)).toEqual(["ask/throws", "ask/bigint"]);
  });

  test("fail if the answer is larger than the server takes, which would end the session", async () => {
    const { chsk, errors, socket } = await startStream();
    chsk.answer("ask/large", () => "x".repeat(1000));
    chsk.answer("ask/next", () => 1);
    socket().json([
      [
        ["chsk/request", [1, ["ask/large"]]],
        ["chsk/request", [2, ["ask/next"]]],
      ],
    ]);
    await settle();
    expect(said(socket())).toContainEqual([[["chsk/error", [1, { code: "handler-error" }]]]]);
    expect(String(required(errors[0]).error)).toContain("too large");
    expect(chsk.state.open).toBe(true);
  });

  test("are not answered in another session", async () => {
    const { chsk, clock, socket } = await startStream();
    let answer: (value: unknown) => void = () => undefined;
    chsk.answer("ask/me", () => new Promise((resolve) => (answer = resolve)));
    chsk.answer("ask/now", () => "now");
    socket().json([[["chsk/request", [1, ["ask/me"]]]]]);
    socket().readyState = 3; // closed, and not yet told
    socket().json([[["chsk/request", [2, ["ask/now"]]]]]);
    await settle();
    socket().drop();
    await clock.advance(250);
    shake(socket(), { session: "S2", lost: "unknown-session" });
    answer("late");
    await settle();
    expect(said(socket())).toEqual([]);
    expect(chsk.state.lost).toEqual({ reason: "unknown-session", sent: [] });
  });
});
