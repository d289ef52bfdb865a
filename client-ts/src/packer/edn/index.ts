/**
 * The edn packer: `connect(url, { packer: edn() })`, for Clojure servers and for values that JSON has not.
 *
 * @packageDocumentation
 */
import type { Packer } from "../packer.js";
import { readEdn, type EdnOptions } from "./reader.js";
import { EdnError, Keyword } from "./values.js";
import { writeEdn } from "./writer.js";

export type { Packed, Packer } from "../packer.js";
export { readEdn, type EdnOptions } from "./reader.js";
export {
  Atom,
  Char,
  Decimal,
  Double,
  EdnError,
  EdnList,
  EdnSymbol,
  Keyword,
  Ratio,
  TaggedValue,
  Uuid,
} from "./values.js";
export { writeEdn } from "./writer.js";

/** A packer for edn. */
export function edn(options: EdnOptions = {}): Packer {
  return {
    name: "edn",
    binary: false,
    pack: (value) => writeEdn(value, options),
    unpack: (packed) => {
      if (typeof packed !== "string") throw new EdnError("expected text, was bytes");
      return readEdn(packed, options);
    },
    keyword: (name) => Keyword.of(name),
    keywordName: (value) => (value instanceof Keyword ? value.text : undefined),
  };
}
