import type { Packer } from "./packer.js";

/** The default packer: JSON, with keywords as plain strings. */
export const json: Packer = {
  name: "json",
  binary: false,
  pack: (value) => JSON.stringify(value),
  // Bytes are read as the text of their numbers, which is no frame.
  unpack: (packed) => JSON.parse(packed as string) as unknown,
};
