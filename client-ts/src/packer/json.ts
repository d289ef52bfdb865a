import type { Packer } from "./packer.js";

/** The default packer: JSON, with keywords as plain strings. */
export const json: Packer = {
  name: "json",
  binary: false,
  pack: (value) => JSON.stringify(value),
  unpack: (packed) => {
    if (typeof packed !== "string") throw new TypeError("json: expected text, was bytes");
    return JSON.parse(packed) as unknown;
  },
};
