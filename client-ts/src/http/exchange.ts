import type { Settings } from "../options.js";
import type { Packed } from "../packer/packer.js";
import type { Close } from "../session.js";

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: Packed;
}

/** How an HTTP request ended. */
export interface HttpAnswer {
  /** 0 if there is no answer. */
  readonly status: number;
  /** What a good answer says; with status 409, the text that says why. */
  readonly body?: Packed;
  /** What to tell of it if the connection ends with it: the status, or what `fetch` failed with. */
  readonly why: Pick<Close, "status" | "retryMs" | "error">;
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
  const timer = clock.setTimeout(() => aborter.abort(), timeoutMs);
  const run = async (): Promise<HttpAnswer> => {
    const { url, ...init } = request;
    const response = await settings.fetch(url, { ...init, credentials, signal: aborter.signal });
    const { status } = response;
    if (response.ok || status === 409) {
      return {
        status,
        why: { status },
        body:
          packer.binary && response.ok ? new Uint8Array(await response.arrayBuffer()) : await response.text(),
      };
    }
    aborter.abort();
    const after = Number(response.headers.get("retry-after"));
    return { status, why: { status, ...(after > 0 && { retryMs: after * 1000 }) } };
  };
  const done = (answer: HttpAnswer): HttpAnswer | undefined => {
    clock.clearTimeout(timer);
    return isGivenUp ? undefined : answer;
  };
  return {
    answer: run().then(done, (error: unknown) => done({ status: 0, why: { error } })),
    abort: () => {
      isGivenUp = true;
      clock.clearTimeout(timer);
      aborter.abort();
    },
  };
}
