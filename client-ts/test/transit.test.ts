import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Char,
  Decimal,
  Double,
  EdnList,
  EdnSymbol,
  Keyword,
  Ratio,
  TaggedValue,
  transit,
  TransitError,
  Uuid,
} from "../src/packer/transit/index.js";
import { testFixtures } from "./support/fixtures.js";
import { exactValues, plainValues } from "./support/values.js";

const plain = transit();
const exact = transit({ exact: true });
const verbose = transit({ exact: true, verbose: true });
const kw = (name: string): Keyword => Keyword.of(name);
const UUID = "550e8400-e29b-41d4-a716-446655440000";

testFixtures(exact, TransitError);

describe("reading", () => {
  const rows: [text: string, plain: unknown, exactly?: unknown][] = [
    ['["~:a","~ca"]', ["a", "a"], [kw("a"), Char.of("a")]],
    ['["~#list",["~:a"]]', ["a"], new EdnList([kw("a")])],
    [
      '["^ ","~:a",1,"b",2]',
      { a: 1, b: 2 },
      new Map<unknown, unknown>([
        [kw("a"), 1],
        ["b", 2],
      ]),
    ],
    [
      '["^ ","~:a",1,"a",2]',
      new Map<unknown, unknown>([
        [kw("a"), 1],
        ["a", 2],
      ]),
    ],
    ['["~#cmap",[[1],"~:a"]]', new Map([[[1], "a"]]), new Map([[[1], kw("a")]])],
    [
      '["^ ","~i1",1,"~d1.5",2,"~zINF",3,"~_",4,"~?t",5]',
      new Map<unknown, unknown>([
        [1, 1],
        [1.5, 2],
        [Infinity, 3],
        [null, 4],
        [true, 5],
      ]),
    ],
    ['["~#set",["~:a",1]]', new Set(["a", 1]), new Set([kw("a"), 1])],
    ['["~#set",["~:a","a"]]', new Set([kw("a"), "a"])],
    ['["~i9007199254740993","~i-9223372036854775808"]', [2n ** 53n + 1n, -(2n ** 63n)]],
    ['["~n42","~n-170141183460469231731687303715884105728"]', [42n, -(2n ** 127n)]],
    ['["~f1.50","~$a/b"]', [Decimal.of("1.50"), EdnSymbol.of("a/b")]],
    ['["~#ratio",["~n4","~n2"]]', 2],
    ['["~#ratio",[1,"~i3"]]', Ratio.of(1n, 3n)],
    [`["~u${UUID}"]`, [Uuid.of(UUID)]],
    ['["~rhttp://a/b"]', [new TaggedValue("r", "http://a/b")]],
    ['["~bAAEC/w=="]', [new Uint8Array([0, 1, 2, 255])]],
    [
      '["~#my/point",["~:x",["~#my/point",1]]]',
      new TaggedValue("my/point", ["x", new TaggedValue("my/point", 1)]),
      new TaggedValue("my/point", [kw("x"), new TaggedValue("my/point", 1)]),
    ],
    ['["~#constructor",1]', new TaggedValue("constructor", 1)],
    [
      '["~t2020-02-03T04:05:06.789123Z"]',
      [new Date("2020-02-03T04:05:06.789Z")],
      [new TaggedValue("inst", "2020-02-03T04:05:06.789123Z")],
    ],
  ];
  test.each(rows)("%s", (text, simply, exactly = simply) => {
    expect(plain.unpack(text)).toStrictEqual(simply);
    expect(exact.unpack(text)).toStrictEqual(exactly);
  });

  test.each([
    "",
    "{",
    '["~#a"]',
    '["~#toString"]',
    '["^0"]',
    '["~$"]',
    '["~cab"]',
    '["~n1.5"]',
    '["~ma"]',
    '["~tyesterday"]',
    '["~#m",null]',
    '["~#set",1]',
    '["~#cmap",[1]]',
    '["~#ratio",[1]]',
    '["~#ratio",[1.5,2]]',
    '["~#u",[1]]',
    '["~#a b",1]',
    `["~n${"1".repeat(2000)}"]`,
    `["~f1e${"9".repeat(20)}"]`,
    '["~#__proto__",[1]]',
  ])("%s is refused", (text) => {
    expect(() => plain.unpack(text)).toThrow(TransitError);
    expect(() => exact.unpack(text)).toThrow(TransitError);
  });

  test("a key __proto__ is one like any other", () => {
    for (const text of ['["^ ","__proto__",["^ ","polluted",true]]', '{"__proto__":{"polluted":true}}']) {
      const value = plain.unpack(text) as object;
      expect(Object.keys(value)).toEqual(["__proto__"]);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    }
  });

  test("a message that is refused does no harm to the next one", () => {
    expect(() => plain.unpack('["~:other",["~#set",1]]')).toThrow(TransitError);
    expect(plain.unpack('["~:this","^0"]')).toEqual(["this", "this"]);
    expect(() => plain.pack({ other: Symbol("x") })).toThrow(TransitError);
    expect(plain.pack([{ this: 1 }, { this: 2 }])).toBe('[["^ ","~:this",1],["^ ","^0",2]]');
    expect(plain.unpack('["^ ","abcd",1]')).toEqual({ abcd: 1 });
    expect(() => plain.unpack('["^0"]')).toThrow(TransitError);
  });

  test("codes start again after the 1936th", () => {
    const keys = Array.from({ length: 4000 }, (_, i) => `key ${i}`);
    const value = [...keys, ...keys.slice(3000), ...keys.slice(0, 2000)].map((key) => ({ [key]: 1 }));
    expect(plain.unpack(plain.pack(value))).toEqual(value);
  });

  test.each(["toString", "constructor", "__proto__"])("a key %s touches no object but the map", (name) => {
    const before = JSON.stringify(Object.getOwnPropertyDescriptors(Object.prototype));
    const value = new Map([[name, new Map([[name, 1]])]]);
    for (const packer of [plain, exact, verbose, transit()])
      expect(exact.unpack(packer.pack([value, value]))).toStrictEqual([value, value]);
    expect(JSON.stringify(Object.getOwnPropertyDescriptors(Object.prototype))).toBe(before);
    expect((Object.prototype as unknown as unknown[])[0]).toBeUndefined();
    expect((Object as unknown as unknown[])[0]).toBeUndefined();
  });

  test.each(["[", '{"a":', '["~#set",[', '["~#a",', '["^ ","a",'])("depth is bounded for %s", (open) => {
    expect(() => plain.unpack(open.repeat(50_000))).toThrow(/deeper than 100/);
    expect(() => plain.unpack('["[[[[{{{\\"[["]'.replace("[", "[".repeat(10)) + "]".repeat(9))).not.toThrow();
  });

  test("length is bounded", () => {
    expect(() => plain.unpack(" ".repeat(2 ** 20) + "1")).toThrow(/longer than/);
    expect(plain.unpack(" ".repeat(2 ** 20 - 1) + "1")).toBe(1);
  });

  /** Strings that a hash as Java's would all put together. */
  const crowd = Array.from({ length: 2 ** 15 }, (_, i) =>
    i.toString(2).padStart(15, "0").replaceAll("0", "Aa").replaceAll("1", "BB"),
  );
  test.each([
    ["keys", JSON.stringify(["^ ", ...crowd.slice(0, 2 ** 14).flatMap((key) => [key, 1])])],
    ["composite keys", JSON.stringify(["~#cmap", crowd.slice(0, 2 ** 14).flatMap((key) => [[key], 1])])],
    ["members", JSON.stringify(["~#set", crowd.slice(0, 2 ** 14)])],
    ["numbers", JSON.stringify(Array.from({ length: 1000 }, () => `~n${"7".repeat(1000)}`))],
    ["a long integer", JSON.stringify([`~i${"7".repeat(1_000_000)}`])],
    ["an open string", `["${'\\"'.repeat(500_000)}`],
    ["bytes", JSON.stringify([`~b${"A".repeat(1_000_000)}`])],
  ])("much of %s takes no more than its time", (_, text) => {
    const started = process.cpuUsage();
    try {
      plain.unpack(text);
    } catch (error) {
      expect(error).toBeInstanceOf(TransitError);
    }
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(3000);
  });
});

describe("writing", () => {
  const rows: [value: unknown, text: string, verbosely?: string][] = [
    [{ a: 1, "a b": 2, c: undefined }, '["^ ","~:a",1,"a b",2]', '{"~:a":1,"a b":2}'],
    [[{ alpha: 1 }, { alpha: 2 }], '[["^ ","~:alpha",1],["^ ","^0",2]]', '[{"~:alpha":1},{"~:alpha":2}]'],
    [[new Date("2020-02-03T04:05:06.789Z")], '["~m1580702706789"]', '["~t2020-02-03T04:05:06.789Z"]'],
    [[5n, 2n ** 53n, 2n ** 63n], '["~n5","~i9007199254740992","~n9223372036854775808"]'],
    [new Map([[1.5, 1]]), '["~#cmap",[1.5,1]]', '{"~#cmap":[1.5,1]}'],
    [new Map([[[1], 1]]), '["~#cmap",[[1],1]]', '{"~#cmap":[[1],1]}'],
    [new Set([{ a: 1 }]), '["~#set",[["^ ","~:a",1]]]', '{"~#set":[{"~:a":1}]}'],
    [new EdnList([1]), '["~#list",[1]]', '{"~#list":[1]}'],
    [[Double.of(1), -0], "[1,0]"],
    [[new Uint8Array([0, 1, 2, 255])], '["~bAAEC/w=="]'],
    [[new TaggedValue("inst", "2020-02-03T04:05:06.789123-00:00")], '["~t2020-02-03T04:05:06.789123Z"]'],
    [{ toJSON: () => [1] }, "[1]"],
    ["~:a", `["~#'","~~:a"]`, `{"~#'":"~~:a"}`],
  ];
  test.each(rows)("%s is %s", (value, text, verbosely = text) => {
    expect(plain.pack(value)).toBe(text);
    expect(verbose.pack(value)).toBe(verbosely);
  });

  test("what has no form in Transit is refused", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    const forever = { toJSON: () => forever };
    for (const value of [
      () => 1,
      Symbol("x"),
      new Date(NaN),
      new Float64Array(1),
      new ArrayBuffer(1),
      new TaggedValue("X", 1),
      cycle,
      forever,
      "x".repeat(2 ** 20),
    ]) {
      expect(() => plain.pack({ value })).toThrow(TransitError);
    }
  });
});

test("applications can bring types of their own", () => {
  class Point {
    readonly x: number;
    readonly y: number;

    constructor(x: number, y: number) {
      this.x = x;
      this.y = y;
    }
  }
  const packer = transit({
    readHandlers: {
      "my/point": (rep) => new Point(...(rep as [number, number])),
      m: (rep) => `at ${String(rep)}`,
    },
    writeHandlers: new Map([[Point, { tag: "my/point", rep: ({ x, y }: Point) => [x, y, { also: x }] }]]),
  });
  expect(packer.pack([new Point(1, 2)])).toBe('[["~#my/point",[1,2,["^ ","~:also",1]]]]');
  expect(packer.unpack('[["~#my/point",[1,2]],"~m5"]')).toEqual([new Point(1, 2), "at 5"]);
  expect(() => transit({ readHandlers: { i: () => 1 } })).toThrow(/ground type/);
});

describe("what is written is read back equal", () => {
  test("as JavaScript has it", () => {
    fc.assert(
      fc.property(plainValues({ has64Bits: false, hasNoDoubles: true }), (value) => {
        expect(plain.unpack(plain.pack(value))).toEqual(value);
        expect(plain.unpack(verbose.pack(value))).toEqual(value);
      }),
    );
  });

  test("exactly", () => {
    fc.assert(
      fc.property(exactValues({ has64Bits: false, hasNoDoubles: true }), (value) => {
        expect(exact.unpack(exact.pack(value))).toStrictEqual(value);
        expect(exact.unpack(verbose.pack(value))).toStrictEqual(value);
      }),
    );
  });
});

test("whatever comes in gives a value or a TransitError", () => {
  const piece = fc.constantFrom(
    ...Array.from('[]{}":,~#^ 019'),
    '"~#set"',
    '"^ "',
    '"~:a"',
    '"^0"',
    '"~n',
    '"~#',
    '"~u',
    '"~m',
    "null",
    '"~#ratio"',
    '"~#cmap"',
    '"constructor"',
    '"__proto__"',
  );
  const text = fc.oneof(
    fc.string(),
    fc.json().map((it) => it),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    fc
      .tuple(exactValues({ has64Bits: false }), fc.nat(), fc.string({ maxLength: 2 }))
      .map(([value, at, change]) => {
        const written = exact.pack(value) as string;
        const cut = at % written.length;
        return written.slice(0, cut) + change + written.slice(cut + 1);
      }),
  );
  fc.assert(
    fc.property(text, (it) => {
      for (const packer of [plain, exact]) {
        try {
          packer.unpack(it);
        } catch (error) {
          expect(error).toBeInstanceOf(TransitError);
        }
      }
    }),
    { numRuns: 3000 },
  );
});

test("the packer says how ids are written", () => {
  expect(plain.pack([plain.keyword?.("chat/say"), { text: "hi" }])).toBe(
    '["~:chat/say",["^ ","~:text","hi"]]',
  );
  expect(plain.keywordName?.(kw("chat/say"))).toBe("chat/say");
  expect(() => plain.unpack(new Uint8Array(1))).toThrow(TransitError);
});
