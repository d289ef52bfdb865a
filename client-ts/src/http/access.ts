import type { Params, Settings } from "../options.js";

/** What a connection's requests carry, evaluated anew for each connection. */
export interface Access {
  readonly params: Params;
  readonly headers: Readonly<Record<string, string>>;
  readonly csrfToken: string | null | undefined;
}

export async function accessOf(settings: Settings): Promise<Access> {
  // Async, so that one that throws leaves none of the other promises without anybody who waits for it.
  const value = async <T>(it: T | (() => T | Promise<T>)): Promise<T> =>
    typeof it === "function" ? (it as () => T | Promise<T>)() : it;
  const [params, headers, csrfToken] = await Promise.all([
    value(settings.params),
    value(settings.headers),
    value(settings.csrfToken),
  ]);
  return { params, headers, csrfToken };
}

/** The url with parameters added and of the scheme asked for, whatever of the two schemes' forms was given. */
export function urlOf(base: URL, scheme: "ws" | "http", query: Params): string {
  const url = new URL(base);
  // "http" and "ws" have secure forms of the same ending: whatever was given, only that ending counts.
  url.protocol = url.protocol.replace(/^(http|ws)/, scheme);
  url.hash = "";
  for (const [name, value] of Object.entries(query))
    if (value != null) url.searchParams.append(name, String(value));
  return url.href;
}
