export const MAX_DEPTH = 100;
export const MAX_LENGTH = 1_048_576;

/** How values of a class are written. */
export interface TransitWriteHandler<T> {
  /** The tag, as `my/point`; one of a single character wants a string as `rep`. */
  readonly tag: string;
  /** What stands for the value after the tag. */
  readonly rep: (value: T) => unknown;
}

/** How Transit is read and written. */
export interface TransitOptions {
  /**
   * Whether to keep what JavaScript and JSON have not. False, the default, reads maps with keywords and strings as keys
   * as objects, keywords and characters as strings, and lists as arrays. True keeps each apart, so that what is written
   * again is the same value. Transit's JSON itself does not tell `1.0` from 1.
   */
  exact?: boolean;
  /** Whether to write JSON that people can read: with objects for maps, dates as text, and nothing abbreviated. Default: false. */
  verbose?: boolean;
  /** What to make of tags, before all that is built in; each is given what follows its tag. */
  readHandlers?: Readonly<Record<string, (rep: unknown) => unknown>>;
  /** How to write objects of further classes. */
  writeHandlers?: ReadonlyMap<abstract new (...args: never[]) => unknown, TransitWriteHandler<never>>;
  /** How deep values may lie within each other; of the JSON's arrays and objects a set or tag takes two. Default: 100. */
  maxDepth?: number;
  /** How long a text may be, in UTF-16 units. Default: 1 Mi. */
  maxLength?: number;
}

/** Something is not Transit, has no form in it, or exceeds a limit. */
export class TransitError extends Error {
  override readonly name = "TransitError";
}
