/** A TCP proxy that breaks connections: after some bytes, seen from either side, as a seed says. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { randomOf } from "../support/random.js";

export interface FaultProxy {
  readonly port: number;
  /** How many connections it broke. */
  readonly faults: () => number;
  /** Lets no WebSocket through, as some networks do. */
  blockWebSockets(isBlocked: boolean): void;
  /** Breaks nothing any more. */
  heal(): void;
  stop(): Promise<void>;
}

/** How long a stalled connection stays open, in ms. */
const STALL_MS = 3_000;

export async function startProxy(target: number, seed: number): Promise<FaultProxy> {
  const random = randomOf(seed);
  const sockets = new Set<Socket>();
  let isHealed = false;
  let isBlocked = false;
  let faults = 0;

  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    const pair = [client, upstream];
    const end = (): void => pair.forEach((socket) => socket.destroy());
    // Now and then more, so that a POST of all that waits gets through.
    let left = random.chance(0.75) ? random.int(100, 10_000) : random.int(10_000, 200_000);
    const fault = random.pick(["cut", "reset", "stall"] as const);
    let isStalled = false;

    function carry(from: Socket, to: Socket): void {
      from.on("data", (chunk) => {
        if (isStalled) return;
        if (from === client && isBlocked && /upgrade: websocket/i.test(chunk.toString("latin1"))) {
          end();
          return;
        }
        if (isHealed) left = Infinity;
        if (chunk.length <= left) {
          left -= chunk.length;
          to.write(chunk);
          return;
        }
        faults++;
        to.write(chunk.subarray(0, left));
        isStalled = true;
        if (fault === "stall") setTimeout(end, STALL_MS);
        else if (fault === "reset") pair.forEach((socket) => socket.resetAndDestroy());
        else end();
      });
      from.on("error", end);
      from.on("close", end);
    }

    for (const socket of pair) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => sockets.delete(socket));
    }
    carry(client, upstream);
    carry(upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    faults: () => faults,
    blockWebSockets: (blocked) => (isBlocked = blocked),
    heal: () => (isHealed = true),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
