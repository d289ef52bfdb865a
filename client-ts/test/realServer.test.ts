import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { classic } from "../src/classic/index.js";
import { connect, type Chsk, type ChskState, type ConnectOptions } from "../src/index.js";

/** A classic server in a few lines: it answers `test/echo`, and pushes what it gets as `test/say`. */
async function startServer(
  authorize: () => number = () => 200,
): Promise<{ url: string; stop: () => Promise<void> }> {
  let poll: ServerResponse | undefined;
  const pushed: unknown[] = [];
  const handshake = [["chsk/handshake", ["alice", null, { motd: "hello" }]], null];
  const flushPoll = (): void => {
    if (poll && pushed.length > 0) poll.end(JSON.stringify([pushed.splice(0), null]));
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "", "http://localhost");
    if (authorize() !== 200) {
      response.writeHead(authorize()).end("Bad CSRF token");
    } else if (request.method === "GET") {
      if (url.searchParams.has("handshake?")) response.end(JSON.stringify(handshake));
      else poll = response;
      flushPoll();
    } else {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        const packed = new URLSearchParams(body).get("ppstr") ?? "";
        const [[id, data], cb] = JSON.parse(packed) as [[string, unknown], unknown];
        if (id === "test/say") pushed.push(["test/said", data]);
        response.end(JSON.stringify([cb ? data : "chsk/dummy-cb-200", null]));
        flushPoll();
      });
    }
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (authorize() !== 200) {
      socket.end(`HTTP/1.1 ${authorize()} Forbidden\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.send(JSON.stringify(handshake));
      ws.on("message", (message: Buffer) => {
        const [[id, data], cb] = JSON.parse(message.toString()) as [[string, unknown], unknown];
        if (id === "test/say") ws.send(JSON.stringify([[["test/said", data]], null]));
        if (cb) ws.send(JSON.stringify([data, cb]));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/chsk`,
    stop: () =>
      new Promise((resolve) => {
        for (const ws of sockets.clients) ws.terminate();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function connected(options: ConnectOptions, authorize?: () => number): Promise<Chsk> {
  const server = await startServer(authorize);
  cleanUps.push(server.stop);
  const chsk = connect(server.url, { protocol: classic, WebSocket, ...options });
  cleanUps.push(() => chsk.disconnect());
  return chsk;
}

function until(chsk: Chsk, isReached: (state: ChskState) => boolean): Promise<ChskState> {
  return new Promise((resolve) => {
    if (isReached(chsk.state)) resolve(chsk.state);
    const stop = chsk.onState((state) => {
      if (!isReached(state)) return;
      stop();
      resolve(state);
    });
  });
}

test.each(["ws", "ajax", "auto"] as const)("events go both ways over real %s", async (type) => {
  const chsk = await connected({ type });
  const said = new Promise((resolve) => chsk.on("test/said", resolve));

  expect(chsk.send("test/say", { text: "ünï 😀 \uD800" })).toBe(true);
  expect(await chsk.request("test/echo", { n: 1 })).toEqual({ n: 1 });
  expect(await said).toEqual({ text: "ünï 😀 \uD800" });
  expect(chsk.state).toMatchObject({
    type: type === "ajax" ? "ajax" : "ws",
    open: true,
    uid: "alice",
    handshakeData: { motd: "hello" },
  });
});

test.each(["ws", "ajax"] as const)("a broken %s comes back", async (type) => {
  const chsk = await connected({ type });
  await until(chsk, ({ open }) => open);
  chsk.breakConnection();
  expect(chsk.state.open).toBe(false);
  expect(await until(chsk, ({ open }) => open)).toMatchObject({
    open: true,
    firstOpen: false,
    everOpened: true,
  });
});

test.each(["ws", "ajax", "auto"] as const)("a refusal is seen by %s", async (type) => {
  const chsk = await connected({ type }, () => 403);
  const state = await until(chsk, ({ lastClose }) => lastClose?.reason === "refused");
  expect(state).toMatchObject({
    open: false,
    nextReconnectAt: null,
    lastClose: { reason: "refused", status: 403 },
  });
});

test("a lost server is looked for until it is back", async () => {
  const chsk = connect("http://127.0.0.1:1/chsk", { protocol: classic, WebSocket, random: () => 0 });
  cleanUps.push(() => chsk.disconnect());
  await until(chsk, ({ lastClose }) => lastClose?.type === "ajax");
  const state = await until(chsk, ({ lastClose }) => lastClose?.type === "ws");
  expect(state).toMatchObject({ open: false, everOpened: false, lastClose: { reason: "unexpected" } });
});
