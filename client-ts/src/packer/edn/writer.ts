import { becomesKeyword } from "../plain.js";
import { MAX_DEPTH, MAX_LENGTH, type EdnOptions } from "./reader.js";
import { Atom, EdnError, EdnList, TaggedValue } from "./values.js";

const ESCAPES: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t", "\f": "f", "\b": "b" };

/** A long that Clojure and Java read as such; anything larger needs an `N`. */
const MAX_LONG = 2n ** 63n - 1n;

/**
 * Writes one value. Objects become maps with keywords as keys (strings, where there can be no such keyword), without
 * those entries that are undefined; arrays become vectors.
 *
 * @throws EdnError if something in the value has no form in edn, or a limit is exceeded
 */
export function writeEdn(value: unknown, options: EdnOptions = {}): string {
  const { maxDepth = MAX_DEPTH, maxLength = MAX_LENGTH } = options;
  const parts: string[] = [];
  let length = 0;

  function put(part: string): void {
    parts.push(part);
    length += part.length;
    if (length > maxLength) throw new EdnError(`longer than ${maxLength}`);
  }

  /** The depth of what is within. */
  function inside(depth: number): number {
    if (depth >= maxDepth) throw new EdnError(`deeper than ${maxDepth}`);
    return depth + 1;
  }

  function all(items: Iterable<unknown>, depth: number): void {
    const within = inside(depth);
    let isFirst = true;
    for (const item of items) {
      if (!isFirst) put(" ");
      isFirst = false;
      write(item, within);
    }
  }

  function entries(items: Iterable<readonly [unknown, unknown]>, depth: number): void {
    const within = inside(depth);
    let before = "{";
    for (const [key, item] of items) {
      put(before);
      write(key, within);
      put(" ");
      write(item, within);
      before = ", ";
    }
    put(before === "{" ? "{}" : "}");
  }

  function write(it: unknown, depth: number): void {
    switch (typeof it) {
      case "string":
        put(`"${it.replace(/["\\\n\r\t\f\b\p{Surrogate}]/gu, escaped)}"`);
        break;
      case "number":
        put(numberText(it));
        break;
      case "bigint":
        put(Number.isSafeInteger(Number(it)) || it > MAX_LONG || it < -MAX_LONG - 1n ? `${it}N` : `${it}`);
        break;
      case "boolean":
        put(`${it}`);
        break;
      case "undefined":
        put("nil");
        break;
      case "object":
        if (it === null) put("nil");
        else writeObject(it, depth);
        break;
      case "function":
      case "symbol":
        throw new EdnError(`a ${typeof it} has no form in edn`);
    }
  }

  function writeObject(it: object, depth: number): void {
    if (it instanceof Atom) {
      put(it.edn);
    } else if (Array.isArray(it)) {
      put("[");
      all(it, depth);
      put("]");
    } else if (it instanceof Map) {
      entries(it as Map<unknown, unknown>, depth);
    } else if (it instanceof Set) {
      put("#{");
      all(it, depth);
      put("}");
    } else if (it instanceof EdnList) {
      put("(");
      all(it.items, depth);
      put(")");
    } else if (it instanceof TaggedValue) {
      if (!/^(?![^\0-\xff])\p{L}/u.test(it.tag)) throw new EdnError(`no tag in edn: ${it.tag}`);
      put(`#${it.tag} `);
      write(it.value, inside(depth));
    } else if (it instanceof Date) {
      if (Number.isNaN(it.getTime())) throw new EdnError("an invalid date has no form in edn");
      const time = it.toISOString();
      // A sign stands before a year of more digits, which no other reader takes.
      if (/^[+-]/.test(time)) throw new EdnError("a date beyond the years 0 to 9999 has no form in edn");
      put(`#inst "${time.replace("Z", "-00:00")}"`);
    } else if (it instanceof Uint8Array) {
      put(`#sente/bytes "${btoa(Array.from(it, (byte) => String.fromCharCode(byte)).join(""))}"`);
    } else if (ArrayBuffer.isView(it) || it instanceof ArrayBuffer) {
      throw new EdnError("of all arrays of bytes, only Uint8Array has a form in edn");
    } else if ("toJSON" in it && typeof it.toJSON === "function") {
      write((it as { toJSON: () => unknown }).toJSON(), depth + 1);
    } else {
      const own = Object.entries(it).filter(([, item]) => item !== undefined);
      entries(
        own.map(([key, item]) => [becomesKeyword(key) ? new Key(key) : key, item] as const),
        depth,
      );
    }
  }

  write(value, 0);
  return parts.join("");
}

/** A keyword on its way out: not worth looking up. */
class Key extends Atom {
  constructor(name: string) {
    super(name, `:${name}`);
  }
}

function escaped(char: string): string {
  // Half of a pair has no place in UTF-8.
  const isHalf = char >= "\ud800";
  return `\\${isHalf ? `u${char.charCodeAt(0).toString(16)}` : (ESCAPES[char] ?? char)}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "##NaN";
  if (!Number.isFinite(value)) return value > 0 ? "##Inf" : "##-Inf";
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  // An integer that is none of the safe ones is a float, and must look like one.
  return Number.isSafeInteger(value) || /[.e]/.test(text) ? text : `${text}.0`;
}
