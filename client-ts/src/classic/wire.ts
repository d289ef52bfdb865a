/**
 * The frames of classic mode, which is what Clojure's Sente speaks: every frame packs a vector of two, a message
 * and a callback id. In packers without keywords those are plain strings.
 */
import type { Packer } from "../packer/packer.js";
import { field } from "../stream/wire.js";
import { nameOf, unpack } from "../values.js";

/** What a server can say by a WebSocket, or in answer to a poll. */
export type Frame =
  | { readonly type: "handshake"; readonly uid: string | null; readonly data: unknown }
  /** Pushed events, each still to be looked at: one that is none must not take the others with it. */
  | { readonly type: "batch"; readonly events: readonly unknown[] }
  | { readonly type: "reply"; readonly cb: string; readonly value: unknown }
  | { readonly type: "ping" }
  /** A poll's time is up. */
  | { readonly type: "timeout" };

/** A frame read; throws if it is none, or longer than `maxLength`. */
export function readFrame(packer: Packer, packed: unknown, maxLength: number): Frame {
  const [message, cb] = readPair(packer, packed, maxLength);
  if (typeof cb === "string") return { type: "reply", cb, value: message };
  const name = nameOf(packer, message);
  if (name === "chsk/ws-ping") return { type: "ping" };
  if (name === "chsk/timeout") return { type: "timeout" };
  if (Array.isArray(message)) {
    const [first, details] = message as unknown[];
    if (nameOf(packer, first) === "chsk/handshake" && Array.isArray(details)) {
      const [uid, , data] = details as unknown[];
      const isNobody = uid == null || nameOf(packer, uid) === "sente/nil-uid";
      // eslint-disable-next-line @typescript-eslint/no-base-to-string -- a Clojure server's uid may be any value
      return { type: "handshake", uid: isNobody ? null : String(uid), data };
    }
    if (nameOf(packer, first) === undefined) return { type: "batch", events: message };
  }
  throw new TypeError("not a frame");
}

/** The pair that every frame is; throws if it is none, or longer than `maxLength`. */
export function readPair(packer: Packer, packed: unknown, maxLength: number): unknown[] {
  const pair = unpack(packer, packed, maxLength);
  if (Array.isArray(pair) && (pair.length === 1 || pair.length === 2)) return pair;
  throw new TypeError("not a frame");
}

/** The codes by which our server tells, in a value `{code, message?}`, that there is no answer. */
const FAILURES = ["handler-error", "bad-data", "bad-event", "no-handler"];

/** What kind of failure a reply's value stands for; undefined for an ordinary value. */
export function failureOf(packer: Packer, value: unknown): "timeout" | "remote" | undefined {
  const name = nameOf(packer, value);
  if (name === "chsk/timeout") return "timeout";
  const isFailure = name === "chsk/error" || FAILURES.includes(field(packer, value, "code") as string);
  return isFailure ? "remote" : undefined;
}
