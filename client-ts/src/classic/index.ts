/**
 * Sente's classic protocol, for Clojure servers: `connect(url, { protocol: classic })`.
 *
 * @packageDocumentation
 */
import type { Protocol, StartableProtocol } from "../conversation.js";
import { ClassicConversation } from "./conversation.js";

export type { Protocol } from "../conversation.js";

const start: StartableProtocol["start"] = (host) => new ClassicConversation(host);

/** What Clojure's Sente 1.21 and 1.22 speak. Events arrive at most once; nothing is resumed. */
export const classic: Protocol = { name: "classic", start };
