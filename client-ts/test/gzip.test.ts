import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { json, type ConnectOptions } from "../src/index.js";
import { edn, Keyword } from "../src/packer/edn/index.js";
import { compressed, decompressed } from "../src/packer/gzip/compression.js";
import { gzip, GzipError } from "../src/packer/gzip/index.js";
import { start, type World } from "./support/fakes.js";
import { testFixtures } from "./support/fixtures.js";

type Bytes = Uint8Array<ArrayBuffer>;

const packer = gzip(json);
const LONG = "x".repeat(5000);

afterEach(() => vi.unstubAllGlobals());

test("where nothing can be decompressed, it is the packer itself", () => {
  vi.stubGlobal("DecompressionStream", undefined);
  expect(gzip(json)).toBe(json);
});

testFixtures(gzip(edn({ exact: true })), Error, (packed) => decompressed(packed as Bytes, 2 ** 20));

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);
const flagged = (flag: number, bytes: Uint8Array): Bytes => new Uint8Array([flag, ...bytes]);
const raw = (value: unknown): Bytes => flagged(0, bytesOf(JSON.stringify(value)));
const zipped = (value: unknown): Bytes => flagged(1, gzipSync(JSON.stringify(value)));

function valueOf(sent: unknown): unknown {
  const bytes = sent as Uint8Array;
  const text = bytes[0] === 1 ? gunzipSync(bytes.subarray(1)) : bytes.subarray(1);
  return JSON.parse(new TextDecoder().decode(text));
}

const flagsOf = (sent: readonly unknown[]): unknown[] => sent.map((message) => (message as Uint8Array)[0]);

/** Compressing takes real time. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("what gzip makes longer goes as it is: it could be above a limit that it is within", async () => {
  const random = (length: number): Bytes => flagged(0, crypto.getRandomValues(new Uint8Array(length)));
  const bytes = random(60_000);
  expect(await compressed(bytes)).toBe(bytes);
  expect((await compressed(raw(LONG)))[0]).toBe(1);
});

describe("the packer", () => {
  test("packs the other's bytes after a flag", () => {
    expect(Buffer.from(gzip(edn()).pack([null, "88ca8c"]) as Bytes).toString("hex")).toBe(
      "005b6e696c2022383863613863225d",
    );
    expect(gzip(edn()).unpack(flagged(0, bytesOf('[nil "88ca8c"]')))).toEqual([null, "88ca8c"]);
  });

  test("takes any flag but one for that of what is not compressed", () => {
    expect(packer.unpack(flagged(2, bytesOf("7")))).toBe(7);
  });

  test("is named after the other, and has its keywords", () => {
    expect([packer.name, packer.binary, packer.keyword?.("a/b")]).toEqual(["json+gzip", true, "a/b"]);
    expect(gzip(edn()).name).toBe("edn+gzip");
    expect(gzip(edn()).keywordName?.(gzip(edn()).keyword?.("a/b"))).toBe("a/b");
    expect(gzip(edn()).keyword?.("a/b")).toBe(Keyword.of("a/b"));
  });

  test.each([["text"], [new Uint8Array()], [flagged(1, bytesOf("x"))], [flagged(0, new Uint8Array([0xff]))]])(
    "refuses %j",
    (packed) => expect(() => packer.unpack(packed)).toThrow(GzipError),
  );
});

describe("over a WebSocket", () => {
  async function open(options: ConnectOptions = {}): Promise<World> {
    const world = await start({ type: "ws", packer, ...options });
    world.socket().receive(raw([["chsk/handshake", ["alice", null, null]], null]).buffer);
    return world;
  }

  test("short messages go at once, long ones compressed, and all in order", async () => {
    const { chsk, socket } = await open();
    chsk.send("a/short", 1);
    expect(socket().sent).toHaveLength(1);
    for (const data of [LONG, 2, `${LONG}!`, 3]) chsk.send("a/b", data);
    expect(socket().sent).toHaveLength(1);
    await until(() => socket().sent.length === 5);
    chsk.send("a/b", 4);
    expect(flagsOf(socket().sent)).toEqual([0, 1, 0, 1, 0, 0]);
    expect(socket().sent.map((sent) => (valueOf(sent) as [[string, unknown]])[0][1])).toEqual([
      1,
      LONG,
      2,
      `${LONG}!`,
      3,
      4,
    ]);
    expect((socket().sent[1] as Bytes).length).toBeLessThan(100);
    expect(socket().binaryType).toBe("arraybuffer");
  });

  test("1024 bytes of the other packer are compressed, 1023 are not", async () => {
    const { chsk, socket } = await open();
    // [["a/b","…"],null] are 17 bytes more.
    chsk.send("a/b", "x".repeat(1023 - 17));
    chsk.send("a/b", "x".repeat(1024 - 17));
    await until(() => socket().sent.length === 2);
    expect(flagsOf(socket().sent)).toEqual([0, 1]);
    expect(socket().sent[0]).toHaveLength(1024);
  });

  test("what comes in is delivered in order, and the end after it", async () => {
    const { chsk, socket } = await open();
    const seen: unknown[] = [];
    chsk.on("a/b", (data) => seen.push(data));
    chsk.onState(({ open }) => seen.push(open));
    for (const value of [1, LONG, 2]) {
      const pack = value === LONG ? zipped : raw;
      socket().receive(pack([[["a/b", value]], null]).buffer);
    }
    socket().drop();
    expect(seen).toEqual([1]);
    await until(() => seen.length === 4);
    expect(seen).toEqual([1, LONG, 2, false]);
  });

  test("what is no gzip, or becomes too long, is reported, and the next message delivered", async () => {
    const { chsk, errors, socket } = await open({ packer: gzip(json, { maxLength: 10_000 }) });
    const seen: unknown[] = [];
    chsk.on("a/b", (data) => seen.push(data));
    const damaged = zipped(LONG).slice(0, -12);
    for (const message of [
      flagged(1, bytesOf("no")),
      damaged,
      zipped("x".repeat(10_000)),
      new Uint8Array(),
      raw([[["a/b", 1]], null]),
    ])
      socket().receive(message.buffer);
    await until(() => seen.length > 0);
    expect(errors.map(({ error }) => error)).toEqual(
      Array.from({ length: 4 }, () => expect.any(GzipError) as unknown),
    );
  });

  test("closing waits for what was sent before", async () => {
    const { chsk, socket } = await open();
    chsk.send("a/b", LONG);
    chsk.disconnect();
    expect(socket().closedWith).toBeUndefined();
    await until(() => socket().closedWith !== undefined);
    expect(flagsOf(socket().sent)).toEqual([1]);
    expect(socket().closedWith).toEqual([1000, "CLOSE_NORMAL"]);
  });

  test("a socket that is busy compressing counts as buffering", async () => {
    const { chsk, clock, socket } = await open({ maxQueuedBytes: 2 ** 23 });
    const half = "x".repeat(2 ** 19 + 1);
    for (let i = 0; i < 4; i++) chsk.send("a/b", half);
    await until(() => socket().sent.length === 2);
    await until(() => socket().bufferedAmount === 0);
    await clock.advance(100);
    await until(() => socket().sent.length === 4);
  });

  test("a bomb is given up where it shows", async () => {
    const { errors, socket } = await open();
    const bomb = flagged(1, gzipSync(Buffer.alloc(300_000_000)));
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    socket().receive(bomb.buffer);
    await until(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      return errors.length > 0;
    });
    expect(errors[0]?.error).toBeInstanceOf(GzipError);
    expect(most).toBeLessThan(50_000_000);
  });
});

test("by long-polling, bodies are compressed, and answers decompressed", async () => {
  const { chsk, errors, gets, posts } = await start({ type: "ajax", packer });
  const seen: unknown[] = [];
  chsk.on("a/b", (data) => seen.push(data));
  await gets()[0]?.answer(raw([["chsk/handshake", ["alice", null, null]], null]));
  await gets()[1]?.answer(zipped([[["a/b", LONG]], null]));
  await until(() => gets().length === 3);
  expect(seen).toEqual([LONG]);

  const answer = chsk.request("a/c", LONG);
  await until(() => posts().length === 1);
  const [post] = posts();
  expect(post?.url.searchParams.get("binary?")).toBe("true");
  expect(post?.url.searchParams.get("packer")).toBe("json+gzip");
  expect(post?.headers["content-type"]).toBe("application/octet-stream");
  expect((post?.body as Bytes)[0]).toBe(1);
  expect(valueOf(post?.body)).toEqual([["a/c", LONG], "ajax"]);
  await post?.answer(zipped([`${LONG}!`, null]));
  expect(await answer).toBe(`${LONG}!`);

  await gets()[2]?.answer(flagged(1, bytesOf("no")));
  await until(() => errors.length > 0);
  expect(errors[0]?.error).toBeInstanceOf(GzipError);
});
