/** V19: POSTs while a WebSocket is being opened, whose handshake may know of less than their answers. */
import { expect, test } from "vitest";
import { required, settle } from "../support/fakes.js";
import { bodyOf, handshake, said, shake, startFallenBack } from "../support/stream.js";

test("V19: a POST's answer may be ahead of the WebSocket's handshake", async () => {
  const { chsk, clock, posts, socket } = await startFallenBack();
  await clock.advance(30_000);
  chsk.send("a/b", 1);
  await required(posts()[0]).json([["chsk/ack", 1]]);
  chsk.send("a/b", 2);
  shake(socket(), { resumed: true, received: 0 });
  expect(chsk.state).toMatchObject({ type: "ws", open: true });
  expect(said(socket())).toEqual([[[["a/b", 1]]], [[["a/b", 2]]]]);
});

test("V19: which counts after all where the WebSocket does not open", async () => {
  const { chsk, clock, posts, socket } = await startFallenBack();
  await clock.advance(30_000);
  chsk.send("a/b", 1);
  await required(posts()[0]).json([["chsk/ack", 1]]);
  chsk.send("a/b", 2);
  socket().drop();
  await settle();
  expect(posts()[1]?.url.searchParams.get("first")).toBe("2");
});

test("V19: POSTs go on beside a WebSocket that hangs, and nothing is forgotten until it is settled", async () => {
  const { chsk, clock, posts, socket } = await startFallenBack();
  await clock.advance(30_000);
  chsk.send("a/b", 1);
  await required(posts()[0]).json([["chsk/ack", 1]]);
  chsk.send("a/b", 2);
  await required(posts()[1]).json([["chsk/ack", 2]]);
  chsk.send("a/b", 3);
  expect(posts().map(({ url }) => url.searchParams.get("first"))).toEqual(["1", "2", "3"]);
  shake(socket(), { resumed: true, received: 0 });
  expect(said(socket())).toEqual([[[["a/b", 1]]], [[["a/b", 2]]], [[["a/b", 3]]]]);
});

test("V19: one that fails meanwhile goes again when it is settled, with those before it", async () => {
  const { chsk, clock, posts, socket } = await startFallenBack();
  await clock.advance(30_000);
  chsk.send("a/b", 1);
  await required(posts()[0]).json([["chsk/ack", 1]]);
  chsk.send("a/b", 2);
  await required(posts()[1]).fail();
  expect(posts()).toHaveLength(2);
  socket().drop();
  await clock.advance(200);
  expect(posts()[2]?.url.searchParams.get("first")).toBe("1");
  await required(posts()[2]).json([["chsk/ack", 2]]);
  chsk.send("a/b", 3);
  expect(posts()[3]?.url.searchParams.get("first")).toBe("3");
});

test("V19: nor of a session that ended meanwhile", async () => {
  const { chsk, clock, errors, gets, posts, socket } = await startFallenBack();
  await clock.advance(30_000);
  chsk.send("a/b", 1);
  await required(posts()[0]).json([["chsk/ack", 1]]);
  await required(gets()[1]).json(handshake({ session: "S2", lost: "unknown-session" }));
  socket().drop();
  await settle();
  expect(errors).toEqual([]);
  chsk.send("a/b", 2);
  expect(posts()[1]?.url.searchParams.get("first")).toBe("1");
});

test("V19: but not where the connection ends meanwhile", async () => {
  const { chsk, clock, gets, posts } = await startFallenBack();
  await clock.advance(30_000);
  chsk.send("a/b", 1);
  await required(posts()[0]).json([["chsk/ack", 1]]);
  chsk.breakConnection();
  expect(chsk.state.lastClose).toMatchObject({ reason: "unexpected" });
  await clock.advance(250);
  await required(gets().at(-1)).json(handshake({ resumed: true, received: 0 }));
  expect(bodyOf(posts()[1])).toEqual([[["a/b", 1]]]);
});
