/**
 * The client against recordings of real Sente: it must send what the recorded client sent.
 *
 * What is not compared: times (`udt`), callback ids, and what the browser does by itself (its own headers, its answer to a
 * closing frame, the end of a page). Where the client differs on purpose:
 *
 * | recorded client | this client | why |
 * | --- | --- | --- |
 * | no parameter `packer` | `packer=<name>` | our server has several packers; Sente ignores it |
 * | GET without a token: `x-csrf-token: null` | no such header | "null" is no token |
 * | comes back again and again after 401 or 403 | where the handshake is answered so, stays away until `connect` or `reconnect` | it would be refused again; the application must act |
 * | WebSocket refused: no word why | asks once more by HTTP | a browser does not tell a WebSocket's status |
 * | first retry at once, then after 0.5 to 1 s and more | after 0 to 250 ms, then more | a crowd comes back spread over time |
 * | waits for the closing handshake, up to 2 s | reconnects without waiting | nothing comes from the old connection that matters |
 * | a msgpack POST is the encoder's whole buffer | the message alone | nothing is gained by zeros |
 * | checks every half period whether to ping | pings after a full period without a word from the server | what is sent proves nothing about the peer |
 */
import { expect, test } from "vitest";
import type { Chsk, ChskError, ConnectOptions, Params } from "../src/index.js";
import type { Packer } from "../src/index.js";
import { edn, EdnSymbol, Keyword, Uuid } from "../src/packer/edn/index.js";
import { gzip } from "../src/packer/gzip/index.js";
import { msgpack } from "../src/packer/msgpack/index.js";
import { transit } from "../src/packer/transit/index.js";
import { play, type Cuts, type Player, type Script } from "./support/captures.js";

/** The packers by their names in the recordings' file names, and the order in which real Sente sent three flushed pushes by polls. */
const PACKERS: [name: string, packer: Packer, order: number[]][] = [
  ["edn", edn(), [0, 2, 1]],
  ["transit", transit(), [0, 2, 1]],
  ["msgpack", msgpack(), [0, 2, 1]],
  ["gzip", gzip(msgpack()), [0, 1, 2]],
  ["edn+gzip", gzip(edn()), [0, 1, 2]],
];

const BIG = { big: "lorem ipsum dolor sit amet ".repeat(100) };

const kw = (name: string): Keyword => Keyword.of(name);

/** The steps of the scenes; each also notes what the application saw, to be compared in the end. */
function scriptOf(type: "ws" | "ajax"): { script: Script; seen: unknown[] } {
  const seen: unknown[] = [];
  let chsk: Chsk;
  const start =
    (uid: string, letter: string, { params, ...more }: ConnectOptions = {}) =>
    ({ connect }: Player): void => {
      chsk = connect({ type, params: { uid, ...(params as Params) }, clientId: `client-${letter}`, ...more });
      chsk.onState((state, before) => {
        if (state.open && !before.open) seen.push(["open", state.uid, state.handshakeData, state.firstOpen]);
        else if (state.lastClose !== before.lastClose) seen.push(["closed", state.lastClose?.reason]);
      });
      chsk.onAny(({ id, data }) => seen.push([id, data]));
    };
  const send = (id: string, data?: unknown) => () => seen.push(chsk.send(id, data));
  const ask = (id: string, data?: unknown, timeoutMs?: number) => () => {
    chsk.request(id, data, timeoutMs === undefined ? {} : { timeoutMs }).then(
      (value) => seen.push(["answer", value]),
      (error: unknown) => seen.push(["no answer", (error as ChskError).kind]),
    );
  };
  const rich = new Map<unknown, unknown>([
    [kw("neg"), -129],
    [kw("m"), {}],
    [kw("e"), []],
    [kw("s"), EdnSymbol.of("sym")],
    [kw("l"), 9007199254740991],
    [kw("str"), "ünï 😀"],
    ["k", new Set([1])],
    [kw("d"), 0.1],
    [kw("f"), 1.5],
    [kw("i"), new Date("2020-02-03T04:05:06.789Z")],
    [kw("u"), Uuid.of("550e8400-e29b-41d4-a716-446655440000")],
  ]);
  const disconnect = (): void => chsk.disconnect();
  const script: Script = {
    'handshake, uid "alice", server has :handshake-data-fn': [start("alice", "A")],
    "client event without callback [:test/nocb {:x 1}]": [send("test/nocb", { x: 1 })],
    "client event without callback and without data [:test/nocb]": [send("test/nocb")],
    'client event with callback [:test/echo {:a 1 :b [true nil "s" :ns/k] :c {:a 2}}] and its reply': [
      ask("test/echo", { a: 1, b: [true, null, "s", kw("ns/k")], c: { a: 2 } }),
    ],
    "reply nil": [ask("test/echo", null)],
    "reply keyword": [ask("test/echo", kw("some/kw"))],
    "reply map with string/keyword keys, set, symbol, inst, uuid, float, big ints": [ask("test/echo", rich)],
    "large value (over 1024 packed bytes, so really gzipped)": [ask("test/echo", BIG)],
    "one push": [send("test/push-me", { n: 1 })],
    "five pushes buffered into one batch": [send("test/push-me", { n: 5 })],
    "three pushes each sent with {:flush? true}": [send("test/push-me", { n: 3, "flush?": true })],
    "event that is no valid event server-side is refused client-side (nothing on the wire)": [
      () => expect(() => chsk.send("not-an-event")).toThrow(TypeError),
    ],
    "callback that the server never answers, client timeout 700 ms": [
      ask("test/never-reply", undefined, 700),
    ],
    "callback that the server never answers, client timeout 6000 ms > lp-timeout-ms 2500": [
      ask("test/never-reply", undefined, 6000),
    ],
    "late reply (after the client timeout of 300 ms)": [ask("test/reply-later", { ms: 800 }, 300)],
    "server replies twice": [ask("test/reply-twice")],
    "connection broken (code 3000 by client), then reconnect with 2nd handshake": [
      () => chsk.breakConnection(),
    ],
    "poll aborted by chsk-break-connection!, then handshake poll again": [() => chsk.breakConnection()],
    "server closes with [:chsk/close]; client reconnects by itself": [send("test/close-me")],
    "clean client disconnect": [disconnect],
    'client kalive: [:chsk/ws-ping] with a cb-uuid, server answers "pong"': [
      start("bob", "B", { wsKeepAliveMs: 750 }),
      disconnect,
    ],
    "handshake with user-id-fn returning nil": [start("__nil", "C")],
    "page closed (browser goes away)": type === "ajax" ? [disconnect] : [],
    "server has CSRF token tok-1234 and no handshake-data; client has the right token": [
      start("dave", "D", { params: { foo: "b&r" }, csrfToken: "tok-1234" }),
      ask("test/echo", 1),
      send("test/nocb", 1),
      disconnect,
    ],
    "client has the wrong token": [start("eve", "E", { csrfToken: "wrong" })],
    "client has no token": [start("fay", "F")],
  };
  return { script, seen };
}

const HELLO = { motd: "hello", n: 42 };
const PUSHED = [1, 5, 3].map((n) => Array.from({ length: n }, (_, i) => ["test/pushed", i]));
const RICH = {
  neg: -129,
  m: {},
  e: [],
  s: EdnSymbol.of("sym"),
  l: 9007199254740991,
  str: "ünï 😀",
  k: new Set([1]),
  d: 0.1,
  f: 1.5,
  i: new Date("2020-02-03T04:05:06.789Z"),
  u: Uuid.of("550e8400-e29b-41d4-a716-446655440000"),
};

/** What an application sees up to the scenes that differ between the transports. */
const common = (name: string): unknown[] => [
  ["open", "alice", HELLO, true],
  true,
  true,
  ["answer", { a: 1, b: [true, null, "s", "ns/k"], c: { a: 2 } }],
  ["answer", null],
  ["answer", "some/kw"],
  ["answer", RICH],
  ...(name.includes("gzip") ? [["answer", BIG]] : []),
  true,
  ...PUSHED.slice(0, 1).flat(),
  true,
  ...PUSHED.slice(1, 2).flat(),
];

test.each(PACKERS)("ws-%s", async (name, packer) => {
  const { script, seen } = scriptOf("ws");
  const cuts: Cuts = { "page closed (browser goes away)": { afterMessages: 0, thenSays: [] } };
  await play(`ws-${name}`, packer, script, cuts);
  expect(seen).toEqual([
    ...common(name),
    true,
    ...PUSHED.slice(2).flat(),
    ["no answer", "timeout"],
    ["no answer", "timeout"],
    ["answer", "first"],
    ["closed", "clean"],
    ["open", "alice", HELLO, false],
    true,
    ["closed", "clean"],
    ["open", "alice", HELLO, false],
    ["closed", "requested-disconnect"],
    ["open", "bob", HELLO, true],
    ["closed", "requested-disconnect"],
    ["open", null, HELLO, true],
    ["closed", "requested-disconnect"],
  ]);
});

test.each(PACKERS)("ajax-%s", async (name, packer, order) => {
  const { script, seen } = scriptOf("ajax");
  await play(`ajax-${name}`, packer, script, {});
  expect(seen).toEqual([
    ...common(name),
    true,
    ...order.map((n) => PUSHED[2]?.[n]),
    ["no answer", "timeout"],
    ["no answer", "timeout"],
    ["no answer", "timeout"],
    ["answer", "first"],
    ["closed", "unexpected"],
    ["open", "alice", HELLO, false],
    ["closed", "requested-disconnect"],
    ["open", null, HELLO, true],
    ["closed", "requested-disconnect"],
  ]);
});

const CSRF_SEEN = [
  ["open", "dave", null, true],
  ["answer", 1],
  true,
  ["closed", "requested-disconnect"],
  ["closed", "refused"],
  ["closed", "refused"],
  ["closed", "requested-disconnect"],
];

test.each(PACKERS)("ws-%s-csrf", async (name, packer) => {
  const { script, seen } = scriptOf("ws");
  const probe = (uid: string, client: string, token: string): string =>
    `GET\n?uid=${uid}&udt=*&client-id=client-${client}&handshake%3F=1\nx-csrf-token: ${token}\nx-requested-with: XMLHTTPRequest\ncontent-type: \n`;
  await play(`ws-${name}-csrf`, packer, script, {
    "client has the wrong token": { afterMessages: 1, thenSays: [probe("eve", "E", "wrong")] },
    "client has no token": { afterMessages: 1, thenSays: [probe("fay", "F", "")] },
  });
  expect(seen).toEqual(CSRF_SEEN);
});

test.each(PACKERS)("ajax-%s-csrf", async (name, packer) => {
  const { script, seen } = scriptOf("ajax");
  await play(`ajax-${name}-csrf`, packer, script, {
    "client has the wrong token": { afterMessages: 1, thenSays: [] },
    "client has no token": { afterMessages: 1, thenSays: [] },
  });
  expect(seen).toEqual(CSRF_SEEN);
});
