/** A TCP proxy in front of one client, that cuts all of its connections when told: anywhere, also within a frame. */
import { connect, createServer } from "node:net";

/** How long a cut waits for bytes under way, so as to happen among them, in ms. */
const LURK_MS = 20;

/**
 * A moment at which connections were cut, in ms since the epoch; and when the first bytes passed after it on a connection
 * begun after it: up to the server, and down from it.
 *
 * @typedef {{ at: number, up?: number, down?: number }} Cut
 */

/** @param {() => number} random at least 0, below 1 */
export async function startProxy(target, random) {
  /** @type {Cut[]} */
  const cuts = [];
  const pairs = new Set();
  let isBlocked = false;
  /** Set while a cut waits: how many bytes may pass until it happens. */
  let left;

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    const pair = { sockets: [client, upstream], since: cuts.length };
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair.sockets) socket.destroy();
    };

    function carry(from, to, direction) {
      from.on("data", (chunk) => {
        if (direction === "up" && isBlocked && /upgrade: websocket/i.test(chunk.toString("latin1"))) {
          client.end("HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
          upstream.destroy();
          return;
        }
        if (left !== undefined && chunk.length > left) {
          to.write(chunk.subarray(0, left));
          sever();
          return;
        }
        if (left !== undefined) left -= chunk.length;
        if (pair.since === cuts.length && pair.since > 0) cuts[pair.since - 1][direction] ??= Date.now();
        to.write(chunk);
      });
      from.on("error", end);
      from.on("close", end);
    }

    pairs.add(pair);
    for (const socket of pair.sockets) socket.setNoDelay(true);
    carry(client, upstream, "up");
    carry(upstream, client, "down");
  });

  function sever() {
    if (left === undefined) return;
    left = undefined;
    if (pairs.size === 0) return;
    cuts.push({ at: Date.now() });
    const isHard = random() < 0.5;
    for (const { sockets } of [...pairs]) {
      for (const socket of sockets) {
        if (isHard && !socket.connecting) socket.resetAndDestroy();
        else socket.destroy();
      }
    }
    pairs.clear();
  }

  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    /** Those that hit a connection. */
    cuts,
    /** Cuts soon: within the next bytes, or without any. */
    cut() {
      if (left !== undefined || pairs.size === 0) return;
      left = Math.floor(random() * 200);
      setTimeout(sever, LURK_MS);
    },
    /** Whether WebSockets are refused, as some networks do. */
    block(isSo) {
      isBlocked = isSo;
    },
    stop() {
      server.close();
      left = 0;
      sever();
    },
  };
}
