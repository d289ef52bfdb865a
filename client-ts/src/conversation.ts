/**
 * What the client's shell and a wire protocol know of each other. A protocol is one {@link Conversation} per client,
 * which outlives connections, and transports, each of which is one connection.
 */
import type { Handlers } from "./handlers.js";
import type { Access } from "./http/access.js";
import type { Settings } from "./options.js";
import type { Close } from "./session.js";
import type { Lost, TransportType } from "./state.js";

/** Which protocol to speak. Left out, it is v2; `sente-client/classic` has the other one. */
export interface Protocol {
  readonly name: string;
  /** For this library's own use. */
  readonly start: (...host: never[]) => unknown;
}

/** A protocol as the client sees it. */
export interface StartableProtocol extends Protocol {
  readonly start: (host: Host) => Conversation;
}

/** What a conversation is given of its client. */
export interface Host {
  readonly settings: Settings;
  readonly handlers: Handlers;
  /** Something went wrong that nobody waits for. */
  readonly report: (error: unknown, where: string) => void;
  /** Something waits for the connection that there may be. */
  readonly flush: () => void;
}

/** Why nothing can be sent, not even later. */
export type Unavailable = "closed" | "refused";

/** What is said, kept and waited for, whichever connection there is. */
export interface Conversation {
  /** Whether a connection can go on where another one ended, so that it need not end before. */
  readonly resumes: boolean;
  /**
   * Queues an event.
   *
   * @returns whether it was taken
   * @throws TypeError if the id is none, and whatever the packer throws
   */
  send(id: string, data: unknown, unavailable: Unavailable | undefined): boolean;
  /** The same for an event that is answered; `settle` is called once, unless this throws. */
  request(
    id: string,
    data: unknown,
    timeoutMs: number,
    unavailable: Unavailable | undefined,
    settle: Settle,
  ): void;
  /** Begins to connect. */
  open(type: TransportType, link: Link): Transport;
  /** The connection is gone; if `isAway`, no other will be tried until the application says so. */
  interrupted(isAway: boolean): void;
  /** The application wants no more: everything is forgotten, and pending requests fail. */
  end(): void;
}

/** How a request ends. */
export interface Settle {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One connection, by whatever carries it. It lives once: when closed or abandoned it says and does nothing any more. */
export interface Transport {
  /** Sends what waits, as far as it can now. Before the handshake that is nothing. */
  flush(): void;
  /** Finds out whether the server is still there; if not, its end is reported soon. */
  check(): void;
  /** Tells the server that the client will not come back. */
  farewell?(): void;
  /** Ends it, or frees what it holds after its end. This is not reported. */
  close(code: number): void;
  /** Ends it without telling the server, as a lost network does. Its resources are freed by a later `close`. */
  abandon(): void;
}

/** What a server says when a connection opens. */
export interface Greeting {
  readonly uid: string | null;
  readonly handshakeData: unknown;
  readonly resumed: boolean;
  readonly lost: Lost | null;
}

/** What a transport is given. It calls back until it is closed or abandoned, and never within the call that creates it. */
export interface Link {
  readonly access: Access;
  /** If this attempt fails, another transport carries on: do not ask the server why. */
  readonly hasFallback: boolean;
  /** The server has shaken hands. */
  opened(greeting: Greeting): void;
  /** The connection has ended, by itself; the transport will be closed now. Only the first call counts. */
  closed(close: Close): void;
}
