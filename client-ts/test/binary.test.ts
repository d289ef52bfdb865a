/** Packers that give bytes, over both transports of both protocols. */
import { describe, expect, test } from "vitest";
import { classic } from "../src/classic/index.js";
import type { Packer } from "../src/index.js";
import { gzip } from "../src/packer/gzip/index.js";
import { Keyword, msgpack } from "../src/packer/msgpack/index.js";
import { startAny } from "./support/fakes.js";

type Bytes = Uint8Array<ArrayBuffer>;

const kw = (name: string): Keyword => Keyword.of(name);
const INFO = {
  v: 2,
  session: "token",
  received: 0,
  resumed: false,
  "ping-ms": 0,
  "timeout-ms": 0,
  "max-message-bytes": 1_000_000,
};

describe.each([msgpack(), gzip(msgpack())])("$name", (packer: Packer) => {
  const pack = (value: unknown): Bytes => packer.pack(value) as Bytes;
  const read = (sent: unknown): unknown => packer.unpack(sent as Bytes);

  test("classic, over a WebSocket", async () => {
    const { chsk, socket } = await startAny({ protocol: classic, type: "ws", packer });
    const seen: unknown[] = [];
    chsk.onAny((event) => seen.push(event));
    expect(socket().binaryType).toBe("arraybuffer");
    expect(new URL(socket().url).searchParams.get("packer")).toBe(packer.name);
    socket().receive(pack([[kw("chsk/handshake"), ["alice", null, { n: 1 }]], null]).buffer);
    expect(chsk.state).toMatchObject({ open: true, uid: "alice", handshakeData: { n: 1 } });
    chsk.send("a/b", { x: 1n });
    expect(socket().sent.map(read)).toEqual([[["a/b", { x: 1 }], null]]);
    socket().receive(pack([[[kw("c/d"), kw("e")]], null]).buffer);
    expect(seen).toEqual([{ id: "c/d", data: "e" }]);
  });

  test("classic, by long-polling", async () => {
    const { chsk, gets, posts } = await startAny({ protocol: classic, type: "ajax", packer });
    await gets()[0]?.answer(pack([[kw("chsk/handshake"), ["alice", null, null]], null]));
    const answer = chsk.request("a/b", 1);
    const [post] = posts();
    expect(post?.url.searchParams.get("binary?")).toBe("true");
    expect(post?.headers["content-type"]).toBe("application/octet-stream");
    expect(read(post?.body)).toEqual([["a/b", 1], "ajax"]);
    await post?.answer(pack([new Set([1]), null]));
    expect(await answer).toEqual(new Set([1]));
  });

  test("v2, over a WebSocket", async () => {
    const { chsk, socket } = await startAny({ type: "ws", packer });
    const seen: unknown[] = [];
    chsk.onAny((event) => seen.push(event));
    expect(new URL(socket().url).searchParams.get("packer")).toBe(packer.name);
    socket().receive(pack([[kw("chsk/handshake"), ["alice", null, null, INFO]]]).buffer);
    expect(chsk.state).toMatchObject({ open: true, uid: "alice" });
    chsk.send("a/b", 1);
    const answer = chsk.request("a/c", 2);
    expect(socket().sent.map(read)).toEqual([[[["a/b", 1]]], [[["chsk/request", [1, ["a/c", 2]]]]]]);
    socket().receive(
      pack([
        [
          [kw("c/d"), 1],
          [kw("chsk/reply"), [1, kw("yes")]],
        ],
      ]).buffer,
    );
    expect(seen).toEqual([{ id: "c/d", data: 1 }]);
    expect(await answer).toBe("yes");
  });

  test("v2, by long-polling", async () => {
    const { chsk, gets, posts } = await startAny({ type: "ajax", packer });
    await gets()[0]?.answer(pack([[kw("chsk/handshake"), ["alice", null, null, INFO]]]));
    expect(chsk.state).toMatchObject({ open: true, uid: "alice" });
    chsk.send("a/b", 1);
    const [post] = posts();
    expect(post?.url.searchParams.get("packer")).toBe(packer.name);
    expect(post?.headers["content-type"] ?? "").not.toMatch(/form/);
    expect(read(post?.body)).toEqual([[["a/b", 1]]]);
    await post?.answer(pack([[kw("chsk/ack"), 1]]));
    chsk.send("a/b", 2);
    expect(posts()).toHaveLength(2);
  });
});
