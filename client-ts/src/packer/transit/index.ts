/**
 * The Transit packer, for Clojure servers: `connect(url, { packer: transit() })`. It needs the package `transit-js`.
 *
 * @packageDocumentation
 */
import { Keyword } from "../edn/values.js";
import type { Packer } from "../packer.js";
import { TransitError, type TransitOptions } from "./options.js";
import { transitReader } from "./reader.js";
import { transitWriter } from "./writer.js";

export {
  Atom,
  Char,
  Decimal,
  Double,
  EdnList,
  EdnSymbol,
  Keyword,
  Ratio,
  TaggedValue,
  Uuid,
} from "../edn/values.js";
export type { Packed, Packer } from "../packer.js";
export { TransitError, type TransitOptions, type TransitWriteHandler } from "./options.js";

/**
 * A packer for Transit in JSON, on `transit-js`.
 *
 * @throws Error if there is a read handler for a tag that JSON has itself: one of `_ s ? i d b ' array map`
 */
export function transit(options: TransitOptions = {}): Packer {
  const read = transitReader(options);
  return {
    name: "transit",
    binary: false,
    pack: transitWriter(options),
    unpack: (packed) => {
      if (typeof packed !== "string") throw new TransitError("expected text, was bytes");
      return read(packed);
    },
    keyword: (name) => Keyword.of(name),
    keywordName: (value) => (value instanceof Keyword ? value.text : undefined),
  };
}
