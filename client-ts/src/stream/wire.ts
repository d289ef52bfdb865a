/** v2's frames and HTTP requests (PROTOCOL.md, "v2"). */
import { urlOf, type Access } from "../http/access.js";
import type { HttpRequest } from "../http/exchange.js";
import type { Params, Settings } from "../options.js";
import type { Packed, Packer } from "../packer/packer.js";
import { keyword, nameOf, readEvent, readVector } from "../values.js";

/** What the server tells of itself and of the session (V4). */
export interface Info {
  readonly session: string;
  /** How many messages it has accepted. */
  readonly received: number;
  readonly resumed: boolean;
  readonly lost: string | null;
  readonly pingMs: number;
  readonly timeoutMs: number;
  readonly maxMessageBytes: number;
}

/** V5, V8. */
export type Frame =
  | {
      readonly type: "handshake";
      readonly uid: string | null;
      readonly data: unknown;
      /** Missing where the server speaks classic mode only. */
      readonly info: Info | undefined;
    }
  /** Messages, each still to be read by {@link readMessage}. */
  | { readonly type: "batch"; readonly messages: readonly unknown[] }
  | { readonly type: "ack"; readonly received: number }
  | { readonly type: "close"; readonly code: number; readonly retryMs: number }
  | { readonly type: "ping" | "pong" | "timeout" };

/** What a batch has (V5). */
export type StreamMessage =
  | { readonly type: "event"; readonly id: string; readonly data: unknown }
  | { readonly type: "request"; readonly n: number; readonly id: string; readonly data: unknown }
  | { readonly type: "reply" | "error"; readonly n: number; readonly value: unknown };

function broken(): never {
  throw new TypeError("not a frame of v2");
}

function count(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : broken();
}

/** A field of a map, whose keys may be keywords. */
export function field(packer: Packer, map: unknown, name: string): unknown {
  return map instanceof Map
    ? (map.get(keyword(packer, name)) ?? map.get(name))
    : (map as Record<string, unknown> | null | undefined)?.[name];
}

/** A frame read; throws if it is none (V24), or longer than `maxLength`. */
export function readFrame(packer: Packer, packed: unknown, maxLength: number): Frame {
  const [frame] = readVector(packer, packed, maxLength);
  if (!Array.isArray(frame) || frame.length === 0) return broken();
  const [first, told] = frame as unknown[];
  if (Array.isArray(first)) return { type: "batch", messages: frame };
  const name = nameOf(packer, first) ?? "";
  switch (name) {
    case "chsk/handshake":
      return Array.isArray(told) ? readHandshake(packer, told) : broken();
    case "chsk/ack":
      return { type: "ack", received: count(told) };
    case "chsk/ping":
      return { type: "ping" };
    case "chsk/pong":
      return { type: "pong" };
    case "chsk/timeout":
      return { type: "timeout" };
    case "chsk/close": {
      const [code, retryMs] = ["code", "retry-ms"].map((name) => Number(field(packer, told, name) ?? 0));
      return { type: "close", code: code ?? 0, retryMs: retryMs ?? 0 };
    }
    default:
      return broken();
  }
}

function readHandshake(packer: Packer, [uid, , data, told]: unknown[]): Frame {
  const info = (name: string): unknown => field(packer, told, name);
  const session = info("session");
  return {
    type: "handshake",
    uid: typeof uid === "string" ? uid : null,
    data,
    info:
      typeof session === "string"
        ? {
            session,
            received: count(info("received")),
            resumed: info("resumed") === true,
            lost: (info("lost") as string | undefined) ?? null,
            pingMs: count(info("ping-ms")),
            timeoutMs: count(info("timeout-ms")),
            maxMessageBytes: count(info("max-message-bytes")),
          }
        : undefined,
  };
}

/** A message of a batch read; throws if it is none (V24). */
export function readMessage(packer: Packer, value: unknown): StreamMessage {
  const event = readEvent(packer, value) ?? broken();
  if (!event.id.startsWith("chsk/")) return { type: "event", ...event };
  const [first, said] = Array.isArray(event.data) ? (event.data as unknown[]) : broken();
  const n = count(first);
  switch (event.id) {
    case "chsk/request": {
      const asked = readEvent(packer, said) ?? broken();
      return { type: "request", n, ...asked };
    }
    case "chsk/reply":
      return { type: "reply", n, value: said };
    case "chsk/error": {
      const [code, message] = ["code", "message"].map((name) => field(packer, said, name));
      return { type: "error", n, value: { code, ...(message != null && { message }) } };
    }
    default:
      return broken();
  }
}

/** A frame that is not counted, packed. */
export function control(packer: Packer, name: string, ...told: unknown[]): Packed {
  return packer.pack([[keyword(packer, `chsk/${name}`), ...told]]);
}

/** Text that a WebSocket's subprotocol can hold (V1). */
function base64Url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=/g, "");
}

function queryOf({ clientId, packer }: Settings, { params }: Access, more: Params): Params {
  return { ...params, "client-id": clientId, packer: packer.name, ...more };
}

/** V1: where a WebSocket goes, and the subprotocols that carry what must not stand in a URL. */
export function webSocketRequest(
  settings: Settings,
  access: Access,
  session: string | undefined,
  received: number,
): [url: string, protocols: string[]] {
  const { csrfToken, headers } = access;
  const auth = Object.entries(headers).find(([name]) => name.toLowerCase() === "authorization");
  const protocols = ["sente.v2"];
  if (csrfToken != null) protocols.push(`sente.csrf.${base64Url(csrfToken)}`);
  if (auth) protocols.push(`sente.auth.${base64Url(auth[1])}`);
  if (session !== undefined) protocols.push(`sente.session.${session}`);
  return [urlOf(settings.url, "ws", queryOf(settings, access, { received })), protocols];
}

/** V2: a poll, or a POST where there is a body. */
export function httpRequest(
  settings: Settings,
  access: Access,
  session: string | undefined,
  query: Params,
  body?: Packed,
): HttpRequest {
  const { csrfToken, headers } = access;
  return {
    method: body === undefined ? "GET" : "POST",
    url: urlOf(settings.url, "http", queryOf(settings, access, query)),
    headers: {
      ...headers,
      "x-sente": "2",
      ...(csrfToken != null && { "x-csrf-token": csrfToken }),
      ...(session !== undefined && { "x-sente-session": session }),
      ...(body !== undefined && {
        "content-type": typeof body === "string" ? "text/plain;charset=UTF-8" : "application/octet-stream",
      }),
    },
    ...(body !== undefined && { body }),
  };
}
