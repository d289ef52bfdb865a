import type { ChskState } from "./state.js";
import type { ReceivedEvent } from "./values.js";

/**
 * An application's events, by id. An entry is the type of the event's data, or, for an event that is answered, a
 * function type from the data to the answer:
 *
 * ```ts
 * type Chat = {
 *   "chat/said": { text: string };
 *   "chat/typing": undefined;
 *   "chat/say": (say: { text: string }) => { ok: boolean };
 * };
 * const chsk = connect<Chat>("/chsk");
 * ```
 *
 * An interface does as well. The types are believed, not checked: what comes in is whatever the server sends.
 */
export type Events = Readonly<Record<string, unknown>>;

/** The type of an event's data. */
export type DataOf<E extends object, Id extends keyof E> = E[Id] extends (data: infer D) => unknown
  ? D
  : E[Id];

/** The type of the answer to an event. */
export type ReplyOf<E extends object, Id extends keyof E> = E[Id] extends (...data: never[]) => infer R
  ? R
  : unknown;

/** The data as an argument: left out where it may be undefined. */
export type DataArgs<D> = undefined extends D ? [data?: D] : [data: D];

/** What {@link Chsk.request} can be told. */
export interface RequestOptions {
  /** How long to wait for the answer, in ms, the time before there is a connection included. Default: option `requestTimeoutMs`. */
  timeoutMs?: number;
}

/** The client's end of the channel. */
export interface Chsk<E extends object = Events> {
  /** What can be known of the connection now. */
  readonly state: ChskState;
  /** Names this client among the user's others. */
  readonly clientId: string;

  /**
   * Calls the handler for each event of this id that the server sends, in the order sent.
   *
   * @returns removes the handler
   */
  on<Id extends keyof E & string>(
    id: Id,
    handler: (data: DataOf<E, Id>, event: { readonly id: Id; readonly data: DataOf<E, Id> }) => unknown,
  ): () => void;

  /**
   * Calls the handler for each event that the server sends, after the event's own handlers.
   *
   * @param handler is also told whether the event had any of its own
   * @returns removes the handler
   */
  onAny(handler: (event: ReceivedEvent, isHandled: boolean) => unknown): () => void;

  /**
   * Answers the server's requests of this id, with what the handler returns or what its promise becomes. A handler
   * that throws, or whose answer is larger than the server takes, is reported, and the server told `handler-error`.
   * Requests without a handler are answered `no-handler`.
   * The handlers of {@link Chsk.on} do not hear of requests. In classic mode servers do not ask.
   *
   * @returns removes the handler
   * @throws Error if the id has a handler already
   */
  answer<Id extends keyof E & string>(
    id: Id,
    handler: (data: DataOf<E, Id>) => ReplyOf<E, Id> | Promise<ReplyOf<E, Id>>,
  ): () => void;

  /**
   * Calls the handler after each change of the state. It is not called with the state there is already.
   *
   * @returns removes the handler
   */
  onState(handler: (state: ChskState, previous: ChskState) => unknown): () => void;

  /**
   * Sends an event. Without a connection it waits in a queue. It arrives exactly once and in order, unless its session
   * is lost (see {@link ChskState.lost}); in classic mode at most once. Do not change the data afterwards.
   *
   * @returns false if it was not taken: the queue is full, the message larger than the server takes, the client
   *   disconnected, or refused by the server
   * @throws TypeError if the id has not the form `namespace/name`, and whatever the packer throws on an id that no keyword can have, and on
   *   data that it does not know or that, but for JSON, lies deeper than a server reads
   */
  send<Id extends keyof E & string>(id: Id, ...data: DataArgs<DataOf<E, Id>>): boolean;

  /**
   * Sends an event and waits for the server's answer. Without a connection it waits in the queue, like an event; a
   * connection that breaks does not end it, but in classic mode.
   *
   * @returns the answer; rejects with a {@link ChskError}, or, where `send` would throw, with the same
   */
  request<Id extends keyof E & string>(
    id: Id,
    ...args: undefined extends DataOf<E, Id>
      ? [data?: DataOf<E, Id>, options?: RequestOptions]
      : [data: DataOf<E, Id>, options?: RequestOptions]
  ): Promise<ReplyOf<E, Id>>;

  /** Connects again after {@link Chsk.disconnect} or a refusal; at once if an attempt is due later. `connect` has done it once. */
  connect(): void;

  /**
   * Ends the connection and opens another one at once, say after the user has logged in. The session goes on if the
   * user is the same. If not, what was queued and never sent goes into the new user's session: {@link Chsk.disconnect} and
   * {@link Chsk.connect} drop it.
   */
  reconnect(): void;

  /**
   * Ends the connection and the session for good. What is queued or not acknowledged is dropped, and pending requests reject with `closed`. A server
   * that was polled does not hear of it: there the user is present until its grace is over, 5 s. No timer is left, so a Node process can end.
   */
  disconnect(): void;

  /**
   * For tests: breaks the connection as a bad network would; the client comes back by itself.
   *
   * @param options `close`: true, the default, closes a WebSocket with code 3000; false lets go of it without a word, so
   *   that the server takes it for open
   */
  breakConnection(options?: { close?: boolean }): void;
}
