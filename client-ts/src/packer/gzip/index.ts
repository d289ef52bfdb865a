/**
 * Any other packer in gzip: `connect(url, { packer: gzip(edn()) })`. The server knows it as `edn+gzip`.
 *
 * @packageDocumentation
 */
import type { Packer } from "../packer.js";
import { compressed, decompressed, GZIP } from "./compression.js";
import { wrapNetwork } from "./network.js";

export type { Packed, Packer } from "../packer.js";
export type { Network, WebSocketConstructor, WebSocketLike } from "../../platform.js";

/** How gzip is read. */
export interface GzipOptions {
  /** How long a message may be once decompressed, in bytes. More is refused as soon as it shows. Default: 1 Mi. */
  maxLength?: number;
}

/** A message is not in gzip, or exceeds the limit. */
export class GzipError extends Error {
  override readonly name = "GzipError";
}

const MAX_LENGTH = 1_048_576;

/**
 * A packer in gzip, named `<name>+gzip`. A message is a byte 1 and what the other packer gives, compressed; or a byte 0 and
 * the same as it is, if it is under 1024 bytes.
 *
 * Where there is no `DecompressionStream` it is the other packer itself, by its own name.
 *
 * Compressing takes time, so it happens on the way to and from the network: `pack` gives the message as it is, and
 * `unpack` takes no other.
 *
 * Beware of secrets in messages that strangers can put text into: the length of what is compressed tells about its
 * content.
 */
export function gzip(packer: Packer, { maxLength = MAX_LENGTH }: GzipOptions = {}): Packer {
  if (typeof DecompressionStream === "undefined") return packer;
  return {
    name: `${packer.name}+gzip`,
    binary: true,
    pack: (value) => {
      const packed = packer.pack(value);
      const bytes = typeof packed === "string" ? new TextEncoder().encode(packed) : packed;
      const message = new Uint8Array(bytes.length + 1); // its flag is RAW
      message.set(bytes, 1);
      return message;
    },
    unpack: (message) => {
      if (typeof message === "string" || !message.length || message[0] === GZIP)
        throw new GzipError(`expected a flag, and gzip of at most ${maxLength} bytes`);
      const bytes = message.subarray(1);
      return packer.unpack(packer.binary ? bytes : textOf(bytes));
    },
    keyword: (name) => packer.keyword?.(name) ?? name,
    keywordName: (value) => packer.keywordName?.(value),
    wrap: (network) => wrapNetwork(network, compressed, (message) => decompressed(message, maxLength)),
  };
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new GzipError("not UTF-8");
  }
}
