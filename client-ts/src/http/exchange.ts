import type { Settings } from "../options.js";
import type { Packed } from "../packer/packer.js";
import { MAX_TIMEOUT_MS } from "../platform.js";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: Packed;
}

/** How an HTTP request ended: status 0 if there is no answer. */
export interface HttpAnswer {
  readonly status: number;
  /** What a good answer says, and what one with status 409 does. */
  readonly body?: Packed;
  /** When the server wants to be asked again, in ms from now. */
  readonly retryMs?: number;
}

/** A request under way. */
export interface Exchange {
  /** Never rejects; undefined if the request was given up. */
  readonly answer: Promise<HttpAnswer | undefined>;
  /** Gives the request up. */
  readonly abort: () => void;
}

/**
 * Sends a request.
 *
 * @param timeoutMs how long to wait for the whole answer, in ms
 */
export function exchange(settings: Settings, request: HttpRequest, timeoutMs: number): Exchange {
  const { clock, credentials, packer } = settings;
  const aborter = new AbortController();
  let isGivenUp = false;
  const timer = clock.setTimeout(() => aborter.abort(), Math.min(timeoutMs, MAX_TIMEOUT_MS));
  const run = async (): Promise<HttpAnswer> => {
    const { url, ...init } = request;
    const response = await settings.fetch(url, { ...init, credentials, signal: aborter.signal });
    const { status } = response;
    if (response.ok || status === 409) {
      return {
        status,
        body: packer.binary ? new Uint8Array(await response.arrayBuffer()) : await response.text(),
      };
    }
    aborter.abort();
    const after = Number(response.headers.get("retry-after"));
    return after > 0 ? { status, retryMs: after * 1000 } : { status };
  };
  const done = (answer: HttpAnswer): HttpAnswer | undefined => {
    clock.clearTimeout(timer);
    return isGivenUp ? undefined : answer;
  };
  return {
    answer: run().then(done, () => done({ status: 0 })),
    abort: () => {
      isGivenUp = true;
      clock.clearTimeout(timer);
      aborter.abort();
    },
  };
}
