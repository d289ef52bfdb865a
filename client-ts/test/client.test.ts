import { describe, expect, test } from "vitest";
import { ChskError, type ChskState } from "../src/index.js";
import { edn, EdnError } from "../src/packer/edn/index.js";
import { msgpack } from "../src/packer/msgpack/index.js";
import { transit } from "../src/packer/transit/index.js";
import { settle, start, startAny, startOpen } from "./support/fakes.js";
import { startStream } from "./support/stream.js";

describe("events in", () => {
  test("each handler of the id hears them in the order sent, until it is removed", async () => {
    const { chsk, socket } = await startOpen();
    const heard: unknown[] = [];
    const stop = chsk.on("a/b", (data, event) => heard.push(["first", data, event.id]));
    chsk.on("a/b", (data) => heard.push(["second", data]));
    socket().json([[["a/b", 1], ["a/c", 2], ["a/b"]], null]);
    stop();
    socket().json([[["a/b", 3]], null]);
    expect(heard).toEqual([
      ["first", 1, "a/b"],
      ["second", 1],
      ["first", undefined, "a/b"],
      ["second", undefined],
      ["second", 3],
    ]);
  });

  test("onAny hears all, and is told whether anybody else did", async () => {
    const { chsk, socket } = await startOpen();
    const heard: unknown[] = [];
    chsk.on("a/b", () => undefined);
    const stop = chsk.onAny((event, isHandled) => heard.push([event, isHandled]));
    socket().json([[["a/b", 1], ["a/c"]], null]);
    stop();
    socket().json([[["a/b", 2]], null]);
    expect(heard).toEqual([
      [{ id: "a/b", data: 1 }, true],
      [{ id: "a/c", data: undefined }, false],
    ]);
  });

  test("a handler that throws, at once or later, is reported and keeps nothing from the others", async () => {
    const { chsk, errors, socket } = await startOpen();
    const heard: unknown[] = [];
    chsk.on("a/b", () => {
      throw new Error("at once");
    });
    chsk.on("a/b", () => Promise.reject(new Error("later")));
    chsk.on("a/b", (data) => heard.push(data));
    chsk.onState(() => {
      throw new Error("state");
    });
    socket().json([
      [
        ["a/b", 1],
        ["a/b", 2],
      ],
      null,
    ]);
    socket().drop();
    await settle();
    expect(heard).toEqual([1, 2]);
    expect(errors.map(({ error, where }) => [(error as Error).message, where]).sort()).toEqual([
      ["at once", "a/b"],
      ["at once", "a/b"],
      ["later", "a/b"],
      ["later", "a/b"],
      ["state", "onState"],
    ]);
  });

  test("what is no event, or lies in the protocol's namespace, keeps nothing from those after it", async () => {
    const { chsk, errors, socket } = await startOpen();
    const heard: unknown[] = [];
    chsk.onAny(({ id }) => heard.push(id));
    socket().json([
      [
        ["a/b"],
        ["chsk/evil", 1],
        null,
        7,
        [],
        ["no-namespace"],
        ["a/b", 1, 2],
        [7, 1],
        { 0: "a/b" },
        ["a/c"],
      ],
      null,
    ]);
    expect(heard).toEqual(["a/b", "a/c"]);
    expect(errors).toHaveLength(8);
  });

  test("an error handler that throws is nobody's business", async () => {
    const { chsk, socket } = await startOpen({
      onError: () => {
        throw new Error("again");
      },
    });
    socket().receive("junk");
    expect(chsk.state.open).toBe(true);
  });

  test("after disconnect, within a batch, nothing more is delivered", async () => {
    const { chsk, socket } = await startOpen();
    const heard: unknown[] = [];
    chsk.on("a/b", (data) => {
      heard.push(data);
      chsk.disconnect();
    });
    socket().json([
      [
        ["a/b", 1],
        ["a/b", 2],
      ],
      null,
    ]);
    expect(heard).toEqual([1]);
  });
});

describe("events out", () => {
  test("without a connection they wait, and go in the order sent", async () => {
    const { chsk, clock, socket } = await startOpen();
    socket(0).drop();
    expect(chsk.send("a/b", 1)).toBe(true);
    const answer = chsk.request("a/c");
    expect(chsk.send("a/b", 2)).toBe(true);
    await clock.advance(125);
    socket(1).open();
    expect(socket(1).sent).toEqual(['[["a/b",1],null]', '[["a/c"],"800001"]', '[["a/b",2],null]']);
    socket(1).json(["yes", "800001"]);
    expect(await answer).toBe("yes");
  });

  test("what a handler of the state sends goes behind what waited", async () => {
    const { chsk, socket } = await start({ type: "ws" });
    chsk.onState(({ open }) => open && chsk.send("a/b", "late"));
    chsk.send("a/b", "early");
    socket().open();
    expect(socket().sent).toEqual(['[["a/b","early"],null]', '[["a/b","late"],null]']);
  });

  test("the queue is bounded by number", async () => {
    const { chsk, socket } = await start({ type: "ws" });
    for (let i = 0; i < 1024; i++) expect(chsk.send("a/b", i)).toBe(true);
    expect(chsk.send("a/b", 1024)).toBe(false);
    await expect(chsk.request("a/b")).rejects.toMatchObject({
      kind: "refused",
      message: "the queue is full",
    });
    socket().open();
    expect(socket().sent).toHaveLength(1024);
    expect(chsk.send("a/b")).toBe(true);
  });

  test("the queue is bounded by bytes as they go over the wire", async () => {
    const { chsk, socket } = await start({ type: "ws", maxQueuedBytes: 40 });
    expect(chsk.send("a/b", "üüüüüü")).toBe(true); // 28 bytes
    expect(chsk.send("a/b")).toBe(false); // 14 bytes
    socket().open();
    expect(chsk.send("a/b")).toBe(true);
    expect(chsk.send("a/b", "x".repeat(40))).toBe(false);
  });

  test.each([
    "",
    "a",
    "a/",
    "/a",
    ":a/b",
    "a b/c",
    'a/"',
    "a\0/b",
    "a/b\x7f",
    "a/b\x85",
    "chsk/close",
    `a/${"b".repeat(255)}`,
  ])("%j is no id of an application's event", async (id) => {
    const { chsk, socket } = await startOpen();
    expect(() => chsk.send(id)).toThrow(TypeError);
    await expect(chsk.request(id)).rejects.toThrow(/must be like/);
    expect(socket().sent).toEqual([]);
  });

  test.each(["room/42", "chat/say:", "chat/a::b", "a:/b", "a//b/", "a/b,c"])(
    "%j is an id where ids are strings, but no keyword",
    async (id) => {
      const { chsk } = await startOpen();
      expect(chsk.send(id)).toBe(true);
      const world = await start({ type: "ws", packer: edn() });
      expect(() => world.chsk.send(id)).toThrow(EdnError);
      await expect(world.chsk.request(id)).rejects.toThrow(EdnError);
    },
  );

  test("so is data that lies deeper than the server reads", async () => {
    const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
    const levels = { classic: 98, v2: 97, "a request": 95 };
    const { chsk } = await startStream();
    const classic = await startOpen();
    for (const packer of [edn(), msgpack(), transit()]) {
      const world = await startAny({ type: "ws", packer });
      world.chsk.request("a/b", nested(levels["a request"])).catch(() => undefined);
      await expect(world.chsk.request("a/b", nested(levels["a request"] + 1))).rejects.toThrow(
        /deeper than 100/,
      );
      expect(world.chsk.send("a/b", nested(levels.v2))).toBe(true);
      expect(() => world.chsk.send("a/b", nested(levels.v2 + 1))).toThrow(/deeper than 100/);
    }
    expect(chsk.send("a/b", ["[".repeat(101), '\\"'.repeat(101), { "{[": [[], {}] }])).toBe(true);
    expect(classic.chsk.send("a/b", nested(levels.classic))).toBe(true);
  });

  test("data that the packer does not know is the caller's mistake", async () => {
    const { chsk } = await startOpen();
    expect(() => chsk.send("a/b", 1n)).toThrow(TypeError);
    await expect(chsk.request("a/b", 1n)).rejects.toThrow(TypeError);
  });
});

describe("requests", () => {
  test("get their own answers, whatever the order", async () => {
    const { chsk, errors, socket } = await startOpen();
    const answers = [chsk.request("a/b", 1), chsk.request("a/b", 2), chsk.request("a/b", 3)];
    expect(socket().sent).toEqual([1, 2, 3].map((i) => `[["a/b",${i}],"80000${i}"]`));
    socket().json([{ n: 3 }, "800003"]);
    socket().json([null, "800001"]);
    socket().json([[["x/y"]], "800002"]);
    socket().json(["again", "800003"]);
    socket().json(["unknown", "ffffff"]);
    expect(await Promise.all(answers)).toEqual([null, [["x/y"]], { n: 3 }]);
    expect(errors).toEqual([]);
  });

  test("time out, after which a late answer means nothing", async () => {
    const { chsk, clock, socket } = await startOpen();
    const given = chsk.request("a/b", 1, { timeoutMs: 700 }).catch((error: unknown) => error);
    const usual = chsk.request("a/b", 2).catch((error: unknown) => error);
    await clock.advance(700);
    expect(await given).toMatchObject({
      name: "ChskError",
      kind: "timeout",
      message: "no answer within 700 ms",
    });
    await clock.advance(9_300);
    expect(await usual).toBeInstanceOf(ChskError);
    socket().json([1, "800001"]);
  });

  test("that time out in the queue are not sent any more", async () => {
    const { chsk, clock, socket } = await start({ type: "ws" });
    const answer = chsk.request("a/b", 1, { timeoutMs: 700 }).catch((error: unknown) => error);
    chsk.send("a/b", 2);
    await clock.advance(700);
    expect(await answer).toMatchObject({ kind: "timeout" });
    socket().open();
    expect(socket().sent).toEqual(['[["a/b",2],null]']);
  });

  test("that have gone out fail with the connection", async () => {
    const { chsk, socket } = await startOpen();
    const answer = chsk.request("a/b");
    socket().drop();
    await expect(answer).rejects.toMatchObject({ kind: "closed" });
  });

  test("fail at once after disconnect", async () => {
    const { chsk } = await startOpen();
    chsk.disconnect();
    await expect(chsk.request("a/b")).rejects.toMatchObject({ kind: "closed" });
  });
});

test("an option out of range is the caller's mistake", async () => {
  await expect(start({ requestTimeoutMs: -1 })).rejects.toThrow("requestTimeoutMs must be 0 or more, was -1");
  await expect(start({ wsKeepAliveMs: NaN })).rejects.toThrow(TypeError);
});

describe("the state", () => {
  test("is told with the one before it", async () => {
    const { chsk, socket } = await start({ type: "ws" });
    const seen: [ChskState, ChskState][] = [];
    const stop = chsk.onState((...states) => seen.push(states));
    const before = chsk.state;
    socket().open();
    expect(seen).toEqual([[chsk.state, before]]);
    stop();
    chsk.disconnect();
    expect(seen).toHaveLength(1);
  });

  test("may be changed by who is told of it", async () => {
    const { chsk, clock, socket } = await startOpen();
    const seen: boolean[] = [];
    chsk.onState(({ lastClose }) => lastClose?.reason === "unexpected" && chsk.disconnect());
    chsk.onState(({ lastClose }) => seen.push(lastClose?.reason === "requested-disconnect"));
    socket().drop();
    expect(seen).toEqual([false, true]);
    expect(clock.waiting).toBe(0);
  });

  test("reconnect opens a new connection at once", async () => {
    const { chsk, sockets, socket } = await startOpen();
    chsk.reconnect();
    await settle();
    expect(socket(0).closedWith).toEqual([1000, "CLOSE_NORMAL"]);
    expect(sockets).toHaveLength(2);
    expect(chsk.state.lastClose).toMatchObject({ reason: "requested-reconnect" });
  });
});
