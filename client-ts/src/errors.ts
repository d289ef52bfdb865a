/**
 * Why a request has no answer.
 *
 * - `timeout`: no answer came in time, or the server gave up waiting for its own handler
 * - `closed`: the connection's session was lost, or the server refused the client, after the request had gone out, so that it may have been
 *   handled; or the client is disconnected
 * - `refused`: it was never sent: the client's queue is full, it is too large, or the server refuses the client
 * - `remote`: the server answered with an error
 */
export type ChskErrorKind = "timeout" | "closed" | "refused" | "remote";

/** What the promise of {@link Chsk.request} rejects with. */
export class ChskError extends Error {
  /** Why there is no answer. */
  readonly kind: ChskErrorKind;
  /** What the server said, where it said something: an HTTP status, or a value such as `{ code, message }`. */
  readonly detail: unknown;

  constructor(kind: ChskErrorKind, message: string, detail?: unknown) {
    super(message);
    this.name = "ChskError";
    this.kind = kind;
    this.detail = detail;
  }
}
