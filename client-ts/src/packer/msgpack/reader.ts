import { Char, Double, EdnSymbol, Keyword, Ratio, TaggedValue, Uuid } from "../edn/values.js";
import { named, plain, plainMap, plainSet } from "../plain.js";
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

/**
 * Reads one value; whatever follows it is ignored, since Sente's client sends its whole buffer. Takes time in proportion
 * to the message's length, and makes nothing for lengths that the message does not have.
 *
 * @throws MsgpackError if this is not MessagePack, or exceeds a limit
 */
export function readMsgpack(bytes: Uint8Array, options: MsgpackOptions = {}): unknown {
  const { exact = false, maxDepth = MAX_DEPTH, maxLength = MAX_LENGTH } = options;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** The keys that were spelled out so far. */
  const keys: unknown[] = [];
  let at = 0;

  function fail(message: string): never {
    throw new MsgpackError(`${message} (at ${at})`);
  }

  /** Passes over so many bytes, which must be there. */
  function pass(length: number): number {
    if (length > bytes.length - at) fail(`${length} bytes are missing`);
    return (at += length) - length;
  }

  function uint(width: number): number {
    const start = pass(width);
    return width === 1 ? view.getUint8(start) : width === 2 ? view.getUint16(start) : view.getUint32(start);
  }

  /** A value as the application sees it. */
  function simple(depth: number): unknown {
    const it = value(depth);
    return exact ? it : plain(it);
  }

  /** One value, with keywords and characters as such. */
  function value(depth: number): unknown {
    const type = uint(1);
    if (type < 0x80) return type;
    if (type < 0x90) return map(type & 15, depth);
    if (type < 0xa0) return array(type & 15, depth, simple);
    if (type < 0xc0) return text(type & 31);
    if (type >= 0xe0) return type - 256;
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return type === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return raw(uint(1 << (type - 0xc4)));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return extension(uint(1 << (type - 0xc7)), depth);
      case 0xca:
        return float(view.getFloat32(pass(4)));
      case 0xcb:
        return float(view.getFloat64(pass(8)));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return uint(1 << (type - 0xcc));
      case 0xcf:
        return integer(view.getBigUint64(pass(8)));
      case 0xd0:
        return view.getInt8(pass(1));
      case 0xd1:
        return view.getInt16(pass(2));
      case 0xd2:
        return view.getInt32(pass(4));
      case 0xd3:
        return integer(view.getBigInt64(pass(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return text(uint(1 << (type - 0xd9)));
      case 0xdc:
      case 0xdd:
        return array(uint(2 << (type - 0xdc)), depth, simple);
      case 0xde:
      case 0xdf:
        return map(uint(2 << (type - 0xde)), depth);
      case 0xc1:
        return fail("a byte without meaning");
      default:
        return extension(1 << (type - 0xd4), depth);
    }
  }

  function integer(number: bigint): number | bigint {
    return Number.isSafeInteger(Number(number)) ? Number(number) : number;
  }

  function float(number: number): unknown {
    return exact && Number.isSafeInteger(number) && !Object.is(number, -0) ? Double.of(number) : number;
  }

  function raw(length: number): Uint8Array {
    return bytes.slice(pass(length), at);
  }

  function text(length: number): string {
    return decoder.decode(bytes.subarray(pass(length), at));
  }

  /** Checks that so many things of at least so many bytes can be there; gives the depth of each. */
  function inside(depth: number, count: number, least: number): number {
    if (depth >= maxDepth) fail(`deeper than ${maxDepth}`);
    if (count * least > bytes.length - at) fail(`${count} values are missing`);
    return depth + 1;
  }

  function array(count: number, depth: number, read: (depth: number) => unknown): unknown[] {
    const within = inside(depth, count, 1);
    const items = [];
    while (items.length < count) items.push(read(within));
    return items;
  }

  function map(count: number, depth: number): unknown {
    const within = inside(depth, count, 2);
    const entries = new Map<unknown, unknown>();
    for (; count > 0; count--) {
      const name = key(within);
      entries.set(name, simple(within));
    }
    return exact ? entries : plainMap(entries);
  }

  function key(depth: number): unknown {
    if (bytes[at] === 0xd4 && bytes[at + 1] === KEY) {
      const number = bytes[pass(3) + 2] ?? 0;
      return number < keys.length ? keys[number] : fail("a key that did not come before");
    }
    const it = value(depth);
    if ((it instanceof Keyword || typeof it === "string") && keys.length < MAX_KEYS) keys.push(it);
    return it;
  }

  function extension(length: number, depth: number): unknown {
    const type = view.getInt8(pass(1));
    const end = pass(length) + length;
    at = end - length;
    const it = content(type, length, depth);
    if (at !== end) fail("an extension of another length than it says");
    return it;
  }

  function content(type: number, length: number, depth: number): unknown {
    switch (type) {
      case KEYWORD:
        return named(Keyword, text(length), exact);
      case SYMBOL:
        return named(EdnSymbol, text(length), exact);
      case CHARACTER:
        return Char.of(text(length));
      case UUID:
        return Uuid.of(text(length));
      case RATIO:
        return ratio();
      case SET:
        return set(depth);
      case INTS:
        return numbers(new Int32Array(length / 4), 4, (at) => view.getInt32(at));
      case FLOATS:
        return numbers(new Float32Array(length / 4), 4, (at) => view.getFloat32(at));
      case DOUBLES:
        return numbers(new Float64Array(length / 8), 8, (at) => view.getFloat64(at));
      case TIMESTAMP:
        return time(length);
      case KEY:
        return fail("the number of a key, but not as a key");
      default:
        return new TaggedValue(TAG_PREFIX + String(type), raw(length));
    }
  }

  function ratio(): unknown {
    const it = Ratio.of(part(), part());
    return typeof it === "bigint" ? integer(it) : it;
  }

  /** An integer of a ratio's. */
  function part(): bigint {
    const type = bytes[at] ?? 0xc0;
    return type < 0x80 || type >= 0xe0 || (type >= 0xcc && type < 0xd4)
      ? BigInt(value(0) as number | bigint)
      : fail("not an integer");
  }

  function set(depth: number): Set<unknown> {
    const type = uint(1);
    const count = type >> 4 === 9 ? type & 15 : type >> 1 === 0x6e ? uint(2 << (type & 1)) : fail("no array");
    const members = new Set(array(count, depth, value));
    return exact ? members : plainSet(members);
  }

  /** Numbers with the highest byte first, as the JVM writes them. */
  function numbers<T extends Int32Array | Float32Array | Float64Array>(
    items: T,
    width: number,
    read: (at: number) => number,
  ): T {
    for (let i = 0; i < items.length; i++) items[i] = read(pass(width));
    return items;
  }

  /** Sente writes 12 bytes always; the format has two shorter forms. What is beyond JavaScript's times stays as it is. */
  function time(length: number): unknown {
    let seconds = 0;
    let nanos = 0;
    if (length === 4) {
      seconds = uint(4);
    } else if (length === 8) {
      const high = uint(4);
      nanos = high >>> 2;
      seconds = (high & 3) * 2 ** 32 + uint(4);
    } else if (length === 12) {
      nanos = uint(4);
      seconds = Number(view.getBigInt64(pass(8)));
    } else {
      fail("not a time");
    }
    const date = new Date(seconds * 1000 + Math.floor(nanos / 1e6));
    if (Number.isNaN(date.getTime())) {
      at -= length;
      return new TaggedValue(TAG_PREFIX + String(TIMESTAMP), raw(length));
    }
    const finer = nanos % 1e6;
    if (!exact || !finer) return date;
    return new TaggedValue(
      "inst",
      date.toISOString().replace("Z", `${String(finer).padStart(6, "0")}-00:00`),
    );
  }

  if (bytes.length > maxLength) fail(`longer than ${maxLength}`);
  try {
    return simple(0);
  } catch (error) {
    if (error instanceof MsgpackError) throw error;
    return fail((error as Error).message);
  }
}
