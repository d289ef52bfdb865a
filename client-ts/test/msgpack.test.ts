import { describe, expect, test } from "vitest";
import {
  Char,
  Decimal,
  Double,
  EdnSymbol,
  Keyword,
  msgpack,
  MsgpackError,
  Ratio,
  readMsgpack,
  TaggedValue,
  Uuid,
  writeMsgpack,
} from "../src/packer/msgpack/index.js";
import { testFixtures } from "./support/fixtures.js";

const exact = { exact: true };
const kw = (name: string): Keyword => Keyword.of(name);
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, "hex"));
const read = (hex: string, options = {}): unknown => readMsgpack(bytesOf(hex), options);

testFixtures(msgpack(exact), MsgpackError);

describe("reading", () => {
  const rows: [about: string, hex: string, plain: unknown, exactly?: unknown][] = [
    ["a keyword", "c70700736f6d652f6b77", "some/kw", kw("some/kw")],
    ["a character", "d40261", "a", Char.of("a")],
    ["a whole double", "cb3ff0000000000000", 1, Double.of(1)],
    ["a whole float", "ca3f800000", 1, Double.of(1)],
    ["minus zero", "cb8000000000000000", -0],
    ["a long within 2^53", "d3001fffffffffffff", 9007199254740991],
    ["a long beyond 2^53", "d30020000000000000", 2n ** 53n],
    ["the least long", "d38000000000000000", -(2n ** 63n)],
    ["an unsigned long", "cfffffffffffffffff", 2n ** 64n - 1n],
    [
      "a map",
      "82d4006101a16202",
      { a: 1, b: 2 },
      new Map<unknown, unknown>([
        [kw("a"), 1],
        ["b", 2],
      ]),
    ],
    [
      "a keyword and a string alike",
      "82d4006101a16102",
      new Map<unknown, unknown>([
        [kw("a"), 1],
        ["a", 2],
      ]),
    ],
    ["a map with other keys", "8101d40061", new Map([[1, "a"]]), new Map([[1, kw("a")]])],
    ["a map as key", "8181d4006101d40800", new Map([[{ a: 1 }, "?"]])],
    ["a set", "d70494d400610102a163", new Set(["a", 1, 2, "c"]), new Set([kw("a"), 1, 2, "c"])],
    ["a set of a keyword and a string alike", "c7060492d40061a161", new Set([kw("a"), "a"])],
    ["bytes", "c403000102", new Uint8Array([0, 1, 2])],
    [
      "an extension that nobody knows",
      "d52aabcd",
      new TaggedValue("msgpack/ext42", new Uint8Array([0xab, 0xcd])),
    ],
    [
      "arrays of numbers",
      "93d60500000001d6063fc00000d7073ff8000000000000",
      [new Int32Array([1]), new Float32Array([1.5]), new Float64Array([1.5])],
    ],
    ["a byte order mark", "a4efbbbf61", "\uFEFFa"],
    ["a time", "c70cff2f072f40000000005e379bf2", new Date("2020-02-03T04:05:06.789Z")],
    [
      "a time finer than a millisecond",
      "c70cff2f075f79000000005e379bf2",
      new Date("2020-02-03T04:05:06.789Z"),
      new TaggedValue("inst", "2020-02-03T04:05:06.789012345-00:00"),
    ],
  ];
  test.each(rows.filter(([about]) => about !== "a map as key"))("%s", (_, hex, plain, exactly = plain) => {
    expect(read(hex)).toStrictEqual(plain);
    expect(read(hex, exact)).toStrictEqual(exactly);
  });

  test("a keyword with a name that edn could not read is a string, or refused if asked to be exact", () => {
    expect(read("c70300612062")).toBe("a b");
    expect(() => read("c70300612062", exact)).toThrow(MsgpackError);
    expect(() => read("c70000")).toThrow(MsgpackError);
  });

  test("a view into a larger buffer", () => {
    expect(readMsgpack(bytesOf("ff93010203ff").subarray(1, 5))).toEqual([1, 2, 3]);
  });

  test("a key __proto__ is one like any other", () => {
    const hostile = read(
      `82a9${hexOf(new TextEncoder().encode("__proto__"))}81a8${hexOf(new TextEncoder().encode("polluted"))}c3ab${hexOf(new TextEncoder().encode("constructor"))}01`,
    ) as object;
    expect(Object.keys(hostile)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(readMsgpack(writeMsgpack(hostile))).toEqual(hostile);
  });

  test.each(["91", "81c0", "81", "c9000fffff04dd00000001", "c9000fffff0391", "dc0001"])(
    "depth is bounded for %s",
    (open) => {
      expect(() => read(open.repeat(50_000))).toThrow(MsgpackError);
      expect(() => read("91".repeat(10) + "c0", { maxDepth: 10 })).not.toThrow();
      expect(() => read("91".repeat(11) + "c0", { maxDepth: 10 })).toThrow(/deeper than 10/);
    },
  );

  test("length is bounded", () => {
    expect(() => readMsgpack(new Uint8Array(2 ** 20 + 1))).toThrow(/longer than/);
    expect(readMsgpack(new Uint8Array(2 ** 20))).toBe(0);
    expect(() => read("920102", { maxLength: 2 })).toThrow(MsgpackError);
  });

  test.each([
    "c4ff00",
    "c6ffffffff",
    "dbffffffff",
    "ddffffffff",
    "dfffffffff",
    "c9ffffffff05",
    "ddfffffffe90",
  ])("nothing is made for a length that is not there: %s", (hex) => {
    const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    expect(() => read(hex)).toThrow(MsgpackError);
    const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    expect(after - before).toBeLessThan(10_000_000);
  });

  const many = (count: number, form: string): string => form + count.toString(16).padStart(8, "0");
  test.each([
    ["small values", many(1_000_000, "dd") + "01".repeat(1_000_000)],
    ["empty maps", many(1_000_000, "dd") + "80".repeat(1_000_000)],
    ["a string", many(1_000_000, "db") + "61".repeat(1_000_000)],
    [
      "keys",
      many(100_000, "df") +
        Array.from({ length: 100_000 }, (_, i) => `ce${i.toString(16).padStart(8, "0")}01`).join(""),
    ],
    [
      "keywords",
      many(100_000, "dd") +
        Array.from(
          { length: 100_000 },
          (_, i) => `d700${Buffer.from(`k${i.toString(36).padStart(7, "0")}`).toString("hex")}`,
        ).join(""),
    ],
    [
      "numbers of one key",
      `92 81d4006101 ${many(200_000, "dd")}`.replaceAll(" ", "") + "81d4080001".repeat(200_000),
    ],
    ["ratios", many(200_000, "dd") + "d5030103".repeat(200_000)],
    ["times", many(60_000, "dd") + "c70cff2f075f79000000005e379bf2".repeat(60_000)],
  ])("1 MB of %s takes no more than its time", (_, hex) => {
    const bytes = bytesOf(hex);
    for (const options of [{}, exact]) {
      const started = process.cpuUsage();
      readMsgpack(bytes, options);
      const { user, system } = process.cpuUsage(started);
      expect((user + system) / 1000).toBeLessThan(3000);
    }
  });
});

describe("writing", () => {
  const rows: [value: unknown, hex: string][] = [
    [undefined, "c0"],
    [1.5, "ca3fc00000"],
    [0.1, "cb3fb999999999999a"],
    [-0, "ca80000000"],
    [NaN, "cb7ff8000000000000"],
    [2 ** 53, "ca5a000000"],
    [Double.of(1), "ca3f800000"],
    [Decimal.of("1.5"), "cb3ff8000000000000"],
    [5n, "05"],
    [2n ** 63n, "cf8000000000000000"],
    [{ a: undefined, b: [undefined] }, "81d4006291c0"],
    [{ "a b": 1, "": 2, 7: 3 }, "83a13703a361206201a002"],
    [[{ a: 1 }, { a: 2 }, { a: kw("a") }], "9381d400610181d408000281d40800d40061"],
    [
      new Map<unknown, unknown>([
        ["a", 1],
        [kw("a"), { ":a": 2 }],
      ]),
      "82a16101d4006181a23a6102",
    ],
    [new Set([1, new Set([2])]), "c706049201d5049102"],
    [new Int32Array([1, -1]), "d70500000001ffffffff"],
    [new Float32Array([1.5]), "d6063fc00000"],
    [new Float64Array([1.5]), "d7073ff8000000000000"],
    [new Uint8Array(256), `c50100${"00".repeat(256)}`],
    [new TaggedValue("msgpack/ext-7", new Uint8Array([1])), "d4f901"],
    [new TaggedValue("inst", "2020-02-03T05:05:06.789012345+01:00"), "c70cff2f075f79000000005e379bf2"],
    [new Date("1969-12-31T23:59:59.999Z"), "c70cff3b8b87c0ffffffffffffffff"],
    [{ toJSON: () => ({ a: 1 }) }, "81d4006101"],
  ];
  test.each(rows)("%s is %s", (value, hex) => expect(hexOf(writeMsgpack(value))).toBe(hex));

  test("the 257th key has no number", () => {
    const names = Array.from({ length: 257 }, (_, i) => `k${i}`);
    const object = Object.fromEntries(names.map((name) => [name, 1]));
    const written = hexOf(writeMsgpack([object, { k255: 1, k256: 1 }]));
    expect(written.endsWith(`82d408ff01d6006b32353601`)).toBe(true);
    expect(readMsgpack(bytesOf(written))).toEqual([object, { k255: 1, k256: 1 }]);
  });

  test("what has no form in MessagePack is refused", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const forever = { toJSON: () => forever };
    for (const value of [
      () => 1,
      Symbol("x"),
      new Date(NaN),
      new Uint16Array(1),
      new ArrayBuffer(1),
      2n ** 64n,
      -(2n ** 63n) - 1n,
      Ratio.of(1n, 2n ** 64n),
      Char.of("\uD800"),
      new TaggedValue("my/tag", 1),
      new TaggedValue("msgpack/ext128", new Uint8Array()),
      new TaggedValue("msgpack/ext1", "text"),
      cycle,
      forever,
      "x".repeat(2 ** 20),
    ]) {
      expect(() => writeMsgpack({ value })).toThrow(MsgpackError);
    }
  });

  test("what is written can be as long as the limit, and no longer", () => {
    expect(writeMsgpack([1, new Set([2])], { maxLength: 6 })).toHaveLength(6);
    expect(() => writeMsgpack([1, new Set([2])], { maxLength: 5 })).toThrow(/longer than 5/);
  });
});

test("the packer says how ids are written", () => {
  const packer = msgpack();
  expect(hexOf(packer.pack([packer.keyword?.("chat/say"), { text: "hi" }]) as Uint8Array)).toBe(
    "92d700636861742f73617981d60074657874a26869",
  );
  expect(packer.keywordName?.(kw("chat/say"))).toBe("chat/say");
  expect(() => packer.unpack("text")).toThrow(MsgpackError);
  expect(EdnSymbol.of("a")).toEqual(readMsgpack(writeMsgpack(EdnSymbol.of("a"))));
  expect(Uuid.of("550e8400-e29b-41d4-a716-446655440000")).toBe(
    readMsgpack(writeMsgpack(Uuid.of("550e8400-e29b-41d4-a716-446655440000"))),
  );
});

test("a key that becomes a text by toJSON has a number like any other", () => {
  const key = new URL("http://a/");
  const value = [new Map([[key, 1]]), { a: 1 }, { a: 2 }, new Map([[key, 3]])];
  const plain = [{ "http://a/": 1 }, { a: 1 }, { a: 2 }, { "http://a/": 3 }];
  expect(readMsgpack(writeMsgpack(value))).toEqual(plain);
});
