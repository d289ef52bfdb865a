/** The numbers of the extension types that Sente uses. */
export const TIMESTAMP = -1;
export const KEYWORD = 0;
export const SYMBOL = 1;
export const CHARACTER = 2;
export const RATIO = 3;
export const SET = 4;
export const INTS = 5;
export const FLOATS = 6;
export const DOUBLES = 7;
/** In place of a map's key: the number of an earlier key of this message. */
export const KEY = 8;
export const UUID = 9;

/** What the tags begin with that stand for other types; the number follows. */
export const TAG_PREFIX = "msgpack/ext";

/** How many keys of a message have numbers. */
export const MAX_KEYS = 256;

export const MAX_DEPTH = 100;
export const MAX_LENGTH = 1_048_576;

/** How MessagePack is read and written. */
export interface MsgpackOptions {
  /**
   * Whether to keep what JavaScript and JSON have not. False, the default, reads maps with keywords and strings as keys
   * as objects, keywords and characters as strings, and `1.0` as 1. True keeps each apart, so that what is written again
   * is the same value.
   */
  exact?: boolean;
  /** How deep collections may lie within each other. Default: 100. */
  maxDepth?: number;
  /** How long a message may be, in bytes. Default: 1 Mi. */
  maxLength?: number;
}

/** Something is not MessagePack, has no form in it, or exceeds a limit. */
export class MsgpackError extends Error {
  override readonly name = "MsgpackError";
}
