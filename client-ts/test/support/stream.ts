/** v2's side of the fake network. */
import type { ConnectOptions } from "../../src/index.js";
import { required, settle, startAny, type FakeRequest, type FakeSocket, type World } from "./fakes.js";

export interface Info {
  "max-message-bytes"?: number;
  session?: string;
  received?: number;
  resumed?: boolean;
  lost?: string | null;
}

/** A handshake of v2, of the session `S1` unless told otherwise. */
export function handshake(info: Info = {}, uid: string | null = "alice", data: unknown = null): unknown {
  const told = { v: 2, session: "S1", received: 0, resumed: false, lost: null, ...info };
  const limits = { "ping-ms": 12_500, "timeout-ms": 10_000, "max-message-bytes": 1000 };
  return [["chsk/handshake", [uid, null, data, { ...limits, ...told }]]];
}

/** The server accepts, and shakes hands. */
export function shake(socket: FakeSocket, info: Info = {}): void {
  socket.readyState = 1;
  socket.json(handshake(info));
}

/** What was sent by a WebSocket since the last call. */
export function said(socket: FakeSocket): unknown[] {
  return socket.sent.splice(0).map((frame) => JSON.parse(frame as string) as unknown);
}

export function bodyOf(request: FakeRequest | undefined): unknown {
  return JSON.parse(required(request).body as string);
}

/** A client in v2 with a WebSocket open. */
export async function startStream(options: ConnectOptions = {}, info: Info = {}): Promise<World> {
  const world = await startAny({ type: "ws", ...options });
  shake(world.socket(), info);
  return world;
}

/** A client in v2 with a connection open by long-polling, and the first poll under way. */
export async function startStreamPolling(options: ConnectOptions = {}): Promise<World> {
  const world = await startAny({ type: "ajax", ...options });
  await required(world.gets()[0]).json(handshake());
  return world;
}

/** A client whose first WebSocket did not open, with long-polling open. */
export async function startFallenBack(options: ConnectOptions = {}): Promise<World> {
  const world = await startAny(options);
  world.socket().drop();
  await settle();
  await required(world.gets()[0]).json(handshake());
  return world;
}
