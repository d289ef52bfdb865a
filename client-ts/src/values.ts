/** What both protocols' frames are made of. */
import type { Packed, Packer } from "./packer/packer.js";

/** An event that came from the server. */
export interface ReceivedEvent {
  readonly id: string;
  readonly data: unknown;
}

/** The packer's keyword for a name. */
export function keyword(packer: Packer, name: string): unknown {
  return packer.keyword?.(name) ?? name;
}

/** The name of a keyword or string; undefined for any other value. */
export function nameOf(packer: Packer, value: unknown): string | undefined {
  return typeof value === "string" ? value : packer.keywordName?.(value);
}

/** The server breaks a rule of the protocol (V24). */
export class ProtocolError extends Error {}

/**
 * A value out of what a platform gives.
 *
 * @throws Error if it is longer than `maxLength`, and whatever the packer throws on what is no value
 */
export function unpack(packer: Packer, packed: unknown, maxLength: number): unknown {
  const data = (packed instanceof ArrayBuffer ? new Uint8Array(packed) : packed) as Packed;
  if (data.length > maxLength) throw new Error(`longer than ${maxLength}`);
  return packer.unpack(data);
}

/** An event read; undefined if it is none. */
export function readEvent(packer: Packer, value: unknown): ReceivedEvent | undefined {
  if (!Array.isArray(value) || value.length > 2) return undefined;
  const id = nameOf(packer, value[0]);
  return id?.includes("/") ? { id, data: value[1] as unknown } : undefined;
}

/**
 * `[id]` or `[id, data]`, with the id as the packer's keyword.
 *
 * @throws TypeError if the id has not the form `namespace/name`, or lies in the namespace `chsk`
 */
export function eventOf(packer: Packer, id: string, data: unknown): unknown[] {
  if (!/^(?!chsk\/|:)[^/]+\/./.test(id) || /[\0-\x20\x7f-\x9f\s"]/.test(id) || id.length > 256) {
    throw new TypeError(`an event's id must be like "chat/say", was ${JSON.stringify(id)}`);
  }
  return data === undefined ? [keyword(packer, id)] : [keyword(packer, id), data];
}

/** The size of what goes over the wire, in bytes. */
export function sizeOf(packed: Packed): number {
  return typeof packed === "string" ? new TextEncoder().encode(packed).length : packed.length;
}
