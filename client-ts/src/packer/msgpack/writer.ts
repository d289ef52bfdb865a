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
import { becomesKeyword } from "../plain.js";
import {
  CHARACTER,
  DOUBLES,
  FLOATS,
  INTS,
  KEY,
  KEYWORD,
  MAX_DEPTH,
  MAX_KEYS,
  MAX_LENGTH,
  MsgpackError,
  RATIO,
  SET,
  SYMBOL,
  TAG_PREFIX,
  TIMESTAMP,
  UUID,
  type MsgpackOptions,
} from "./extensions.js";

/** The longest head of an extension. */
const EXTENSION_HEAD = 6;

/**
 * Writes one value. Objects become maps with keywords as keys (strings, where there can be no such keyword), without
 * those entries that are undefined. Keys that come again are written as numbers, as Sente does.
 *
 * @throws MsgpackError if something in the value has no form in MessagePack, or a limit is exceeded
 */
export function writeMsgpack(value: unknown, options: MsgpackOptions = {}): Uint8Array<ArrayBuffer> {
  const { maxDepth = MAX_DEPTH, maxLength = MAX_LENGTH } = options;
  const encoder = new TextEncoder();
  /** The numbers of the keys spelled out so far, by what tells them apart. */
  const keys = new Map<string, number>();
  let bytes = new Uint8Array(256);
  let view = new DataView(bytes.buffer);
  let size = 0;

  /** Makes room for so many bytes more, in `bytes` and `view` anew; gives where they begin. */
  function room(more: number): number {
    const start = size;
    size += more;
    // A set's head may turn out shorter than the room that is made for it.
    if (size > maxLength + maxDepth * EXTENSION_HEAD) tooLong();
    if (size > bytes.length) {
      const larger = new Uint8Array(size * 2);
      larger.set(bytes);
      bytes = larger;
      view = new DataView(bytes.buffer);
    }
    return start;
  }

  function tooLong(): never {
    throw new MsgpackError(`longer than ${maxLength}`);
  }

  function put(...several: number[]): void {
    const start = room(several.length);
    bytes.set(several, start);
  }

  function uint16(number: number): void {
    const at = room(2);
    view.setUint16(at, number);
  }

  function uint32(number: number): void {
    const at = room(4);
    view.setUint32(at, number);
  }

  function int64(number: bigint): void {
    const at = room(8);
    view.setBigInt64(at, number);
  }

  function all(content: Uint8Array): void {
    const at = room(content.length);
    bytes.set(content, at);
  }

  /** A length after the form's byte: in 8, 16 or 32 bits, of which the bytes follow one another. */
  function length(count: number, first: number, has8 = true): void {
    if (has8 && count < 0x100) {
      put(first, count);
    } else if (count < 0x10000) {
      put(first + 1);
      uint16(count);
    } else {
      put(first + 2);
      uint32(count);
    }
  }

  function text(it: string): void {
    const content = encoder.encode(it);
    if (content.length < 32) put(0xa0 | content.length);
    else length(content.length, 0xd9);
    all(content);
  }

  function extension(type: number, content: Uint8Array): void {
    extensionHead(type, content.length);
    all(content);
  }

  function extensionHead(type: number, size: number): void {
    const fixed = [1, 2, 4, 8, 16].indexOf(size);
    if (fixed < 0) length(size, 0xc7);
    else put(0xd4 + fixed);
    put(type);
  }

  /** An extension whose length shows when it is written. */
  function nested(type: number, write: () => void): void {
    const start = room(EXTENSION_HEAD);
    write();
    const from = start + EXTENSION_HEAD;
    const end = size;
    size = start;
    extensionHead(type, end - from);
    bytes.copyWithin(size, from, end);
    size += end - from;
  }

  function inside(depth: number): number {
    if (depth >= maxDepth) throw new MsgpackError(`deeper than ${maxDepth}`);
    return depth + 1;
  }

  function items(all: readonly unknown[], depth: number): void {
    const within = inside(depth);
    if (all.length < 16) put(0x90 | all.length);
    else length(all.length, 0xdb, false);
    for (const item of all) write(item, within);
  }

  function entries(all: readonly (readonly [unknown, unknown])[], depth: number): void {
    const within = inside(depth);
    if (all.length < 16) put(0x80 | all.length);
    else length(all.length, 0xdd, false);
    for (const [name, item] of all) {
      key(name, within);
      write(item, within);
    }
  }

  function key(name: unknown, depth: number): void {
    const id =
      typeof name === "string"
        ? `"${name}`
        : name instanceof Keyword || name instanceof Key
          ? `:${name.text}`
          : "";
    const number = keys.get(id);
    if (number !== undefined) {
      put(0xd4, KEY, number);
      return;
    }
    if (id && keys.size < MAX_KEYS) keys.set(id, keys.size);
    if (typeof name === "object" && name !== null) writeObject(name, depth, key);
    else write(name, depth);
  }

  function write(it: unknown, depth: number): void {
    switch (typeof it) {
      case "string":
        text(it);
        break;
      case "number":
        if (Number.isSafeInteger(it) && !Object.is(it, -0)) integer(it);
        else float(it);
        break;
      case "bigint":
        bigInteger(it);
        break;
      case "boolean":
        put(it ? 0xc3 : 0xc2);
        break;
      case "undefined":
        put(0xc0);
        break;
      case "object":
        if (it === null) put(0xc0);
        else writeObject(it, depth);
        break;
      case "function":
      case "symbol":
        throw new MsgpackError(`a ${typeof it} has no form in MessagePack`);
    }
  }

  function integer(number: number): void {
    if (number >= -32 && number < 0x80) {
      put(number);
    } else if (number >= 0) {
      if (number < 2 ** 32) length(number, 0xcc);
      else wide(0xd3, BigInt(number));
    } else if (number >= -0x80) {
      put(0xd0, number);
    } else if (number >= -0x8000) {
      put(0xd1);
      uint16(number);
    } else if (number >= -(2 ** 31)) {
      put(0xd2);
      uint32(number);
    } else {
      wide(0xd3, BigInt(number));
    }
  }

  function wide(form: number, number: bigint): void {
    put(form);
    int64(number);
  }

  function bigInteger(number: bigint): void {
    if (Number.isSafeInteger(Number(number))) integer(Number(number));
    else if (BigInt.asIntN(64, number) === number) wide(0xd3, number);
    else if (BigInt.asUintN(64, number) === number) wide(0xcf, number);
    else throw new MsgpackError("an integer beyond 64 bits has no form in MessagePack");
  }

  /** Of 32 bits if that keeps its value, as Sente's client has it. */
  function float(number: number): void {
    if (Number.isFinite(number) && Math.fround(number) === number) {
      put(0xca);
      const at = room(4);
      view.setFloat32(at, number);
    } else {
      double(number);
    }
  }

  function double(number: number): void {
    put(0xcb);
    const at = room(8);
    view.setFloat64(at, number);
  }

  /** @param writePlain writes what `toJSON` makes of it */
  function writeObject(it: object, depth: number, writePlain = write): void {
    if (Array.isArray(it)) items(it, depth);
    else if (it instanceof Key || it instanceof Keyword) extension(KEYWORD, encoder.encode(it.text));
    else if (it instanceof Map) entries([...(it as Map<unknown, unknown>)], depth);
    else if (it instanceof Set) nested(SET, () => items([...(it as Set<unknown>)], depth));
    else if (it instanceof EdnList) items(it.items, depth);
    else if (it instanceof EdnSymbol) extension(SYMBOL, encoder.encode(it.text));
    else if (it instanceof Uuid) extension(UUID, encoder.encode(it.text));
    else if (it instanceof Char) character(it.text);
    else if (it instanceof Double) float(it.value);
    else if (it instanceof Decimal) double(it.valueOf());
    else if (it instanceof Ratio) {
      nested(RATIO, () => {
        bigInteger(it.numerator);
        bigInteger(it.denominator);
      });
    } else if (it instanceof Date) time(it, 0);
    else if (it instanceof TaggedValue) tagged(it);
    else if (ArrayBuffer.isView(it) || it instanceof ArrayBuffer) binary(it);
    else if ("toJSON" in it && typeof it.toJSON === "function")
      writePlain((it as { toJSON: () => unknown }).toJSON(), inside(depth));
    else {
      const own = Object.entries(it).filter(([, item]) => item !== undefined);
      entries(
        own.map(([name, item]) => [becomesKeyword(name) ? new Key(name) : name, item] as const),
        depth,
      );
    }
  }

  function character(it: string): void {
    if (/\p{Surrogate}/u.test(it)) throw new MsgpackError("half a character has no form in MessagePack");
    extension(CHARACTER, encoder.encode(it));
  }

  function time(date: Date, finer: number): void {
    const ms = date.getTime();
    if (Number.isNaN(ms)) throw new MsgpackError("an invalid date has no form in MessagePack");
    const seconds = Math.floor(ms / 1000);
    extensionHead(TIMESTAMP, 12);
    uint32((ms - seconds * 1000) * 1e6 + finer);
    int64(BigInt(seconds));
  }

  function tagged({ tag, value: content }: TaggedValue): void {
    const type = Number(tag.startsWith(TAG_PREFIX) ? tag.slice(TAG_PREFIX.length) : NaN);
    const instant = tag === "inst" && /^(.*T.*\.\d{3})(\d{1,6})\d*(Z|[+-]\d\d:\d\d)$/.exec(String(content));
    if (type >= -128 && type < 128 && content instanceof Uint8Array) extension(type, content);
    else if (instant)
      time(new Date(`${instant[1] ?? ""}${instant[3] ?? ""}`), Number(instant[2]?.padEnd(6, "0")));
    else throw new MsgpackError(`#${tag} has no form in MessagePack`);
  }

  /** Numbers with the highest byte first, as the JVM reads them. */
  function binary(it: ArrayBufferView | ArrayBuffer): void {
    if (it instanceof Uint8Array) {
      length(it.length, 0xc4);
      all(it);
    } else if (it instanceof Int32Array) {
      extensionHead(INTS, it.byteLength);
      numbers(it, 4, (at, number) => view.setInt32(at, number));
    } else if (it instanceof Float32Array) {
      extensionHead(FLOATS, it.byteLength);
      numbers(it, 4, (at, number) => view.setFloat32(at, number));
    } else if (it instanceof Float64Array) {
      extensionHead(DOUBLES, it.byteLength);
      numbers(it, 8, (at, number) => view.setFloat64(at, number));
    } else {
      throw new MsgpackError(`${it.constructor.name} has no form in MessagePack`);
    }
  }

  function numbers(all: Iterable<number>, width: number, set: (at: number, number: number) => void): void {
    for (const number of all) set(room(width), number);
  }

  write(value, 0);
  if (size > maxLength) tooLong();
  return bytes.slice(0, size);
}

/** A keyword on its way out: not worth looking up. */
class Key {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
