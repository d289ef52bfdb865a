/** Plays a recording of real Sente to the client, as its server, and compares what the client sends. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { classic } from "../../src/classic/index.js";
import { gunzipSync, gzipSync } from "node:zlib";
import { connect, type Chsk, type ConnectOptions, type Packed, type Packer } from "../../src/index.js";
import { FakeClock, fakeFetch, FakeSocket, required, settle, type FakeRequest } from "./fakes.js";

interface Recorded {
  t: number;
  conn: number;
  dir: "c2s" | "s2c";
  kind: "note" | "http-request" | "http-response" | "ws-frame" | "tcp-fin";
  op?: "text" | "binary" | "close";
  text?: string;
  hex?: string;
  method?: string;
  query?: string;
  path?: string;
  headers?: [string, string][];
  body?: { text?: string; hex?: string };
  status?: number;
  upgrade?: boolean;
  code?: number;
  reason?: string;
  from?: "client" | "server";
}

/** What a client said: one line, with whatever may differ left out; and whom it was said to. */
interface Said {
  readonly line: string;
  readonly by: FakeSocket | FakeRequest;
}

export interface Player {
  readonly clock: FakeClock;
  /** Starts a client, and gives it up when the next one starts. */
  readonly connect: (options: ConnectOptions) => Chsk;
  /** What the client reported. */
  readonly errors: unknown[];
}

/** What the application does in a scene, one step at a time, each when the recording needs it. */
export type Script = Readonly<Record<string, ((player: Player) => unknown)[]>>;

/** Where the client is meant to differ from the recorded one: these scenes end at the recording's n-th message of the client. */
export type Cuts = Readonly<
  Record<string, { readonly afterMessages: number; readonly thenSays: readonly string[] }>
>;

/** The recording's scenes, by their notes. */
function scenesOf(file: string): [title: string, records: Recorded[]][] {
  const url = new URL(`../../../wire-fixtures/captures/${file}.jsonl`, import.meta.url);
  const records = readFileSync(url, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Recorded);
  const scenes: [string, Recorded[]][] = [];
  for (const record of records) {
    if (record.kind !== "note") required(scenes.at(-1))[1].push(record);
    else if (record.text?.startsWith("scene: ")) scenes.push([record.text.slice(7), []]);
  }
  return scenes;
}

export async function play(file: string, packer: Packer, script: Script, cuts: Cuts): Promise<void> {
  const clock = new FakeClock();
  const said: Said[] = [];
  const errors: unknown[] = [];
  const peers = new Map<number, FakeSocket | FakeRequest>();
  const closedByServer = new Set<number>();
  /** Answers that were given before their time. */
  const early = new Set<Recorded>();
  /** Callback ids and the like: the recorded one, and the client's. */
  const ids = new Map<string, string>();
  let chsk: Chsk | undefined;
  let unpacked = 0;
  const counted: Packer = {
    ...packer,
    unpack: (packed) => {
      unpacked++;
      return packer.unpack(packed);
    },
  };

  class Socket extends FakeSocket {
    constructor(...args: ConstructorParameters<typeof FakeSocket>) {
      super(...args);
      said.push({ line: `upgrade ${this.url.replace(/^.*?\?/, "?")}`, by: this });
    }

    override send(data: unknown): void {
      super.send(data);
      said.push({ line: lineOfPacked(data as Packed), by: this });
    }

    override close(code?: number, reason?: string): void {
      if (this.readyState < 2) said.push({ line: `close ${code ?? ""} ${reason ?? ""}`, by: this });
      super.close(code, reason);
    }
  }
  const requests: FakeRequest[] = [];
  const player: Player = {
    clock,
    errors,
    connect: (options) => {
      chsk = connect("http://127.0.0.1/chsk", {
        protocol: classic,
        packer: counted,
        clock,
        random: () => 0,
        WebSocket: Socket,
        wsKeepAliveMs: 0,
        fetch: (url, init) => {
          const answer = fakeFetch(requests, url as string, init ?? {});
          const request = required(requests.at(-1));
          const { method, headers, body } = request;
          said.push({
            line: httpLine(method, request.url.search, headers, lineOfPacked((body ?? "") as Packed)),
            by: request,
          });
          return answer;
        },
        onError: (error) => errors.push(error),
        ...options,
      });
      return chsk;
    },
  };

  async function playScene(title: string, records: Recorded[]): Promise<void> {
    const steps = [...(script[title] ?? [])];
    const cut = cuts[title];
    let messages = 0;
    let last = records[0]?.t ?? 0;
    const nextStep = async (): Promise<void> => {
      await steps.shift()?.(player);
      await clock.advance(0);
    };
    for (const record of records) {
      if (messages === cut?.afterMessages && record.dir === "c2s") break;
      await clock.advance(record.t - last);
      last = record.t;
      const { conn, kind, op } = record;
      const peer = peers.get(conn);
      if (kind === "tcp-fin") {
        if (record.from !== "client" || !isWaiting(peer)) continue;
        if (!isAborted(peer)) await nextStep();
        // The recorded clocks of client and recorder are not the same to the millisecond.
        if (!isAborted(peer)) await clock.advance(10);
        expect(isAborted(peer), "the request is given up").toBe(true);
      } else if (record.dir === "c2s") {
        // The browser itself answers a server's closing frame.
        if (op === "close" && closedByServer.has(conn)) continue;
        while (said.length === 0 && steps.length > 0) await nextStep();
        if (said.length === 0) await answerEarly(records);
        await until(() => said.length > 0);
        const { line, by } = required(said.shift());
        expect(withoutIds(line, "own")).toBe(withoutIds(lineOf(record), "recorded"));
        learnIds(lineOf(record), line);
        messages++;
        peers.set(conn, by);
      } else if (!early.delete(record)) {
        await deliver(record, peer);
      }
    }
    for (const expected of cut?.thenSays ?? []) {
      const { line, by } = required(said.shift());
      expect(withoutIds(line, "own")).toBe(expected);
      if (!(by instanceof FakeSocket)) await by.answer("Bad CSRF token", 403);
    }
    while (steps.length > 0) await nextStep();
    expect(said, "nothing more is said").toEqual([]);
  }

  /** The recorded client sent POSTs side by side; this one waits for the answer to the one before. */
  async function answerEarly(records: Recorded[]): Promise<void> {
    const isAnswer = ({ conn, kind }: Recorded): boolean => {
      const peer = peers.get(conn);
      return kind === "http-response" && isWaiting(peer) && peer.method === "POST";
    };
    const answer = records.find((record) => isAnswer(record) && !early.has(record));
    if (!answer) return;
    early.add(answer);
    await deliver(answer, peers.get(answer.conn));
  }

  async function deliver(record: Recorded, peer: FakeSocket | FakeRequest | undefined): Promise<void> {
    if (peer instanceof FakeSocket) {
      if (record.kind === "http-response") {
        if (record.status === 101) peer.readyState = 1;
        else peer.drop();
      } else if (record.op === "close") {
        if (!peer.closedWith) closedByServer.add(record.conn);
        peer.drop(record.code, true);
      } else {
        const before = unpacked;
        const packed = withOwnIds(packedOf(record));
        peer.receive(typeof packed === "string" ? packed : packed.buffer);
        if (isGzip(packed)) await until(() => unpacked > before);
      }
    } else if (peer) {
      const before = unpacked;
      const packed = packedOf(record.body ?? {});
      await peer.answer(packed, record.status);
      if (isGzip(packed)) await until(() => unpacked > before);
      peers.delete(record.conn);
    }
    await settle();
  }

  function learnIds(recorded: string, own: string): void {
    const [theirs, ours] = [recorded, own].map((line) => CALLBACK.exec(line)?.[0]);
    if (theirs && ours) ids.set(theirs, ours);
  }

  function withOwnIds(packed: Packed): Packed {
    const line = lineOfPacked(packed);
    const own = [...ids].reduce((text, [theirs, ours]) => text.replace(theirs, ours), line);
    return own === line ? packed : packedOfLine(own, packed);
  }

  for (const [title, records] of scenesOf(file)) {
    await playScene(title, records).catch((error: unknown) => {
      throw new Error(`in scene "${title}": ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  chsk?.disconnect();
}

function isWaiting(peer: FakeSocket | FakeRequest | undefined): peer is FakeRequest {
  return peer !== undefined && !(peer instanceof FakeSocket);
}

function isAborted(peer: FakeRequest): boolean {
  return peer.isAborted();
}

/** A callback id at the end of a frame, in edn, Transit or MessagePack. */
const CALLBACK = /(?:"(?:[\da-f]{6}|ping)"\]|\xa6[\da-f]{6}|\xa4ping)$/;

/** Compressing takes real time. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
}

function packedOf({ text = "", hex }: { text?: string; hex?: string }): Packed {
  return hex === undefined ? text : Uint8Array.from(Buffer.from(hex, "hex"));
}

function isGzip(packed: Packed): boolean {
  return typeof packed !== "string" && packed[0] === 1;
}

/** A frame as text: bytes as Latin-1, and what is compressed after a mark, as it was before. */
function lineOfPacked(packed: Packed): string {
  if (typeof packed === "string") return packed;
  return isGzip(packed)
    ? `gzip ${gunzipSync(packed.subarray(1)).toString("latin1")}`
    : Buffer.from(packed).toString("latin1");
}

/** The frame of a line that was made out of one of the same kind. */
function packedOfLine(line: string, like: Packed): Packed {
  if (typeof like === "string") return line;
  return isGzip(like)
    ? new Uint8Array([1, ...gzipSync(Buffer.from(line.slice(5), "latin1"))])
    : Uint8Array.from(Buffer.from(line, "latin1"));
}

function lineOf(record: Recorded): string {
  const { kind, upgrade, query, method, headers, body, op, code, reason } = record;
  if (kind !== "http-request")
    return op === "close" ? `close ${code ?? ""} ${reason ?? ""}` : lineOfPacked(packedOf(record));
  if (upgrade) return `upgrade ${query ?? ""}`;
  // Sente's client sends the whole buffer of its msgpack encoder.
  const said = lineOfPacked(packedOf(body ?? {})).replace(/\0+$/, "");
  return httpLine(method ?? "", query ?? "", Object.fromEntries(headers ?? []), said);
}

/** What the library decides about a request; the rest is the browser's. */
function httpLine(method: string, query: string, headers: Record<string, string>, body: string): string {
  const names = ["x-csrf-token", "x-requested-with", "content-type"];
  return [method, query, ...names.map((name) => `${name}: ${headers[name] ?? ""}`), body].join("\n");
}

/** Without times and callback ids; and without what differs on purpose: "null" for no token, and the packer's name. */
function withoutIds(line: string, whose: "own" | "recorded"): string {
  const plain = line
    .replace(/&packer=[^&\n]*/, "")
    .replace(/udt=\d+/g, "udt=*")
    .replace(CALLBACK, "*");
  return whose === "recorded" ? plain.replace("x-csrf-token: null", "x-csrf-token: ") : plain;
}
