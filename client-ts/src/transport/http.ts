import type { Settings } from "../options.js";
import type { Packed } from "../packer/packer.js";
import type { HttpRequest } from "../wire/requests.js";

/** How an HTTP request ended: status 0 if there is no answer, with a body if it is a good one. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: Packed;
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
 * @param statusOnly whether to stop reading as soon as the status is known
 */
export function exchange(
  settings: Settings,
  request: HttpRequest,
  timeoutMs: number,
  statusOnly = false,
): Exchange {
  const { clock, credentials, packer } = settings;
  const aborter = new AbortController();
  let isGivenUp = false;
  const timer = clock.setTimeout(() => aborter.abort(), timeoutMs);
  const run = async (): Promise<HttpAnswer> => {
    const { url, ...init } = request;
    const response = await settings.fetch(url, { ...init, credentials, signal: aborter.signal });
    const { status, ok } = response;
    if (!statusOnly && ok) {
      return {
        status,
        body: packer.binary ? new Uint8Array(await response.arrayBuffer()) : await response.text(),
      };
    }
    aborter.abort();
    return { status };
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
