/** What Java writes TypeScript reads and writes again, and Java finds it unchanged; and the other way round. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { json, type Packed, type Packer } from "../src/index.js";
import { edn } from "../src/packer/edn/index.js";
import { compressed, decompressed, type Bytes } from "../src/packer/gzip/compression.js";
import { gzip } from "../src/packer/gzip/index.js";
import { msgpack } from "../src/packer/msgpack/index.js";
import { transit } from "../src/packer/transit/index.js";
import { eventOf } from "../src/values.js";
import { startJava, type Java } from "./crosscheck/java.js";
import { exactValues, type Has } from "./support/values.js";

const exact = { exact: true };
const ordinary = { hasOrdinaryYears: true };
/** What JSON.stringify can tell: it writes -0 as 0, at any depth. */
const jsonValues = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

const PLAIN: [packer: Packer, values: fc.Arbitrary<unknown>][] = [
  [json, jsonValues],
  [edn(exact), exactValues({ ...ordinary, has64Bits: false } satisfies Has)],
  [msgpack(exact), exactValues({ ...ordinary, has64Bits: true })],
  [transit(exact), exactValues({ ...ordinary, has64Bits: false, hasNoDoubles: true })],
];
const PACKERS = PLAIN.flatMap(([packer, values]) => [
  [packer.name, packer, values] as const,
  [`${packer.name}+gzip`, gzip(packer), values] as const,
]);

let java: Java;
beforeAll(() => {
  java = startJava();
});
afterAll(() => {
  java.stop();
});

async function received(packer: Packer, bytes: Bytes): Promise<unknown> {
  if (!packer.binary) return packer.unpack(new TextDecoder().decode(bytes));
  return packer.unpack(packer.wrap ? await decompressed(bytes, 2 ** 20) : bytes);
}

async function sent(packer: Packer, value: unknown): Promise<Bytes> {
  const packed: Packed = packer.pack(value);
  if (typeof packed === "string") return new TextEncoder().encode(packed);
  return packer.wrap ? compressed(packed) : packed;
}

describe.each(PACKERS)("%s", (name, packer, values) => {
  test("from Java and back", { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const value = await received(packer, await java.pack(name, seed));
      await java.check(name, seed, await sent(packer, value)).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}`);
      });
    }
  });

  test("to Java and back", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        const back = await received(packer, await java.echo(name, await sent(packer, value)));
        expect(back).toStrictEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  test("Java reads whatever send takes", { timeout: 60_000 }, async () => {
    const part = fc.string({ unit: fc.constantFrom(...PARTS), maxLength: 5 });
    const ids = fc.oneof(
      fc.constant("a/b"),
      fc.tuple(part, part).map((parts) => parts.join("/")),
    );
    // JSON's depth is not counted before it is sent.
    const depths = fc.integer({ min: 90, max: name.startsWith("json") ? 97 : 110 });
    const data = fc.oneof(
      values,
      depths.map(nested),
      fc.string({ unit: "binary" }).map((key) => ({ [key]: 1 })),
    );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(ids, data, async (id, value) => {
        let bytes;
        try {
          bytes = await sent(packer, [[eventOf(packer, id, value)]]);
        } catch {
          return;
        }
        taken++;
        await java.frame(name, bytes);
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

/** In edn, msgpack or transit, what is in no other of these, is at a bound, or only looks like something of another's. */
const RELAYED: [packer: string, values: string[]][] = [
  [
    "edn",
    [
      ...[-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].flatMap((id) => [
        `#msgpack/ext${id} #sente/bytes "AA=="`,
        `{#msgpack/ext${id} #sente/bytes "/w==" 1}`,
      ]),
      '#msgpack/ext1 #sente/bytes ""',
      ...Array.from("umnftcbisdrzX", (tag) => `#${tag} "x y"`),
      ...["set", "ratio", "cmap", "list", "array", "map", "link"].map((tag) => `#${tag} 1`),
      '[#ratio [1 0] #cmap [1] #d "x"]',
      ...[95, 97, 98, 99].flatMap((depth) => [
        around("[", "1/3", "]", depth),
        around("#{", "1", "}", depth),
        around("#{", "1/3", "}", depth),
        around("#a/b ", "1", "", depth),
        around("{[1] ", "1", "}", depth),
      ]),
      ...[997, 998, 999].flatMap((digits) => ["", "-"].map((sign) => sign + "9".repeat(digits))),
      "9".repeat(1000),
      `${"9".repeat(999)}N`,
      "1E-9999M",
      "1.5E-9998M",
      "[##NaN ##Inf -0.0 1E400M 1/3 1.50M 12345678901234567890123]",
      "{nil 1, [1] 2, 1 3}",
      '#inst "0001-01-01T00:00:00.000000001Z"',
      '{"__proto__" 1 :constructor 2}',
      "[\\a \\, \\; \\u0000 \\u00a0 \\u2028 \\ufeff \\u007f \\ue000]",
    ],
  ],
  [
    "transit",
    [
      ...["inst", "uuid", "sente/bytes", "msgpack/ext3"].map((tag) => `["~#${tag}","x"]`),
      '["~:a b","~$1","~rhttp://x/","~Xabc"]',
      '["~#link",["^ ","href","~rhttp://x/"]]',
      '["~m9007199254740991"]',
      '["~$\ud835\udfcfx"]',
      ...[998, 999, 1000].flatMap((digits) => [`["~n${"9".repeat(digits)}"]`, `["~f${"9".repeat(digits)}"]`]),
    ],
  ],
];

function around(open: string, value: string, close: string, depth: number): string {
  return open.repeat(depth) + value + close.repeat(depth);
}

describe.each(RELAYED)("what a server reads as %s", (from, all) => {
  test.each([edn(), msgpack(), transit()])("and relays as $name is read", { timeout: 60_000 }, async (to) => {
    const unread: string[] = [];
    for (const value of all) {
      const told = `${value.slice(0, 40)} of ${value.length}`;
      try {
        const bytes = await java.relay(from, to.name, new TextEncoder().encode(value));
        if (bytes.length) await received(to, bytes);
      } catch (error) {
        unread.push(`${told}: ${String(error)}`);
      }
    }
    expect(unread).toEqual([]);
  });
});

/** What ids are made of: letters, digits, marks, and what may be none. */
const PARTS = Array.from("aéb日1/:.+-'#_,;@\0\x1f\x7f\x85\xa0\u2003\ud800");

function nested(depth: number): unknown {
  return JSON.parse(
    depth % 2 ? "[".repeat(depth) + "]".repeat(depth) : '{"a":'.repeat(depth) + "1" + "}".repeat(depth),
  );
}
