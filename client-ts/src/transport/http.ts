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
  /** Never rejects. */
  readonly answer: Promise<HttpAnswer>;
  /** Gives the request up; its answer is then of status 0. */
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
  const timer = clock.setTimeout(() => aborter.abort(), timeoutMs);
  const run = async (): Promise<HttpAnswer> => {
    try {
      const { url, method, headers, body } = request;
      const response = await settings.fetch(url, {
        method,
        headers,
        credentials,
        signal: aborter.signal,
        ...(body !== undefined && { body }),
      });
      const { status } = response;
      if (statusOnly || !response.ok) {
        aborter.abort();
        return { status };
      }
      return {
        status,
        body: packer.binary ? new Uint8Array(await response.arrayBuffer()) : await response.text(),
      };
    } catch {
      return { status: 0 };
    } finally {
      clock.clearTimeout(timer);
    }
  };
  return {
    answer: run(),
    abort: () => {
      clock.clearTimeout(timer);
      aborter.abort();
    },
  };
}
