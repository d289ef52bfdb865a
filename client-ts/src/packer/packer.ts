import type { Network } from "../platform.js";

/** A packed value: text for text packers, bytes for binary ones. */
export type Packed = string | Uint8Array<ArrayBuffer>;

/**
 * Turns values into text or bytes and back. The server must use the same packer.
 *
 * Event ids are plain strings (`"chat/said"`) everywhere in this library. A packer that has keywords says in
 * {@link Packer.keyword} and {@link Packer.keywordName} how they become one and back.
 */
export interface Packer {
  /** The name the server knows it by, as `json` or `edn`. */
  readonly name: string;
  /** Whether {@link Packer.pack} gives bytes rather than text. */
  readonly binary: boolean;
  /** Packs one value; throws if something in it has no form in this format. */
  pack(value: unknown): Packed;
  /** Unpacks one value. What comes in is from anybody: it throws on whatever is not a value, and is bounded in time and depth. */
  unpack(packed: Packed): unknown;
  /** The keyword of a name such as `"chat/said"`. Without this method, the name itself. */
  keyword?(name: string): unknown;
  /** The name of a keyword that {@link Packer.unpack} gave, or undefined. Strings are always taken as names too. */
  keywordName?(value: unknown): string | undefined;
  /**
   * For packers that need time, as to compress: the WebSocket and `fetch` to use instead of the given ones. They change
   * what {@link Packer.pack} gave on its way out, and what comes in before {@link Packer.unpack} gets it. Messages must
   * keep their order.
   */
  wrap?(network: Network): Network;
}
