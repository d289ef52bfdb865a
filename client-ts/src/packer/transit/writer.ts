import transit from "transit-js";
import {
  Char,
  Decimal,
  Double,
  EdnList,
  EdnSymbol,
  Keyword,
  Ratio,
  TaggedValue,
  Uuid,
} from "../edn/values.js";
import { isDeeper } from "../depth.js";
import { becomesKeyword } from "../plain.js";
import { writeCache } from "./cache.js";
import { MAX_DEPTH, MAX_LENGTH, TransitError, type TransitOptions } from "./options.js";

/** A function that writes Transit; it throws a TransitError where something has no form in it, or a limit is exceeded. */
export function transitWriter(options: TransitOptions): (value: unknown) => string {
  const { maxDepth = MAX_DEPTH, maxLength = MAX_LENGTH, verbose = false, writeHandlers } = options;
  const handlers = new Map<unknown, unknown>();
  const handle = <T>(type: { readonly prototype: T }, tag: string, rep: (value: T) => unknown): void => {
    handlers.set(type, handler(tag, rep));
  };
  handle(Key, ":", ({ text }) => text);
  handle(Keyword, ":", ({ text }) => text);
  handle(EdnSymbol, "$", ({ text }) => text);
  handle(Char, "c", ({ text }) => text);
  handle(Uuid, "u", ({ text }) => text);
  handle(Decimal, "f", ({ text }) => text);
  handle(Map, "map", (map) => map);
  for (const [type, { tag, rep }] of writeHandlers ?? [])
    handle(type, tag, (value) => prepared(rep(value as never), 0));
  const cache = writeCache();
  const writer = transit.writer(verbose ? "json-verbose" : "json", { cache, handlers });

  /** A value that transit-js can write. */
  function prepared(it: unknown, depth: number): unknown {
    switch (typeof it) {
      case "undefined":
        return null;
      case "bigint":
        return integer(it);
      case "object":
        return it === null ? null : preparedObject(it, depth);
      case "function":
      case "symbol":
        throw new TransitError(`a ${typeof it} has no form in Transit`);
      case "boolean":
      case "number":
      case "string":
        return it;
    }
  }

  function preparedObject(it: object, depth: number): unknown {
    if (depth >= maxDepth) throw new TransitError(`deeper than ${maxDepth}`);
    const within = (item: unknown): unknown => prepared(item, depth + 1);
    if (handlers.has(it.constructor) && !(it instanceof Map)) return it;
    if (Array.isArray(it)) return it.map(within);
    if (it instanceof Map) return entries([...(it as Map<unknown, unknown>)], within);
    if (it instanceof Set) return transit.tagged("set", [...(it as Set<unknown>)].map(within));
    if (it instanceof EdnList) return transit.tagged("list", it.items.map(within));
    if (it instanceof Double) return it.value;
    if (it instanceof Ratio)
      return transit.tagged(
        "ratio",
        [it.numerator, it.denominator].map((part) => transit.tagged("n", String(part))),
      );
    if (it instanceof TaggedValue) {
      return it.tag === "inst" && typeof it.value === "string"
        ? transit.tagged("t", it.value.replace(/-00:00$/, "Z"))
        : transit.tagged(it.tag, within(it.value));
    }
    if (it instanceof Date) {
      if (Number.isNaN(it.getTime())) throw new TransitError("an invalid date has no form in Transit");
      return verbose ? transit.tagged("t", it.toISOString()) : it;
    }
    if (it instanceof Uint8Array)
      return transit.tagged("b", btoa(Array.from(it, (byte) => String.fromCharCode(byte)).join("")));
    if (ArrayBuffer.isView(it) || it instanceof ArrayBuffer)
      throw new TransitError("of all arrays of bytes, only Uint8Array has a form in Transit");
    if ("toJSON" in it && typeof it.toJSON === "function")
      return within((it as { toJSON: () => unknown }).toJSON());
    const own = Object.entries(it).filter(([, item]) => item !== undefined);
    return entries(
      own.map(([key, item]) => [becomesKeyword(key) ? new Key(key) : key, item]),
      within,
    );
  }

  /** A map; as a list of keys and values where transit-js would mistake a key. */
  function entries(all: [unknown, unknown][], within: (item: unknown) => unknown): unknown {
    const isMistaken = all.some(([key]) => key === "__proto__" || (typeof key === "number" && key % 1 !== 0));
    const items = all.map(([key, item]) => [within(key), within(item)] as const);
    return isMistaken ? transit.tagged("cmap", items.flat()) : new Map(items);
  }

  return (value) => {
    let text;
    cache.clear();
    try {
      text = writer.write(prepared(value, 0));
    } catch (error) {
      throw error instanceof TransitError ? error : new TransitError((error as Error).message);
    }
    if (text.length > maxLength) throw new TransitError(`longer than ${maxLength}`);
    if (isDeeper(text, maxDepth * 2 + 1)) throw new TransitError(`deeper than ${maxDepth}`);
    return text;
  };
}

function handler(tag: string, rep: (value: never) => unknown): unknown {
  return transit.makeWriteHandler({
    tag: () => tag,
    rep,
    stringRep: (value) => {
      const it = rep(value);
      return typeof it === "string" ? it : null;
    },
  });
}

/** Of a type of its own if it is one that a JVM's long holds, and JavaScript's number does not. */
function integer(number: bigint): unknown {
  const isLong = BigInt.asIntN(64, number) === number && !Number.isSafeInteger(Number(number));
  return transit.tagged(isLong ? "i" : "n", String(number));
}

/** A keyword on its way out: not worth looking up. */
class Key {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
