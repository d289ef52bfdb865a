import transit from "transit-js";
import { Char, Decimal, EdnList, EdnSymbol, Keyword, Ratio, TaggedValue, Uuid } from "../edn/values.js";
import { isDeeper } from "../depth.js";
import { named, plain, plainMap, plainSet } from "../plain.js";
import { readCache } from "./cache.js";
import { MAX_DEPTH, MAX_LENGTH, TransitError, type TransitOptions } from "./options.js";

/** How long a number may be, in digits and marks. Time to read one grows faster than its length. */
const MAX_NUMBER_LENGTH = 1000;

/** How many digits a decimal may have after its point, or zeros before it, as on the server. */
const MAX_SCALE = 9999;

/** The times of JavaScript end so many ms from the epoch. */
const MAX_TIME = 8.64e15;

function fail(message: string): never {
  throw new TransitError(message);
}

/** A function that reads Transit; it throws a TransitError on whatever is none, or exceeds a limit. */
export function transitReader(options: TransitOptions): (text: string) => unknown {
  const { exact = false, maxDepth = MAX_DEPTH, maxLength = MAX_LENGTH, readHandlers = {} } = options;

  /** A value of ours, of what transit-js or a handler gives; with keywords and characters as such. */
  function value(it: unknown): unknown {
    if (it === undefined) return fail("a code for nothing");
    if (typeof it !== "object" || it === null) return it;
    if (transit.isTaggedValue(it)) return new TaggedValue(it.tag, simple(it.rep));
    if (it instanceof Tag) return fail("a tag without a value");
    // Integers beyond 2^53 are objects.
    return transit.isInteger(it) ? BigInt((it as { toString(): string }).toString()) : it;
  }

  /** A value as the application sees it. */
  function simple(it: unknown): unknown {
    const own = value(it);
    return exact ? own : plain(own);
  }

  function array(rep: unknown): unknown[] {
    return Array.isArray(rep) ? (rep as unknown[]) : fail("not an array");
  }

  function text(rep: unknown): string {
    return typeof rep === "string" ? rep : fail("not a text");
  }

  function finished(entries: Map<unknown, unknown>): unknown {
    return exact ? entries : plainMap(entries);
  }

  function set(rep: unknown): Set<unknown> {
    const members = new Set(array(rep).map(value));
    return exact ? members : plainSet(members);
  }

  function map(rep: unknown): unknown {
    const items = array(rep);
    if (items.length % 2) fail("a map's key without a value");
    const entries = new Map<unknown, unknown>();
    for (let i = 0; i < items.length; i += 2) entries.set(value(items[i]), simple(items[i + 1]));
    return finished(entries);
  }

  // transit-js looks handlers up in an object that has these from its prototype.
  const inherited = Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== "__proto__");
  const tagged = (tag: string) => (rep: unknown) => new TaggedValue(tag, simple(rep));
  const handlers: Record<string, (rep: unknown) => unknown> = {
    ...Object.fromEntries(inherited.map((name) => [name, tagged(name)])),
    ":": (rep) => named(Keyword, text(rep), exact),
    $: (rep) => named(EdnSymbol, text(rep), exact),
    c: (rep) => Char.of(text(rep)),
    n: (rep) => integer(text(rep)),
    f: (rep) => decimal(text(rep)),
    u: uuid,
    m: (rep) => {
      const ms = typeof rep === "number" ? rep : Number(integer(text(rep)));
      return Math.abs(ms) > MAX_TIME ? new TaggedValue("m", String(rep)) : time(ms);
    },
    t: (rep) => instant(text(rep), exact),
    r: (rep) => new TaggedValue("r", text(rep)),
    ratio: (rep) => {
      const [numerator, denominator] = array(rep).map((part) => BigInt(value(part) as number | bigint));
      const it = Ratio.of(numerator ?? 0n, denominator ?? 0n);
      return typeof it === "bigint" && Number.isSafeInteger(Number(it)) ? Number(it) : it;
    },
    list: (rep) => {
      const items = array(rep).map(simple);
      return exact ? new EdnList(items) : items;
    },
    set,
    cmap: map,
  };
  for (const [tag, read] of Object.entries(readHandlers))
    handlers[tag] = (rep) => read(Array.isArray(rep) ? rep.map(simple) : simple(rep));

  const cache = readCache();
  const reader = transit.reader("json", {
    cache,
    handlers,
    defaultHandler: (tag, rep) => tagged(tag)(rep),
    preferBuffers: false,
    mapBuilder: {
      init: (node) =>
        Array.isArray(node) && node.length % 2 === 0 ? fail("a map's key without a value") : new Map(),
      add: (entries, key, item) => entries.set(value(key), simple(item)),
      finalize: finished,
    },
    arrayBuilder: {
      init: () => [],
      add: (items, item) => {
        items.push(simple(item));
        return items;
      },
      finalize: (items) => items,
    },
  });

  return (json) => {
    if (json.length > maxLength) fail(`longer than ${maxLength}`);
    // Before anything recurses into it. Whether this is JSON shows later.
    if (isDeeper(json, maxDepth * 2 + 1)) fail(`deeper than ${maxDepth}`);
    cache.clear();
    try {
      return simple(reader.read(json));
    } catch (error) {
      if (error instanceof TransitError) throw error;
      return fail((error as Error).message);
    }
  };
}

/** What transit-js makes of a tag that stands by itself. */
const Tag = /* @__PURE__ */ tagClass();

function tagClass(): new () => object {
  const options = { handlers: {}, defaultHandler: fail, preferBuffers: false } as never;
  const [tag] = transit.reader("json", options).read('["~#a"]') as [{ constructor: new () => object }];
  return tag.constructor;
}

function integer(text: string): bigint {
  return /^[+-]?\d+$/.test(text) && text.length <= MAX_NUMBER_LENGTH
    ? BigInt(text.replace("+", ""))
    : fail("not an integer");
}

function decimal(text: string): Decimal {
  if (text.length > MAX_NUMBER_LENGTH) fail("too long a number");
  const [, fraction = "", exponent = "0"] = /^[^.eE]*(?:\.(\d*))?(?:[eE](.*))?$/.exec(text) ?? [];
  if (Math.abs(fraction.length - Number(exponent)) > MAX_SCALE) fail("too long a number");
  return Decimal.of(text);
}

/** A text, or the two halves of its bits. */
function uuid(rep: unknown): Uuid {
  if (!Array.isArray(rep)) return Uuid.of(String(rep));
  const hex = rep
    .map((half) =>
      BigInt.asUintN(64, BigInt(String(half)))
        .toString(16)
        .padStart(16, "0"),
    )
    .join("");
  return Uuid.of(hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"));
}

function time(ms: number | string): Date {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? fail("not a time") : date;
}

function instant(text: string, exact: boolean): Date | TaggedValue {
  const date = time(text);
  return exact && /\.\d{3}\d*[1-9]/.test(text) ? new TaggedValue("inst", text) : date;
}
