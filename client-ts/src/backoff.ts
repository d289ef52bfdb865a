/** The upper bound of the wait before the first retry, in ms. */
export const BACKOFF_FIRST_MS = 250;

/** The upper bound of any wait, in ms. */
export const BACKOFF_CAP_MS = 30_000;

/**
 * How long to wait before the next attempt, in ms: anything up to a bound that doubles with every failure, so
 * that many clients which lost the same server come back spread over time.
 *
 * @param failures attempts that failed in a row, 0 or more
 * @param random at least 0, below 1
 */
export function backoff(failures: number, random: number): number {
  return Math.floor(random * Math.min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS * 2 ** failures));
}
