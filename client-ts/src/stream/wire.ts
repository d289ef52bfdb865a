/** v2's frames and HTTP requests (PROTOCOL.md, "v2"). */
import { urlOf, type Access } from "../http/access.js";
import type { HttpRequest } from "../http/exchange.js";
import type { Params, Settings } from "../options.js";
import type { Packed, Packer } from "../packer/packer.js";
import { keyword, nameOf, readEvent, unpack } from "../values.js";

/** The server breaks a rule of the protocol (V24). */
export class ProtocolError extends Error {}

export function broken(what: string): never {
  throw new ProtocolError(what);
}

/** A frame: the name of a control frame, without its namespace, and what it tells; or `batch` and its messages (V5, V8). */
export type Frame = readonly [name: string | undefined, told: unknown];

/** What a batch has (V5). */
export type StreamMessage =
  | { readonly type: "event"; readonly id: string; readonly data: unknown }
  | { readonly type: "request"; readonly n: number; readonly id: string; readonly data: unknown }
  | { readonly type: "reply" | "error"; readonly n: number; readonly value: unknown };

/** @throws ProtocolError if the value is no count */
export function count(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : broken("not a count");
}

/** A field of a map, whose keys may be keywords. */
export function field(packer: Packer, map: unknown, name: string): unknown {
  return map instanceof Map
    ? (map.get(keyword(packer, name)) ?? map.get(name))
    : (map as Record<string, unknown> | null | undefined)?.[name];
}

function vector(value: unknown): unknown[] {
  return Array.isArray(value) ? value : broken("not a vector");
}

/**
 * A frame read.
 *
 * @throws ProtocolError if it is none of v2's, and other errors if it is longer than `maxLength` or no value at all
 */
export function readFrame(packer: Packer, packed: unknown, maxLength: number): Frame {
  const [frame] = vector(unpack(packer, packed, maxLength));
  const [first, told] = vector(frame);
  return Array.isArray(first) ? ["batch", frame] : [nameOf(packer, first)?.replace("chsk/", ""), told];
}

/** A message of a batch read; throws if it is none (V24). */
export function readMessage(packer: Packer, value: unknown): StreamMessage {
  const { id, data } = readEvent(packer, value) ?? broken("not a message");
  if (!id.startsWith("chsk/")) return { type: "event", id, data };
  const [first, said] = vector(data);
  const n = count(first);
  const type = id.slice(5);
  if (type === "request") return { type, n, ...(readEvent(packer, said) ?? broken("not an event")) };
  if (type === "reply") return { type, n, value: said };
  if (type !== "error") return broken("no such message");
  const [code, message] = ["code", "message"].map((name) => field(packer, said, name));
  return { type, n, value: { code, ...(message != null && { message }) } };
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
  const auth = new Headers(headers).get("authorization");
  const protocols = ["sente.v2"];
  if (csrfToken != null) protocols.push(`sente.csrf.${base64Url(csrfToken)}`);
  if (auth !== null) protocols.push(`sente.auth.${base64Url(auth)}`);
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
