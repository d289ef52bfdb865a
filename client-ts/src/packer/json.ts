import { isDeeper, MAX_DEPTH } from "./depth.js";
import type { Packer } from "./packer.js";

/** The default packer: JSON, with keywords as plain strings. */
export const json: Packer = {
  name: "json",
  binary: false,
  pack: (value) => {
    const packed = JSON.stringify(value);
    if (isDeeper(packed, MAX_DEPTH)) throw new RangeError(`json: deeper than ${MAX_DEPTH}`);
    return packed;
  },
  unpack: (packed) => {
    if (typeof packed !== "string") throw new TypeError("json: expected text, was bytes");
    return JSON.parse(packed) as unknown;
  },
};
