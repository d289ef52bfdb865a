import { describe, expect, test } from "vitest";
import { failSilently, required, settle, start, startOpen } from "./support/fakes.js";

const PING = JSON.stringify([["chsk/ws-ping"], "ping"]);
const LOST = { reason: "unexpected", code: 1006 };

describe("opening", () => {
  test("the url has params first, then client-id, then the token", async () => {
    const { socket } = await start({
      type: "ws",
      params: { uid: "da ve", foo: "b&r", none: null, n: 1, yes: true },
      csrfToken: "tok-1234",
      headers: { authorization: "x" },
    });
    expect(socket().url).toBe(
      "wss://example.org/chsk?uid=da%20ve&foo=b%26r&n=1&yes=true&client-id=client-A&csrf-token=tok-1234&packer=json",
    );
    expect(socket().headers).toEqual({ authorization: "x" });
    expect(socket().binaryType).toBe("arraybuffer");
  });

  test("params, headers and token are asked for anew for each connection", async () => {
    let n = 0;
    const world = await start({
      type: "ws",
      params: () => ({ p: n }),
      headers: () => Promise.resolve({ h: String(n) }),
      csrfToken: () => Promise.resolve(`t${++n}`),
    });
    world.socket().open();
    world.socket().drop();
    await world.clock.advance(125);
    expect(world.socket().url).toBe(
      "wss://example.org/chsk?p=1&client-id=client-A&csrf-token=t2&packer=json",
    );
    expect(world.socket().headers).toEqual({ h: "1" });
  });

  test("a token that cannot be had is an attempt that failed", async () => {
    const { chsk, errors, sockets } = await start({
      type: "ws",
      csrfToken: () => Promise.reject(new Error("no token")),
    });
    expect(sockets).toHaveLength(0);
    expect(errors).toMatchObject([{ error: { message: "no token" }, where: "connect" }]);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "unexpected" } });
    expect(chsk.state.nextReconnectAt).not.toBeNull();
  });

  test("it is open with the handshake, not before", async () => {
    const { chsk, socket } = await start({ type: "ws" });
    socket().readyState = 1;
    expect(chsk.send("a/b")).toBe(true);
    expect(socket().sent).toEqual([]);
    socket().open(null, { motd: "hello" });
    expect(socket().sent).toEqual(['[["a/b"],null]']);
    expect(chsk.state).toMatchObject({
      open: true,
      firstOpen: true,
      uid: null,
      handshakeData: { motd: "hello" },
    });
  });

  test("auto gives up after 5 s without a handshake, and goes on by long-polling", async () => {
    const { chsk, clock, gets, socket } = await start();
    await clock.advance(4_999);
    expect(gets()).toHaveLength(0);
    await clock.advance(1);
    expect(socket().closedWith).toEqual([1000, "CLOSE_NORMAL"]);
    expect(chsk.state).toMatchObject({
      type: "ajax",
      open: false,
      lastClose: { reason: "handshake-timeout", type: "ws" },
    });
    await required(gets()[0]).json([["chsk/handshake", ["alice", null, null]], null]);
    expect(chsk.state).toMatchObject({ type: "ajax", open: true, firstOpen: true });
    socket().open();
    expect(chsk.state.type).toBe("ajax");
  });

  test("auto goes on by long-polling at once if the first attempt fails, without asking why", async () => {
    const { chsk, gets, socket } = await start();
    socket().drop();
    await settle();
    expect(gets()).toHaveLength(1);
    expect(chsk.state).toMatchObject({ type: "ajax", lastClose: LOST });
  });

  test("ws alone is patient for 20 s", async () => {
    const { chsk, clock, sockets } = await start({ type: "ws" });
    await clock.advance(19_999);
    expect(chsk.state.lastClose).toBeNull();
    await clock.advance(1 + 125);
    expect(chsk.state).toMatchObject({ lastClose: { reason: "handshake-timeout" } });
    expect(sockets).toHaveLength(2);
  });

  test("auto is long-polling where there is no WebSocket, and ws says that there is none", async () => {
    const without = { WebSocket: undefined as never };
    const { gets, chsk } = await start(without);
    expect(gets()).toHaveLength(1);
    expect(chsk.state.type).toBe("ajax");
    await expect(start({ type: "ws", ...without })).rejects.toThrow("no WebSocket here");
  });
});

test("requests end at once where the client is refused: those that have gone out as closed, the others as refused", async () => {
  const { chsk, gets, socket } = await startOpen();
  const ask = (): Promise<unknown> => chsk.request("a/b").catch((error: unknown) => error);
  const out = ask();
  socket().drop(4500, true);
  expect(await out).toMatchObject({ kind: "closed" });
  chsk.connect();
  await settle();
  const waiting = ask();
  socket().drop();
  await settle();
  await required(gets()[0]).answer("", 403);
  expect(await waiting).toMatchObject({ kind: "refused" });
});

describe("a refused upgrade", () => {
  test("may be an error only, as in Node 22", async () => {
    const { chsk, gets, socket } = await start({ type: "ws" });
    failSilently(socket());
    await settle();
    await required(gets()[0]).answer("", 403);
    expect(chsk.state.lastClose).toMatchObject({ reason: "refused", status: 403, code: 1006 });
  });

  test.each([401, 403])(
    "is asked about by HTTP: %i is final until the application says otherwise",
    async (status) => {
      const { chsk, clock, gets, sockets, socket } = await start({ type: "ws", csrfToken: "wrong" });
      socket().drop();
      await settle();
      const probe = required(gets()[0]);
      expect(probe.url.searchParams.get("handshake?")).toBe("1");
      expect(probe.headers["x-csrf-token"]).toBe("wrong");
      await probe.answer("Bad CSRF token", status);
      expect(chsk.state).toMatchObject({
        nextReconnectAt: null,
        lastClose: { reason: "refused", status, code: 1006 },
      });
      await clock.advance(3_600_000);
      expect(sockets).toHaveLength(1);
      expect(chsk.send("a/b")).toBe(false);
      await expect(chsk.request("a/b")).rejects.toMatchObject({ kind: "refused" });

      chsk.reconnect();
      await settle();
      socket().open();
      expect(chsk.state.open).toBe(true);
    },
  );

  test.each([200, 404, 500])("is tried again after %i", async (status) => {
    const { chsk, clock, gets, sockets, socket } = await start({ type: "ws" });
    socket().drop();
    await required(gets()[0]).answer("", status);
    expect(required(gets()[0]).isAborted()).toBe(true);
    expect(chsk.state.lastClose).toMatchObject({ ...LOST, status });
    await clock.advance(125);
    expect(sockets).toHaveLength(2);
  });

  test("is tried again if HTTP gets no answer either", async () => {
    const { chsk, clock, gets, sockets, socket } = await start({ type: "ws" });
    socket().drop();
    await required(gets()[0]).fail();
    expect(chsk.state.lastClose).toMatchObject(LOST);
    await clock.advance(125);
    expect(sockets).toHaveLength(2);
  });
});

describe("keep-alive", () => {
  test("a server from which nothing came for 20 s is pinged, and any answer will do", async () => {
    const { chsk, clock, socket } = await startOpen();
    await clock.advance(10_000);
    socket().json([[["a/b"]], null]);
    await clock.advance(19_999);
    expect(socket().sent).toEqual([]);
    await clock.advance(1);
    expect(socket().sent).toEqual([PING]);
    await clock.advance(4_999);
    socket().json(["pong", "ping"]);
    await clock.advance(20_000);
    expect(socket().sent).toEqual([PING, PING]);
    expect(chsk.state.open).toBe(true);
  });

  test("a server that leaves a ping unanswered for 5 s is taken for gone", async () => {
    const { chsk, clock, socket, sockets } = await startOpen();
    await clock.advance(25_000);
    expect(socket(0).closedWith).toEqual([1000, "CLOSE_NORMAL"]);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "ws-ping-timeout" } });
    await clock.advance(125);
    expect(sockets).toHaveLength(2);
  });

  test("the server's ping is answered", async () => {
    const { errors, socket } = await startOpen();
    socket().json(["chsk/ws-ping", null]);
    expect(socket().sent).toEqual(['[["chsk/ws-pong"],null]']);
    expect(errors).toEqual([]);
  });

  test("0 is never", async () => {
    const { chsk, clock, socket } = await startOpen({ wsKeepAliveMs: 0 });
    await clock.advance(3_600_000);
    expect(socket().sent).toEqual([]);
    expect(chsk.state.open).toBe(true);
    expect(clock.waiting).toBe(0);
  });
});

describe("closing", () => {
  test("a server's close brings the client back", async () => {
    const { chsk, clock, sockets, socket } = await startOpen();
    socket().drop(1000, true);
    expect(chsk.state.lastClose).toMatchObject({ reason: "clean", code: 1000 });
    await clock.advance(125);
    expect(sockets).toHaveLength(2);
  });

  test("disconnect leaves nothing behind", async () => {
    const { chsk, clock, socket, sockets } = await startOpen();
    const answer = chsk.request("a/b");
    chsk.disconnect();
    await expect(answer).rejects.toMatchObject({ kind: "closed" });
    expect(socket().closedWith).toEqual([1000, "CLOSE_NORMAL"]);
    expect(chsk.state).toMatchObject({
      open: false,
      nextReconnectAt: null,
      lastClose: { reason: "requested-disconnect" },
    });
    expect(clock.waiting).toBe(0);
    expect(chsk.send("a/b")).toBe(false);
    socket().json([[["a/b"]], null]);

    chsk.connect();
    await settle();
    expect(sockets).toHaveLength(2);
    socket().open();
    expect(chsk.state).toMatchObject({ open: true, firstOpen: false });
  });

  test("disconnect while a function for the token is still running opens nothing", async () => {
    let give: (token: string) => void = () => undefined;
    const world = await start({ type: "ws", csrfToken: () => new Promise((resolve) => (give = resolve)) });
    world.chsk.disconnect();
    give("late");
    await settle();
    expect(world.sockets).toHaveLength(0);
    expect(world.clock.waiting).toBe(0);
  });

  test("breakConnection closes with 3000, or lets go without a word", async () => {
    const { chsk, clock, socket, sockets } = await startOpen();
    const heard: unknown[] = [];
    chsk.on("a/b", (data) => heard.push(data));
    chsk.breakConnection();
    expect(socket(0).closedWith).toEqual([3000, "CLOSE_ABNORMAL"]);
    expect(chsk.state.lastClose).toMatchObject({ reason: "clean", code: 3000 });
    await clock.advance(125);
    socket(1).open();

    chsk.breakConnection({ close: false });
    expect(socket(1).closedWith).toBeUndefined();
    expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected" });
    socket(1).json([[["a/b", "late"]], null]);
    await clock.advance(250);
    socket(2).open();
    socket(2).json([[["a/b", "now"]], null]);
    expect(heard).toEqual(["now"]);
    expect(sockets).toHaveLength(3);

    chsk.disconnect();
    expect(socket(1).closedWith).toEqual([1000, "CLOSE_NORMAL"]);
  });
});

test("a socket that cannot get rid of what it has is given no more", async () => {
  const { chsk, clock, socket } = await startOpen();
  socket().bufferedAmount = 2 ** 20 + 1;
  expect(chsk.send("a/b", 1)).toBe(true);
  expect(socket().sent).toEqual([]);
  await clock.advance(100);
  socket().bufferedAmount = 0;
  await clock.advance(100);
  expect(socket().sent).toEqual(['[["a/b",1],null]']);
});

test.each([
  "",
  "not json",
  "null",
  "1",
  "{}",
  "[]",
  "[1,2,3]",
  "[null,null]",
  '["chsk/unknown",null]',
  '[["chsk/handshake"],null]',
  '[["chsk/handshake",7],null]',
  '[["not/a-batch"],null]',
  '[1,{"toString":1}]',
  '[{"__proto__":{"polluted":1}},null]',
  new ArrayBuffer(3),
  { a: "blob" },
  null,
  undefined,
  `[[["a/b","${"x".repeat(2 ** 20)}"]],null]`,
])("a frame that is none is reported and ignored: %j", async (frame) => {
  const { chsk, errors, socket } = await startOpen();
  const heard: unknown[] = [];
  chsk.on("a/b", (data) => heard.push(data));
  socket().receive(frame);
  expect(errors).toMatchObject([{ where: "frame" }]);
  socket().json([[["a/b", 1]], null]);
  expect(heard).toEqual([1]);
  expect(chsk.state.open).toBe(true);
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});
