/**
 * The client of Sente for Java: realtime events between browsers or Node and a server.
 *
 * @packageDocumentation
 */
import type { Chsk, Events } from "./chsk.js";
import { createClient } from "./client.js";
import { settingsOf, type ConnectOptions } from "./options.js";

export type { Chsk, DataArgs, DataOf, Events, ReplyOf, RequestOptions } from "./chsk.js";
export type { Protocol } from "./conversation.js";
export { ChskError, type ChskErrorKind } from "./errors.js";
export type { ConnectOptions, Dynamic, Params } from "./options.js";
export { json } from "./packer/json.js";
export type { Packed, Packer } from "./packer/packer.js";
export type { Clock, Network, WebSocketConstructor, WebSocketLike } from "./platform.js";
export type { ChskState, CloseReason, LastClose, Lost, TransportType } from "./state.js";
export type { ReceivedEvent } from "./values.js";

/**
 * Connects to a server, and keeps connecting until {@link Chsk.disconnect}.
 *
 * @param url where the server's channel is, as `/chsk` or `https://example.org/chsk`; relative to the page in a
 *   browser, absolute elsewhere. Both `http` and `ws` schemes will do.
 * @typeParam E the application's events, see {@link Events}
 * @throws TypeError if the url is none, or type `ws` is asked for where there is no WebSocket
 */
export function connect<E extends object = Events>(url: string | URL, options: ConnectOptions = {}): Chsk<E> {
  const client = createClient<E>(settingsOf(url, options));
  client.connect();
  return client;
}
