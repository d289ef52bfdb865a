/**
 * The codes for what comes again in a message. These stand in for transit-js's own caches, which look keys up in
 * objects, so that a key `__proto__` ends up in every object's prototype; and which are not cleared after an error, so
 * that the next message is misread.
 */

const FIRST_CHAR = 48;
const DIGITS = 44;

/** How many codes there are; then they start again. */
const MAX_CODES = DIGITS * DIGITS;

/** The part of a cache that transit-js calls to write. */
export interface WriteCache {
  readonly write: (text: string, asMapKey: boolean) => string;
  readonly clear: () => void;
}

/** The part of a cache that transit-js calls to read. It takes `idx` back after having looked ahead. */
export interface ReadCache {
  idx: number;
  readonly write: (value: unknown) => unknown;
  readonly read: (code: string) => unknown;
  readonly clear: () => void;
}

export function writeCache(): WriteCache {
  const codes = new Map<string, string>();
  return {
    write: (text, asMapKey) => {
      if (text.length < 4 || !(asMapKey || /^~[:$#]/.test(text))) return text;
      const known = codes.get(text);
      if (known !== undefined) return known;
      if (codes.size === MAX_CODES) codes.clear();
      const [high, low] = [Math.floor(codes.size / DIGITS), codes.size % DIGITS];
      codes.set(
        text,
        `^${String.fromCharCode(...(high ? [high, low] : [low]).map((it) => it + FIRST_CHAR))}`,
      );
      return text;
    },
    clear: () => codes.clear(),
  };
}

export function readCache(): ReadCache {
  const values: unknown[] = [];
  const cache: ReadCache = {
    idx: 0,
    write: (value) => {
      if (cache.idx === MAX_CODES) cache.idx = 0;
      return (values[cache.idx++] = value);
    },
    read: (code) => {
      const [first = 0, second] = Array.from(code.slice(1), (char) => char.charCodeAt(0) - FIRST_CHAR);
      const index = second === undefined ? first : first * DIGITS + second;
      return index < cache.idx ? values[index] : undefined;
    },
    clear: () => {
      cache.idx = 0;
      values.length = 0;
    },
  };
  return cache;
}
