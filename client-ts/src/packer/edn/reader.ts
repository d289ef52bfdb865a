import { plain, plainMap, plainSet } from "../plain.js";
import {
  CHAR_NAMES,
  Char,
  Decimal,
  Double,
  EdnError,
  EdnList,
  EdnSymbol,
  Keyword,
  MARKS,
  Ratio,
  SPACE,
  TaggedValue,
  Uuid,
} from "./values.js";

/** How edn is read and written. */
export interface EdnOptions {
  /**
   * Whether to keep what JavaScript and JSON have not. False, the default, reads maps with keywords and strings as keys
   * as objects, keywords and characters as strings, lists as arrays, and `1.0` as 1. True keeps each apart, so that
   * what is written again is the same value.
   */
  exact?: boolean;
  /** How deep values may lie within each other. Default: 100. */
  maxDepth?: number;
  /** How long a text may be, in UTF-16 units. Default: 1 Mi. */
  maxLength?: number;
}

export const MAX_DEPTH = 100;
export const MAX_LENGTH = 1_048_576;

/** How long a number may be, in digits and marks. Time to read one grows faster than its length. */
const MAX_NUMBER_LENGTH = 1000;

const SPACES = new RegExp(`[${SPACE},]*`, "y");

/** What a token is made of. */
const TOKEN = new RegExp(`[^${SPACE}${MARKS}]*`, "y");

/**
 * Reads one value; nothing but white space and comments may follow it. Takes time in proportion to the text's length.
 *
 * @throws EdnError if the text is not edn, or exceeds a limit
 */
export function readEdn(text: string, options: EdnOptions = {}): unknown {
  const { exact = false, maxDepth = MAX_DEPTH, maxLength = MAX_LENGTH } = options;
  let at = 0;

  function fail(message: string): never {
    throw new EdnError(message, at);
  }

  /** Passes over what is so. */
  function pass(pattern: RegExp): void {
    pattern.lastIndex = at;
    pattern.test(text);
    at = pattern.lastIndex;
  }

  /** Passes over white space, comments and discarded forms, to the first character of something. */
  function skip(depth: number): string | undefined {
    for (;;) {
      pass(SPACES);
      const char = text[at];
      if (char === ";") {
        const end = text.indexOf("\n", at);
        at = end < 0 ? text.length : end;
      } else if (char === "#" && text[at + 1] === "_") {
        at += 2;
        form(depth + 1);
      } else {
        return char;
      }
    }
  }

  /** One value, with keywords and characters as such. */
  function form(depth: number): unknown {
    if (depth > maxDepth) fail(`deeper than ${maxDepth}`);
    const char = skip(depth);
    switch (char) {
      case undefined:
        return fail("unexpected end");
      case "(": {
        const items = sequence(")", depth).map(simple);
        return exact ? new EdnList(items) : items;
      }
      case "[":
        return sequence("]", depth).map(simple);
      case "{":
        return map(depth);
      case '"':
        return string();
      case "\\":
        return character();
      case "#":
        return dispatch(depth);
      case "^":
        at++;
        form(depth + 1);
        return form(depth + 1);
      default:
        return atom();
    }
  }

  /** A value as the application sees it. */
  function simple(value: unknown): unknown {
    return exact ? value : plain(value);
  }

  function sequence(close: string, depth: number): unknown[] {
    const items = [];
    for (at++; skip(depth) !== close;) items.push(form(depth + 1));
    at++;
    return items;
  }

  function map(depth: number, namespace = ""): unknown {
    const items = sequence("}", depth);
    if (items.length % 2) fail("a map's key without a value");
    const entries = new Map<unknown, unknown>();
    for (let i = 0; i < items.length; i += 2) {
      const key = namespace ? qualified(items[i], namespace) : items[i];
      if (entries.has(key) && (exact || typeof key !== "number")) fail("a key twice in a map");
      entries.set(key, simple(items[i + 1]));
    }
    return exact ? entries : plainMap(entries);
  }

  function qualified(key: unknown, namespace: string): unknown {
    if (!(key instanceof Keyword || key instanceof EdnSymbol)) return key;
    const { text: name } = key;
    const full = name.startsWith("_/") ? name.slice(2) : name.includes("/") ? name : `${namespace}/${name}`;
    return key instanceof Keyword ? Keyword.of(full) : EdnSymbol.of(full);
  }

  function set(depth: number): Set<unknown> {
    const items = sequence("}", depth);
    const values = new Set(items);
    // Numbers that differ to the server may be equal here, as 1 and 1.0.
    const others = items.filter((item) => exact || typeof item !== "number");
    if (new Set(others).size < others.length) fail("a value twice in a set");
    return exact ? values : plainSet(values);
  }

  function string(): string {
    const parts = [];
    let from = ++at;
    for (;;) {
      const char = text[at++];
      if (char === undefined) fail("unexpected end of a string");
      if (char === '"' || char === "\\") parts.push(text.slice(from, at - 1));
      if (char === '"') return parts.join("");
      if (char === "\\") {
        parts.push(escaped());
        from = at;
      }
    }
  }

  function escaped(): string {
    const char = text[at++] ?? "";
    const index = 'tnrbf"\\'.indexOf(char);
    if (char && index >= 0) return '\t\n\r\b\f"\\'.charAt(index);
    const octal = /^[0-3]?[0-7]{1,2}/.exec(text.slice(at - 1, at + 2))?.[0];
    if (octal) {
      at += octal.length - 1;
      return String.fromCharCode(parseInt(octal, 8));
    }
    const hex = text.slice(at, at + 4);
    if (char !== "u" || !/^[\da-f]{4}$/i.test(hex)) fail("not an escape");
    at += 4;
    return String.fromCharCode(parseInt(hex, 16));
  }

  function character(): Char {
    // The first one may be anything, a delimiter too.
    const start = at + 1;
    at += 2;
    pass(TOKEN);
    const name = text.slice(start, at);
    const code = /^(?:u([\da-f]{4})|o([0-3]?[0-7]{1,2}))$/i.exec(name);
    if (code)
      return Char.of(String.fromCharCode(code[1] ? parseInt(code[1], 16) : parseInt(code[2] ?? "", 8)));
    return Char.of(CHAR_NAMES.get(name) ?? name);
  }

  function token(): string {
    const start = at;
    pass(TOKEN);
    if (at === start) fail(`unexpected ${text[at] ?? "end"}`);
    return text.slice(start, at);
  }

  function dispatch(depth: number): unknown {
    at++;
    if (text[at] === "{") return set(depth);
    const tag = token();
    if (tag === "#Inf") return Infinity;
    if (tag === "#-Inf") return -Infinity;
    if (tag === "#NaN") return NaN;
    if (tag.startsWith(":")) {
      const { text: namespace } = Keyword.of(tag.slice(1));
      if (skip(depth) !== "{") fail("not a map");
      return map(depth, namespace);
    }
    const value = form(depth + 1);
    if (tag === "uuid" && typeof value === "string") return Uuid.of(value);
    if (tag === "inst" && typeof value === "string") return instant(value);
    if (tag === "sente/bytes" && typeof value === "string") return bytes(value);
    return new TaggedValue(tag, simple(value));
  }

  function bytes(base64: string): Uint8Array {
    try {
      return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    } catch {
      return fail("not base64");
    }
  }

  function instant(value: string): Date | TaggedValue {
    const parts =
      /^([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
        value,
      );
    if (!parts) return fail("not an instant");
    const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", fraction = "", zone] =
      parts;
    const isUtc = !zone || zone === "-00:00";
    const ms = fraction.slice(0, 3).padEnd(3, "0");
    const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}${isUtc ? "Z" : zone}`);
    if (Number.isNaN(date.getTime())) fail("not an instant");
    return exact && /[1-9]/.test(fraction.slice(3)) ? new TaggedValue("inst", value) : date;
  }

  function atom(): unknown {
    const word = token();
    if (word.startsWith(":")) return Keyword.of(word.slice(1));
    if (/^[+-]?\d/.test(word)) return number(word);
    if (word === "nil") return null;
    return word === "true" || (word !== "false" && EdnSymbol.of(word));
  }

  function number(word: string): unknown {
    if (word.length > MAX_NUMBER_LENGTH) fail(`a number longer than ${MAX_NUMBER_LENGTH}`);
    const digits = word.replace(/^\+/, "");
    const [, integer, n] = /^(-?(?:0|[1-9]\d*))(N?)$/.exec(digits) ?? [];
    if (integer) {
      const value = Number(integer);
      // Adding 0 makes 0 of -0: there is one integer zero.
      return n || !Number.isSafeInteger(value) ? BigInt(integer) : value + 0;
    }
    const [, numerator, denominator] = /^(-?\d+)\/(\d+)$/.exec(digits) ?? [];
    if (numerator && denominator) return Ratio.of(BigInt(numerator), BigInt(denominator));
    const [, float, m] = /^(-?(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d+)?)(M?)$/.exec(digits) ?? [];
    if (!float) return fail("not a number");
    if (m) return Decimal.of(float);
    const value = Number(float);
    return exact && Number.isSafeInteger(value) && !Object.is(value, -0) ? Double.of(value) : value;
  }

  if (text.length > maxLength) fail(`longer than ${maxLength}`);
  const value = simple(form(0));
  if (skip(0) !== undefined) fail("more than one value");
  return value;
}
