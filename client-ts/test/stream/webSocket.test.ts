import { describe, expect, test } from "vitest";
import { edn } from "../../src/packer/edn/index.js";
import { failSilently, required, settle, startAny } from "../support/fakes.js";
import { handshake, said, shake, startStream } from "../support/stream.js";

const batch = (...numbers: number[]): unknown => [numbers.map((n) => ["a/b", n])];

describe("opening", () => {
  test("V1: secrets go by subprotocols, never in the url", async () => {
    const { chsk, clock, socket } = await startAny({
      type: "ws",
      csrfToken: "tök/+=",
      headers: { Authorization: "Bearer x" },
      params: { a: 1 },
    });
    expect(socket().url).toBe("wss://example.org/chsk?a=1&client-id=client-A&packer=json&received=0");
    expect(socket().protocols).toEqual(["sente.v2", "sente.csrf.dMO2ay8rPQ", "sente.auth.QmVhcmVyIHg"]);
    shake(socket());
    expect(chsk.state).toMatchObject({ open: true, uid: "alice", resumed: false, lost: null });
    socket().drop();
    await clock.advance(250);
    expect(socket().protocols.at(-1)).toBe("sente.session.S1");
  });

  test("V3: the number of messages accepted is in every opening request", async () => {
    const { clock, socket } = await startStream();
    socket().json(batch(1, 2));
    socket().drop();
    await clock.advance(250);
    expect(socket().url).toContain("received=2");
  });

  test("V4: a user, handshake data, and both in edn, plain and exact", async () => {
    for (const exact of [false, true]) {
      const { chsk, socket } = await startAny({ type: "ws", packer: edn({ exact }) });
      socket().receive(
        '[[:chsk/handshake [nil nil :data {:v 2, :session "S", :received 0, :resumed false, :lost nil,' +
          " :ping-ms 0, :timeout-ms 10000, :max-message-bytes 100}]]]",
      );
      expect(chsk.state).toMatchObject({ open: true, uid: null });
      expect(String(chsk.state.handshakeData)).toBe("data");
      chsk.send("a/b", { c: 1 });
      expect(socket().sent).toEqual(["[[[:a/b {:c 1}]]]"]);
      const answer = chsk.request("a/c").catch((error: unknown) => error);
      expect(socket().sent[1]).toBe("[[[:chsk/request [1 [:a/c]]]]]");
      socket().receive('[[[:chsk/error [1 {:code "busy", :message "later"}]]]]');
      expect(await answer).toMatchObject({ kind: "remote", detail: { code: "busy", message: "later" } });
      socket().receive("[[:chsk/ping]]");
      expect(socket().sent[2]).toBe("[[:chsk/pong]]");
    }
  });

  test("a server that speaks classic mode only is told of, and left alone", async () => {
    const { chsk, clock, errors, socket, sockets } = await startAny({ type: "ws" });
    socket().open();
    expect(chsk.state).toMatchObject({
      open: false,
      nextReconnectAt: null,
      lastClose: { reason: "protocol" },
    });
    expect(String(required(errors[0]).error)).toContain("no v2 here");
    expect(chsk.send("a/b")).toBe(false);
    await clock.advance(100_000);
    expect(sockets).toHaveLength(1);
    chsk.reconnect();
    await settle();
    expect(sockets).toHaveLength(2);
  });

  test("so is one that refuses the subprotocol, and shows by HTTP what it speaks", async () => {
    const { chsk, gets, socket } = await startAny({ type: "ws" });
    socket().drop();
    await settle();
    await required(gets()[0]).json([["chsk/handshake", ["alice", null, null]], null]);
    expect(chsk.state.lastClose).toMatchObject({ reason: "protocol" });
  });

  test("so is one whose failure is an error only, as in Node 22", async () => {
    const { chsk, gets, socket } = await startAny({ type: "ws" });
    failSilently(socket());
    await settle();
    await required(gets()[0]).answer("", 401);
    expect(chsk.state.lastClose).toMatchObject({ reason: "refused", status: 401, code: 1006 });
  });

  test("V4: a failed upgrade is asked about by HTTP, in the same session", async () => {
    const { chsk, gets, clock, socket } = await startStream();
    socket().drop();
    await clock.advance(250);
    socket().drop();
    await settle();
    expect(required(gets()[0]).headers).toMatchObject({ "x-sente": "2", "x-sente-session": "S1" });
    await required(gets()[0]).answer("", 403);
    expect(chsk.state.lastClose).toMatchObject({ reason: "refused", status: 403 });
  });
});

describe("the stream", () => {
  test("V5: events go one by one, and come in batches", async () => {
    const { chsk, socket } = await startStream();
    const heard: unknown[] = [];
    chsk.on("a/b", (data) => heard.push(data));
    chsk.send("a/x", 1);
    chsk.send("a/y");
    expect(said(socket())).toEqual([[[["a/x", 1]]], [[["a/y"]]]]);
    socket().json([[["a/b", 1], ["a/b"], ["a/b", { c: [] }]]]);
    expect(heard).toEqual([1, undefined, { c: [] }]);
  });

  test("V9: 128 messages are acknowledged at once, fewer within a second or when pinged", async () => {
    const { clock, socket } = await startStream();
    socket().json(batch(1));
    await clock.advance(500);
    socket().json(batch(2));
    await clock.advance(499);
    expect(said(socket())).toEqual([]);
    await clock.advance(1);
    expect(said(socket())).toEqual([[["chsk/ack", 2]]]);
    socket().json(batch(...Array(128).keys()));
    expect(said(socket())).toEqual([[["chsk/ack", 130]]]);
    await clock.advance(5_000);
    expect(said(socket())).toEqual([]);
    socket().json(batch(1));
    expect(said(socket())).toEqual([]);
    socket().json([["chsk/ping"]]);
    expect(said(socket())).toEqual([[["chsk/pong"]], [["chsk/ack", 131]]]);
  });

  test("V9: the server is pinged where much is not acknowledged", async () => {
    const { chsk, socket } = await startStream({ maxQueuedBytes: 400 });
    const events = (count: number) => Array.from({ length: count }, () => chsk.send("a/b", "x".repeat(40)));
    events(1);
    expect(said(socket())).toHaveLength(1);
    events(2);
    expect(said(socket())).toEqual([expect.anything(), [["chsk/ping"]], expect.anything()]);
    socket().json([["chsk/ack", 1]]);
    events(1);
    expect(said(socket())).toEqual([expect.anything(), [["chsk/ping"]]]);
  });

  test("V9: so it is where a quarter of the messages is not, however small they are", async () => {
    const { chsk, socket } = await startStream({ maxQueuedMessages: 8 });
    chsk.send("a/b");
    chsk.send("a/b");
    expect(said(socket())).toHaveLength(2);
    chsk.send("a/b");
    chsk.send("a/b");
    expect(said(socket())).toEqual([[[["a/b"]]], [["chsk/ping"]], [[["a/b"]]]]);
  });

  test("V10: a server that asks on, and acknowledges no answers, breaks the protocol", async () => {
    const { chsk, socket } = await startStream({ maxQueuedMessages: 0 });
    chsk.answer("ask/me", () => 1);
    const ask = async (from: number, to: number): Promise<void> => {
      const requests = [];
      for (let n = from; n <= to; n++) requests.push(["chsk/request", [n, ["ask/me"]]]);
      socket().json([requests]);
      await settle();
    };
    await ask(1, 16_384);
    await ask(16_385, 16_385);
    expect(chsk.state.open).toBe(true);
    await ask(16_386, 16_386);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { reason: "protocol" } });
  });

  test("V10: what is not acknowledged counts against the bounds", async () => {
    const { chsk, socket } = await startStream({ maxQueuedMessages: 2 });
    expect([chsk.send("a/b"), chsk.send("a/b"), chsk.send("a/b")]).toEqual([true, true, false]);
    await expect(chsk.request("a/b")).rejects.toMatchObject({ kind: "refused" });
    socket().json([["chsk/ack", 1]]);
    expect([chsk.send("a/b"), chsk.send("a/b")]).toEqual([true, false]);
  });

  test("a message that the server would not take is refused here", async () => {
    const { chsk } = await startStream();
    expect(chsk.send("a/b", "x".repeat(1000))).toBe(false);
    expect(chsk.send("a/b", "x".repeat(980))).toBe(true);
  });

  test.each([
    ["V10: more acknowledged than sent", [["chsk/ack", 1]]],
    ["V24: an unknown frame", [["chsk/nonsense"]]],
    ["V24: an unknown message", [[["chsk/nonsense", [1, 2]]]]],
    ["V24: a message that is none", [[["a/b", 1, 2]]]],
    [
      "V24: a request's number that goes back",
      [
        [
          ["chsk/request", [1, ["a/b"]]],
          ["chsk/request", [1, ["a/b"]]],
        ],
      ],
    ],
    ["V24: no frame", { a: 1 }],
    ["V24: nothing", [[]]],
    ["a second handshake", handshake()],
  ])("%s is a protocol error", async (_, frame) => {
    const { chsk, errors, socket } = await startStream();
    socket().json(frame);
    expect(errors).toHaveLength(1);
    expect(socket().closedWith?.[0]).toBe(4501);
    expect(chsk.state).toMatchObject({
      open: false,
      nextReconnectAt: null,
      lastClose: { reason: "protocol" },
    });
  });

  test("after a protocol error the application may begin anew, and is told what was lost", async () => {
    const { chsk, socket } = await startStream();
    chsk.send("a/b");
    socket().receive("junk");
    chsk.reconnect();
    await settle();
    expect(socket().protocols).toEqual(["sente.v2"]);
    shake(socket(), { session: "S2" });
    expect(chsk.state).toMatchObject({
      open: true,
      resumed: false,
      lost: { reason: "protocol", sent: ["a/b"] },
    });
  });
});

describe("staying alive and closing", () => {
  test("V22: a ping is answered, and a server not heard for ping-ms and timeout-ms is lost", async () => {
    const { chsk, clock, socket } = await startStream();
    await clock.advance(12_500);
    socket().json([["chsk/ping"]]);
    expect(said(socket())).toEqual([[["chsk/pong"]]]);
    await clock.advance(22_499);
    expect(chsk.state.open).toBe(true);
    await clock.advance(1);
    expect(chsk.state.lastClose).toMatchObject({ reason: "ws-ping-timeout" });
  });

  test("V23: 4000 to 4499 come back, after the time that the server wants", async () => {
    const { chsk, clock, socket, sockets } = await startStream();
    socket().json([["chsk/close", { code: 4000, reason: "going away", "retry-ms": 7000 }]]);
    expect(chsk.state).toMatchObject({ open: false, lastClose: { code: 4000, reason: "clean" } });
    await clock.advance(7000);
    expect(sockets).toHaveLength(1);
    await clock.advance(250);
    expect(socket().protocols).toContain("sente.session.S1");
  });

  test("what a server has no room for (1013) goes again after a pause", async () => {
    const { chsk, clock, socket, sockets } = await startStream();
    chsk.send("a/b", 1);
    socket().drop(1013, true);
    expect(sockets).toHaveLength(1);
    await clock.advance(250);
    shake(socket(), { resumed: true });
    expect(said(socket())).toContainEqual([[["a/b", 1]]]);
  });

  test.each([4500, 4502, 4503, 4999])(
    "V23: %i stays away, and pending requests end, though the server may have handled them",
    async (code) => {
      const { chsk, clock, socket, sockets } = await startStream();
      const answer = chsk.request("a/b").catch((error: unknown) => error);
      socket().drop(code, true);
      expect(await answer).toMatchObject({ kind: "closed" });
      await clock.advance(100_000);
      expect(sockets).toHaveLength(1);
      expect(chsk.state).toMatchObject({ nextReconnectAt: null, lastClose: { reason: "refused", code } });
      chsk.connect();
      await settle();
      expect(sockets).toHaveLength(2);
    },
  );

  test("V25: a handler of the state that ends it does not make others' messages wait for the next one", async () => {
    const { chsk, clock, socket } = await startAny({ type: "ws" });
    const taken: unknown[] = [];
    let answer: Promise<unknown> | undefined;
    const stop = chsk.onState(({ open }) => open && chsk.disconnect());
    const stopToo = chsk.onState(({ open }) => {
      taken.push(chsk.send("a/b"));
      if (open) answer = chsk.request("a/c").catch((error: unknown) => error);
    });
    shake(socket());
    expect(taken).toEqual([true, false]);
    expect(await answer).toMatchObject({ kind: "closed" });
    expect(clock.waiting).toBe(0);
    stop();
    stopToo();
    chsk.connect();
    await settle();
    shake(socket(), { session: "S2" });
    expect(said(socket())).toEqual([]);
  });

  test("V25: disconnect ends the session, and what is said afterwards begins another", async () => {
    const { chsk, clock, socket } = await startStream();
    const answer = chsk.request("a/b").catch((error: unknown) => error);
    said(socket());
    chsk.disconnect();
    expect(said(socket())).toEqual([[["chsk/close", { code: 1000 }]]]);
    expect(socket().closedWith?.[0]).toBe(1000);
    expect(await answer).toMatchObject({ kind: "closed" });
    expect(clock.waiting).toBe(0);
    chsk.connect();
    await settle();
    expect(socket().protocols).toEqual(["sente.v2"]);
    shake(socket(), { session: "S2" });
    expect(chsk.state.lost).toBeNull();
    expect(said(socket())).toEqual([]);
  });
});
