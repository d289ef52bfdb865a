/** Plays a recording of real Sente to the client, as its server, and compares what the client sends. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { classic } from "../../src/classic/index.js";
import { connect, type Chsk, type ConnectOptions } from "../../src/index.js";
import { edn } from "../../src/packer/edn/index.js";
import { FakeClock, fakeFetch, FakeSocket, required, settle, type FakeRequest } from "./fakes.js";

interface Recorded {
  t: number;
  conn: number;
  dir: "c2s" | "s2c";
  kind: "note" | "http-request" | "http-response" | "ws-frame" | "tcp-fin";
  op?: "text" | "close";
  text?: string;
  method?: string;
  query?: string;
  path?: string;
  headers?: [string, string][];
  body?: { text: string };
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

export async function play(file: string, script: Script, cuts: Cuts): Promise<void> {
  const clock = new FakeClock();
  const said: Said[] = [];
  const errors: unknown[] = [];
  const peers = new Map<number, FakeSocket | FakeRequest>();
  const closedByServer = new Set<number>();
  /** Callback ids and the like: the recorded one, and the client's. */
  const ids = new Map<string, string>();
  let chsk: Chsk | undefined;

  class Socket extends FakeSocket {
    constructor(...args: ConstructorParameters<typeof FakeSocket>) {
      super(...args);
      said.push({ line: `upgrade ${this.url.replace(/^.*?\?/, "?")}`, by: this });
    }

    override send(data: unknown): void {
      super.send(data);
      said.push({ line: String(data), by: this });
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
        packer: edn(),
        clock,
        random: () => 0,
        WebSocket: Socket,
        wsKeepAliveMs: 0,
        fetch: (url, init) => {
          const answer = fakeFetch(requests, url as string, init ?? {});
          const request = required(requests.at(-1));
          const { method, headers, body } = request;
          said.push({
            line: httpLine(method, request.url.search, headers, body as string | undefined),
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
        expect(isAborted(peer), "the request is given up").toBe(true);
      } else if (record.dir === "c2s") {
        // The browser itself answers a server's closing frame.
        if (op === "close" && closedByServer.has(conn)) continue;
        while (said.length === 0 && steps.length > 0) await nextStep();
        const { line, by } = required(said.shift());
        expect(withoutIds(line, "own")).toBe(withoutIds(lineOf(record), "recorded"));
        learnIds(record.text, line);
        messages++;
        peers.set(conn, by);
      } else {
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

  async function deliver(record: Recorded, peer: FakeSocket | FakeRequest | undefined): Promise<void> {
    if (peer instanceof FakeSocket) {
      if (record.kind === "http-response") {
        if (record.status === 101) peer.readyState = 1;
        else peer.drop();
      } else if (record.op === "close") {
        if (!peer.closedWith) closedByServer.add(record.conn);
        peer.drop(record.code, true);
      } else {
        peer.receive(
          [...ids].reduce((text, [recorded, own]) => text.replace(recorded, own), record.text ?? ""),
        );
      }
    } else if (peer) {
      await peer.answer(record.body?.text ?? "", record.status);
      peers.delete(record.conn);
    }
    await settle();
  }

  function learnIds(recorded: string | undefined, own: string): void {
    const [theirs, ours] = [recorded, own].map((text) => / "([\da-f]{6}|ping)"\]$/.exec(text ?? "")?.[1]);
    if (theirs && ours) ids.set(`"${theirs}"]`, `"${ours}"]`);
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

function lineOf({ kind, upgrade, query, method, headers, body, op, code, reason, text }: Recorded): string {
  if (kind === "http-request") {
    return upgrade
      ? `upgrade ${query ?? ""}`
      : httpLine(method ?? "", query ?? "", Object.fromEntries(headers ?? []), body?.text);
  }
  return op === "close" ? `close ${code ?? ""} ${reason ?? ""}` : (text ?? "");
}

/** What the library decides about a request; the rest is the browser's. */
function httpLine(
  method: string,
  query: string,
  headers: Record<string, string>,
  body: string | undefined,
): string {
  const names = ["x-csrf-token", "x-requested-with", "content-type"];
  return [method, query, ...names.map((name) => `${name}: ${headers[name] ?? ""}`), body ?? ""].join("\n");
}

/** Without times and callback ids; and without what differs on purpose: "null" for no token, and the packer's name. */
function withoutIds(line: string, whose: "own" | "recorded"): string {
  const plain = line
    .replace("&packer=edn", "")
    .replace(/udt=\d+/g, "udt=*")
    .replace(/ "([\da-f]{6}|ping)"\]$/, ' "*"]');
  return whose === "recorded" ? plain.replace("x-csrf-token: null", "x-csrf-token: ") : plain;
}
