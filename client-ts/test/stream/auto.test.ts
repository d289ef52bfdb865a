/** V26, V27: which transport carries the stream. */
import { afterEach, expect, test, vi } from "vitest";
import { failSilently, required, settle, startAny } from "../support/fakes.js";
import { bodyOf, handshake, said, shake, startFallenBack } from "../support/stream.js";

afterEach(() => vi.unstubAllGlobals());

test("V26: starts with a WebSocket, and goes on by long-polling where it fails", async () => {
  const { chsk, gets, sockets } = await startFallenBack();
  expect(sockets).toHaveLength(1);
  expect(gets()).toHaveLength(2);
  expect(chsk.state).toMatchObject({ type: "ajax", open: true });
});

test("V26: at once where a failed attempt is an error only, as in Node 22", async () => {
  const { clock, gets, socket } = await startAny();
  failSilently(socket());
  await settle();
  expect(gets()).toHaveLength(1);
  await required(gets()[0]).json(handshake());
  await clock.advance(5_000);
  expect(gets()).toHaveLength(2);
});

test("V26: or where it is opened without the subprotocol, and speaks no v2", async () => {
  const { chsk, gets, socket } = await startAny();
  socket().open();
  await settle();
  expect(socket().closedWith?.[0]).toBe(4501);
  expect(String(chsk.state.lastClose?.error)).toContain("no v2 here");
  await required(gets()[0]).json(handshake());
  expect(chsk.state).toMatchObject({ type: "ajax", open: true });
});

test("V26: but a server that speaks classic mode only by long-polling, too, is left alone", async () => {
  const { chsk, gets, socket } = await startAny();
  socket().open();
  await settle();
  await required(gets()[0]).json([["chsk/handshake", ["alice", null, null]], null]);
  expect(chsk.state).toMatchObject({ nextReconnectAt: null, lastClose: { reason: "protocol" } });
});

test("V26: or where it brings no handshake within 5 s", async () => {
  const { clock, gets } = await startAny();
  await clock.advance(4_999);
  expect(gets()).toHaveLength(0);
  await clock.advance(1);
  expect(gets()).toHaveLength(1);
});

test("V26: where a WebSocket was open that is blocked now, the session goes on by long-polling", async () => {
  const { chsk, clock, gets, socket } = await startAny();
  shake(socket());
  chsk.send("a/b");
  socket().drop();
  await clock.advance(250 + 5_000);
  expect(gets()[0]?.headers).toMatchObject({ "x-sente-session": "S1" });
  await required(gets()[0]).json(handshake({ resumed: true }));
  expect(chsk.state).toMatchObject({ type: "ajax", open: true, resumed: true });
});

test("V26: at once where it is refused, however long it was open before", async () => {
  const { clock, gets, socket, sockets } = await startAny();
  shake(socket());
  await clock.advance(10_000);
  socket().drop();
  await clock.advance(250);
  expect(sockets).toHaveLength(2);
  socket().drop();
  await settle();
  expect(gets()[0]?.headers).toMatchObject({ "x-sente-session": "S1" });
});

test("V26: the WebSocket is tried again after 30 s, doubling up to 10 min", async () => {
  const { chsk, clock, sockets, socket } = await startFallenBack({ pollTimeoutMs: Infinity });
  let tried = 1;
  for (const seconds of [30, 60, 120, 240, 480, 600, 600]) {
    await clock.advance(seconds * 1000 - 1);
    expect(sockets).toHaveLength(tried);
    await clock.advance(1);
    expect(sockets).toHaveLength(++tried);
    socket().drop();
    await settle();
  }
  expect(chsk.state).toMatchObject({ type: "ajax", open: true });
});

test("V26: when it opens it takes over, losing and repeating nothing", async () => {
  const { chsk, clock, gets, posts, socket } = await startFallenBack();
  const heard: unknown[] = [];
  const states: unknown[] = [];
  chsk.on("a/b", (data) => heard.push(data));
  chsk.onState(({ open, type, resumed }) => states.push([open, type, resumed]));
  chsk.send("a/x", 1);
  await clock.advance(30_000);
  expect(socket().url).toContain("received=0");
  expect(socket().protocols).toContain("sente.session.S1");
  // A poll's answer slips in while the WebSocket opens.
  await required(gets()[1]).json([
    [
      ["a/b", 1],
      ["a/b", 2],
    ],
  ]);
  // V15: no poll may take over from the WebSocket.
  expect(gets()).toHaveLength(2);
  chsk.send("a/x", 2);
  shake(socket(), { resumed: true, received: 0 });
  expect(said(socket())).toEqual([[[["a/x", 1]]], [[["a/x", 2]]]]);
  expect(posts()[0]?.isAborted()).toBe(true);
  socket().json([
    [
      ["a/b", 1],
      ["a/b", 2],
      ["a/b", 3],
    ],
  ]);
  expect(heard).toEqual([1, 2, 3]);
  expect(states).toEqual([[true, "ws", true]]);
  await clock.advance(1_000);
  expect(said(socket())).toEqual([[["chsk/ack", 3]]]);
  await clock.advance(5_000);
  expect(gets()).toHaveLength(2);
});

test("V12, V14: a session that both a poll and a WebSocket have begun is one session, whose messages go on counting", async () => {
  const { chsk, clock, gets, posts, socket } = await startFallenBack();
  const losses: unknown[] = [];
  chsk.onState(({ lost }, previous) => lost && lost !== previous.lost && losses.push(lost));
  await clock.advance(30_000);
  await required(gets()[1]).json(handshake({ session: "S2", lost: "unknown-session" }));
  chsk.send("a/b", 1);
  expect(posts()[0]?.headers).toMatchObject({ "x-sente-session": "S2" });
  // The POST is under way yet: the server tells the session once more.
  shake(socket(), { session: "S2", lost: "unknown-session", received: 0 });
  expect(losses).toEqual([{ reason: "unknown-session", sent: [] }]);
  expect(said(socket())).toEqual([[[["a/b", 1]]]]);
  socket().json([[["x/y"]]]);
  await clock.advance(1_000);
  expect(said(socket())).toEqual([[["chsk/ack", 1]]]);
});

test("V6: a session told once more counts from its beginning, whatever of the one before it had come", async () => {
  const { chsk, clock, gets, socket } = await startFallenBack();
  const heard: unknown[] = [];
  chsk.on("a/b", (data) => heard.push(data));
  await required(gets()[1]).json([[["a/b", 0]]]);
  await clock.advance(30_000);
  expect(socket().url).toContain("received=1");
  await required(gets()[2]).json(handshake({ session: "S2", lost: "unknown-session" }));
  shake(socket(), { session: "S2", lost: "unknown-session" });
  socket().json([[["a/b", 1]]]);
  expect(heard).toEqual([0, 1]);
});

test("V26: one that hangs holds polls back for 3 s, before the user would be absent", async () => {
  const { clock, gets, socket } = await startFallenBack();
  await clock.advance(30_000);
  await required(gets()[1]).json([["chsk/timeout"]]);
  await clock.advance(2_999);
  expect(gets()).toHaveLength(2);
  await clock.advance(1);
  expect(socket().closedWith).toBeDefined();
  expect(gets()).toHaveLength(3);
});

test("V26: when it does not, polling goes on", async () => {
  const { chsk, clock, gets, posts, socket } = await startFallenBack();
  await clock.advance(30_000);
  await required(gets()[1]).json([["chsk/timeout"]]);
  chsk.send("a/b", 1);
  expect(bodyOf(posts()[0])).toEqual([[["a/b", 1]]]);
  expect(gets()).toHaveLength(2);
  await clock.advance(5_000);
  expect(socket().closedWith).toBeDefined();
  expect(gets()).toHaveLength(3);
  expect(gets()[2]?.url.search).not.toContain("handshake");
  expect(chsk.state).toMatchObject({ type: "ajax", open: true });
});

/** A browser whose network changes as the test says. */
function browser(): { window: EventTarget; move: (type: string) => Promise<void> } {
  const window = new EventTarget();
  const connection = Object.assign(new EventTarget(), { type: "wifi" });
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  vi.stubGlobal("navigator", { connection });
  const move = async (type: string): Promise<void> => {
    connection.type = type;
    connection.dispatchEvent(new Event("change"));
    await settle();
  };
  return { window, move };
}

test("V27: a new estimate of the same network's speed neither ends a wait nor probes", async () => {
  const { move } = browser();
  const { chsk, clock, sockets, socket } = await startFallenBack();
  await clock.advance(30_000);
  socket().drop();
  await move("wifi");
  expect(sockets).toHaveLength(2);
  chsk.breakConnection();
  const { nextReconnectAt } = chsk.state;
  await move("wifi");
  expect(chsk.state.nextReconnectAt).toBe(nextReconnectAt);
  await move("cellular");
  expect(chsk.state.nextReconnectAt).toBeNull();
});

test("V26: a probe that meets what speaks no v2 does not harm the session", async () => {
  const { chsk, clock, errors, gets, socket } = await startFallenBack();
  await clock.advance(30_000);
  socket().open();
  await settle();
  expect(errors).toEqual([]);
  expect(chsk.state).toMatchObject({ type: "ajax", open: true });
  await required(gets().at(-1)).json([["chsk/timeout"]]);
  expect(gets().at(-1)?.headers).toMatchObject({ "x-sente-session": "S1" });
  chsk.reconnect();
  await settle();
  await required(gets().at(-1)).json(handshake({ resumed: true }));
  expect(chsk.state).toMatchObject({ open: true, resumed: true, lost: null });
});

test("V26: it is tried at once when the network changes", async () => {
  const { window, move } = browser();
  const { sockets, socket, chsk } = await startFallenBack();
  await move("cellular");
  expect(sockets).toHaveLength(2);
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(sockets).toHaveLength(2);
  socket().drop();
  window.dispatchEvent(new Event("online"));
  await settle();
  expect(sockets).toHaveLength(3);
  chsk.disconnect();
  await move("wifi");
  expect(sockets).toHaveLength(3);
});

test("V15: a change of network asks a poll anew, a young one when it has had 5 s, since its connection may have died on the way", async () => {
  const { move } = browser();
  const { chsk, clock, gets } = await startAny({ type: "ajax" });
  await required(gets()[0]).json(handshake());
  await clock.advance(1_000);
  await move("cellular");
  await clock.advance(3_999);
  expect(gets()).toHaveLength(2);
  await clock.advance(1);
  expect(gets()[1]?.isAborted()).toBe(true);
  expect(gets()).toHaveLength(3);
  expect(gets()[2]?.url.search).not.toContain("handshake");
  await clock.advance(5_000);
  expect(gets()).toHaveLength(3);
  await move("wifi");
  await clock.advance(0);
  expect(gets()).toHaveLength(4);
  await required(gets()[3]).json([["chsk/timeout"]]);
  expect(chsk.state).toMatchObject({ open: true, lastClose: null });
});

test("a probe ends with the connection beside which it was tried", async () => {
  const { chsk, clock, gets, sockets, socket } = await startFallenBack();
  await clock.advance(30_000);
  chsk.breakConnection();
  expect(socket(1).closedWith).toBeDefined();
  await clock.advance(250);
  expect(sockets).toHaveLength(2);
  expect(gets().at(-1)?.url.search).toContain("handshake%3F=1");
  chsk.disconnect();
  expect(clock.waiting).toBe(0);
});

test("V27: a page that is shown again, from wherever, tries at once, and looks whether the server is still there", async () => {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("addEventListener", window.addEventListener.bind(window));
  vi.stubGlobal("removeEventListener", window.removeEventListener.bind(window));
  vi.stubGlobal("document", document);
  const { chsk, clock, sockets, socket } = await startAny({ type: "ws" });
  shake(socket());
  const shown = Object.assign(new Event("pageshow"), { persisted: true });
  for (const [target, event] of [
    [window, shown],
    [document, new Event("resume")],
    [document, new Event("visibilitychange")],
  ] as const) {
    socket().drop();
    target.dispatchEvent(event);
    await settle();
    shake(socket(), { resumed: true });
  }
  expect(sockets).toHaveLength(4);
  window.dispatchEvent(new Event("pageshow"));
  expect(said(socket())).toEqual([]);
  document.dispatchEvent(new Event("resume"));
  expect(said(socket())).toEqual([[["chsk/ping"]]]);
  await clock.advance(2_000);
  socket().json([["chsk/pong"]]);
  await clock.advance(10_000);
  expect(chsk.state.open).toBe(true);
  document.dispatchEvent(new Event("resume"));
  await clock.advance(5_000);
  expect(chsk.state.lastClose).toMatchObject({ reason: "ws-ping-timeout" });
});
