/** What packers with keywords share: how values look to applications that do not ask for them exactly. */
import type { EdnSymbol } from "./edn/values.js";
import { Char, Keyword } from "./edn/values.js";

/** Letters, digits and marks, with one slash at most, and not like a number. */
const KEYWORD_KEY =
  /^(?:[\p{L}*!?_$%&=<>.+-][\p{L}\p{N}*!?_$%&=<>.+#'-]*\/)?[\p{L}*!?_$%&=<>.+-][\p{L}\p{N}*!?_$%&=<>.+#'-]*$/u;

/** Whether an object's key becomes a keyword. */
export function becomesKeyword(key: string): boolean {
  return KEYWORD_KEY.test(key);
}

/** A keyword or a symbol; a string if it has a name with which edn could not be read again, unless asked to be exact. */
export function named(type: typeof Keyword | typeof EdnSymbol, name: string, exact: boolean): unknown {
  try {
    return type.of(name);
  } catch (error) {
    if (exact || !name) throw error;
    return name;
  }
}

/** Keywords and characters as strings; all else as it is. */
export function plain(value: unknown): unknown {
  return value instanceof Keyword || value instanceof Char ? value.text : value;
}

/** An object, if every key is a keyword or a string, and none is both; else the map itself. */
export function plainMap(entries: Map<unknown, unknown>): unknown {
  const plainer = [...entries].map(([key, value]) => [plain(key), value] as const);
  const isObject = plainer.every(([key]) => typeof key === "string");
  // Defines properties rather than setting them, so that the key "__proto__" is one like any other.
  const object = isObject && (Object.fromEntries(plainer) as object);
  return object && Object.keys(object).length === entries.size ? object : entries;
}

/** The set with plain members, unless two would be the same; then the set itself. */
export function plainSet(members: Set<unknown>): Set<unknown> {
  const plainer = new Set([...members].map(plain));
  return plainer.size < members.size ? members : plainer;
}
