/**
 * The HTTP requests of classic mode, parameters in the order in which Sente sends them. Only `packer` is ours: our server takes
 * it for the choice of the packer, and Sente ignores it.
 */
import type { Access } from "../http/access.js";
import type { HttpRequest } from "../http/exchange.js";
import type { Params, Settings } from "../options.js";
import type { Packed } from "../packer/packer.js";

export function webSocketUrl({ url, clientId, packer }: Settings, { params, csrfToken }: Access): string {
  return urlOf(url, "ws", { ...params, "client-id": clientId, "csrf-token": csrfToken, packer: packer.name });
}

export function pollRequest(settings: Settings, access: Access, handshake: boolean): HttpRequest {
  const query = {
    ...access.params,
    udt: settings.clock.now(),
    "client-id": settings.clientId,
    "handshake?": handshake ? 1 : null,
    packer: settings.packer.name,
  };
  return { method: "GET", url: urlOf(settings.url, "http", query), headers: headersOf(access) };
}

export function postRequest(settings: Settings, access: Access, packed: Packed): HttpRequest {
  const fields = { udt: settings.clock.now(), "client-id": settings.clientId, packer: settings.packer.name };
  const headers = headersOf(access);
  if (typeof packed === "string") {
    headers["content-type"] = "application/x-www-form-urlencoded;charset=UTF-8";
    return {
      method: "POST",
      url: urlOf(settings.url, "http", {}),
      headers,
      body: encode({ ...fields, ppstr: packed }),
    };
  }
  headers["content-type"] = "application/octet-stream";
  return {
    method: "POST",
    url: urlOf(settings.url, "http", { ...fields, "binary?": true }),
    headers,
    body: packed,
  };
}

function headersOf({ headers, csrfToken }: Access): Record<string, string> {
  return {
    ...headers,
    ...(csrfToken != null && { "x-csrf-token": csrfToken }),
    "x-requested-with": "XMLHTTPRequest",
  };
}

/** The url with a query added as Sente writes it. */
function urlOf(base: URL, scheme: "ws" | "http", query: Params): string {
  const url = new URL(base);
  // "http" and "ws" have secure forms of the same ending: whatever was given, only that ending counts.
  url.protocol = url.protocol.replace(/^(http|ws)/, scheme);
  const search = [url.search.slice(1), encode(query)].filter(Boolean).join("&");
  url.search = url.hash = "";
  return url.href + (search && `?${search}`);
}

/** Fields as a form has them. */
function encode(fields: Params): string {
  return Object.entries(fields)
    .filter(([, value]) => value != null)
    .map(([name, value]) => `${encodeText(name)}=${encodeText(String(value))}`)
    .join("&");
}

/** Half a surrogate pair becomes U+FFFD, as it does on its way through a WebSocket; `encodeURIComponent` alone would throw. */
function encodeText(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\uFFFD"));
}
