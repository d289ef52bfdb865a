/** v2's frames and HTTP requests (PROTOCOL.md, "v2"). */
import { urlOf, type Access } from "../http/access.js";
import type { HttpRequest } from "../http/exchange.js";
import type { Params, Settings } from "../options.js";
import type { Packed, Packer } from "../packer/packer.js";
import { keyword, nameOf, ProtocolError, unpack } from "../values.js";

export function broken(what: string): never {
  throw new ProtocolError(what);
}

/** A frame: the name of a control frame, without its namespace, and what it tells; or `batch` and its messages (V5, V8). */
export type Frame = readonly [name: string | undefined, told: unknown];

/** @throws ProtocolError if the value is no count */
export function count(value: unknown): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : broken("no count");
}

/** A field of a map, whose keys may be keywords. */
export function field(packer: Packer, map: unknown, name: string): unknown {
  return map instanceof Map
    ? (map.get(keyword(packer, name)) ?? map.get(name))
    : (map as Record<string, unknown> | null | undefined)?.[name];
}

/** @throws ProtocolError if the value is no vector */
export function vector(value: unknown): unknown[] {
  return Array.isArray(value) ? value : broken("no vector");
}

/**
 * A frame read.
 *
 * @throws Error if it is longer than `maxMessageBytes`, or none at all: a value of another form, as the number that a text's first
 *   byte is in MessagePack, or a text in JSON, says no more of who answered than what is no value
 */
export function readFrame({ maxMessageBytes, packer }: Settings, packed: unknown): Frame {
  const [frame] = unpack(packer, packed, maxMessageBytes) as unknown[];
  if (!Array.isArray(frame)) throw new Error("no frame");
  const [first, told] = frame as unknown[];
  return Array.isArray(first) ? ["batch", frame] : [nameOf(packer, first)?.replace("chsk/", ""), told];
}

/** A frame that is not counted, packed. */
export function control(packer: Packer, name: string, ...told: unknown[]): Packed {
  return packer.pack([[keyword(packer, `chsk/${name}`), ...told]]);
}

/** Text that a WebSocket's subprotocol can hold (V1). */
function base64Url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
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
  const { csrfToken } = access;
  const headers: Record<string, string> = { ...access.headers, "x-sente": "2" };
  if (csrfToken != null) headers["x-csrf-token"] = csrfToken;
  if (session !== undefined) headers["x-sente-session"] = session;
  const url = urlOf(settings.url, "http", queryOf(settings, access, query));
  return { method: body ? "POST" : "GET", url, headers, body } as HttpRequest;
}
