/**
 * The MessagePack packer, with the extensions of Clojure's Sente: `connect(url, { packer: msgpack() })`.
 *
 * @packageDocumentation
 */
import { Keyword } from "../edn/values.js";
import type { Packer } from "../packer.js";
import { MsgpackError, type MsgpackOptions } from "./extensions.js";
import { readMsgpack } from "./reader.js";
import { writeMsgpack } from "./writer.js";

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
export { MsgpackError, type MsgpackOptions } from "./extensions.js";
export { readMsgpack } from "./reader.js";
export { writeMsgpack } from "./writer.js";

/** A packer for MessagePack. */
export function msgpack(options: MsgpackOptions = {}): Packer {
  return {
    name: "msgpack",
    binary: true,
    pack: (value) => writeMsgpack(value, options),
    unpack: (packed) => {
      if (typeof packed === "string") throw new MsgpackError("expected bytes, was text");
      return readMsgpack(packed, options);
    },
    keyword: (name) => Keyword.of(name),
    keywordName: (value) => (value instanceof Keyword ? value.text : undefined),
  };
}
