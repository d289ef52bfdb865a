import type { Outbox } from "../outbox.js";
import type { Settings } from "../options.js";
import type { Close } from "../session.js";
import type { Frame } from "../wire/classic.js";
import type { Access } from "../wire/requests.js";

/** One connection, by whatever carries it. It lives once: when closed or abandoned it says and does nothing any more. */
export interface Transport {
  /** Takes from the outbox whatever it can carry now. Before the handshake that is nothing. */
  flush(): void;
  /** Finds out whether the server is still there; if not, its end is reported soon. */
  check(): void;
  /** Ends it, or frees what it holds after its end. This is not reported. */
  close(code: number, reason: string): void;
  /** Ends it without telling the server, as a lost network does. Its resources are freed by a later `close`. */
  abandon(): void;
}

/**
 * What a transport is given. It calls back until it is closed or abandoned, and never within the call that creates it.
 */
export interface Link {
  readonly settings: Settings;
  readonly access: Access;
  readonly outbox: Outbox;
  /** If this attempt fails, another transport is tried at once: do not ask the server why. */
  readonly hasFallback: boolean;
  /** A handshake, a batch or a reply came. */
  received(frame: Frame): void;
  /** A request failed that the server answered by other means than a reply. */
  failed(cb: string, status: number): void;
  /** The connection has ended, by itself; the transport will be closed now. Only the first call counts. */
  closed(close: Close): void;
  /** Something went wrong that nobody waits for. */
  report(error: unknown, where: string): void;
}
