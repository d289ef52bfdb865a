import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  Char,
  Decimal,
  Double,
  edn,
  EdnError,
  EdnList,
  EdnSymbol,
  Keyword,
  Ratio,
  readEdn,
  TaggedValue,
  Uuid,
  writeEdn,
} from "../src/packer/edn/index.js";

const exact = { exact: true };
const kw = (name: string): Keyword => Keyword.of(name);
const sym = (name: string): EdnSymbol => EdnSymbol.of(name);
const UUID = "550e8400-e29b-41d4-a716-446655440000";

describe("reading", () => {
  const rows: [text: string, plain: unknown, exactly?: unknown][] = [
    ["nil", null],
    ["true", true],
    ["false", false],
    ["42", 42],
    ["+7", 7],
    ["-0", 0],
    ["-129", -129],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["42N", 42n],
    ["-170141183460469231731687303715884105728N", -(2n ** 127n)],
    ["1.5", 1.5],
    ["1.0", 1, Double.of(1)],
    ["1e3", 1000, Double.of(1000)],
    ["-0.0", -0],
    ["1.", 1, Double.of(1)],
    ["1.50M", Decimal.of("1.50")],
    ["3M", Decimal.of("3")],
    ["2/4", Ratio.of(1n, 2n)],
    ["4/2", 2n],
    ["-1/3", Ratio.of(-1n, 3n)],
    ["##Inf", Infinity],
    ["##-Inf", -Infinity],
    ["##NaN", NaN],
    ['"a\\tb\\n\\"\\\\ \\u00e9 \\101"', 'a\tb\n"\\ é A'],
    ['"ünï 😀"', "ünï 😀"],
    ["\\a", "a", Char.of("a")],
    ["\\newline", "\n", Char.of("\n")],
    ["\\space", " ", Char.of(" ")],
    ["\\(", "(", Char.of("(")],
    ["\\,", ",", Char.of(",")],
    ["\\u00e9", "é", Char.of("é")],
    ["\\o101", "A", Char.of("A")],
    [":a", "a", kw("a")],
    [":ns/name", "ns/name", kw("ns/name")],
    [":1", "1", kw("1")],
    ["sym", sym("sym")],
    ["ns/sym", sym("ns/sym")],
    ["-", sym("-")],
    ["/", sym("/")],
    [`#uuid "${UUID.toUpperCase()}"`, Uuid.of(UUID)],
    ['#inst "2020-02-03T04:05:06.789-00:00"', new Date("2020-02-03T04:05:06.789Z")],
    ['#inst "2020"', new Date("2020-01-01T00:00:00Z")],
    ['#inst "2020-02-03T04:05:06+01:30"', new Date("2020-02-03T02:35:06Z")],
    [
      '#inst "2020-02-03T04:05:06.789123Z"',
      new Date("2020-02-03T04:05:06.789Z"),
      new TaggedValue("inst", "2020-02-03T04:05:06.789123Z"),
    ],
    ["#my/tag [1 :a]", new TaggedValue("my/tag", [1, "a"]), new TaggedValue("my/tag", [1, kw("a")])],
    ["[1 [2] [] nil]", [1, [2], [], null]],
    ['#sente/bytes "AAEC/w=="', new Uint8Array([0, 1, 2, 255])],
    ["(1 2)", [1, 2], new EdnList([1, 2])],
    [
      '{:text "hi", :a/b 1 "k" 2}',
      { text: "hi", "a/b": 1, k: 2 },
      new Map<unknown, unknown>([
        [kw("text"), "hi"],
        [kw("a/b"), 1],
        ["k", 2],
      ]),
    ],
    ["{}", {}, new Map()],
    ["{1 :one}", new Map([[1, "one"]]), new Map([[1, kw("one")]])],
    [
      '{:a 1 "a" 2}',
      new Map<unknown, unknown>([
        [kw("a"), 1],
        ["a", 2],
      ]),
    ],
    ["#{1 :a}", new Set<unknown>([1, "a"]), new Set<unknown>([1, kw("a")])],
    ['#{:a "a"}', new Set<unknown>([kw("a"), "a"])],
    [
      "#:n{:a 1 :_/b 2 :m/c 3}",
      { "n/a": 1, b: 2, "m/c": 3 },
      new Map([
        [kw("n/a"), 1],
        [kw("b"), 2],
        [kw("m/c"), 3],
      ]),
    ],
    ["^{:doc 1} [1]", [1]],
    ["^:private ^String x", sym("x")],
    ["; comment\n 1 ; more", 1],
    ["#_ 1 2", 2],
    ["[1 #_ #_ 2 3 4 #_5]", [1, 4]],
    ["#_{:a #_b c} ,1,", 1],
    ["[a,b\r\n\tc]", [sym("a"), sym("b"), sym("c")]],
    ["[1#_2 3]", undefined],
  ];

  test.each(rows.slice(0, -1))("%s", (text, plain, exactly = plain) => {
    expect(readEdn(text)).toStrictEqual(plain);
    expect(readEdn(text, exact)).toStrictEqual(exactly);
  });

  test.each([
    ..."( [ { #{ \" ) ] } # ^ #_ ' @ ` ~ \\ : :: :a:: 01 1a 1/0 +a/ #foo #inst #uuid"
      .split(" ")
      .filter((it) => !["'"].includes(it)),
    "",
    " ",
    "1 2",
    "{:a}",
    "{:a 1 :a 2}",
    "#{:a :a}",
    '"\\x"',
    '"\\u12g4"',
    "\\foo",
    "\\😀",
    "##Foo",
    "#:n [1]",
    "#::n{:a 1}",
    '#inst "yesterday"',
    '#inst "2020-13-01"',
    '#uuid "1"',
    '#sente/bytes "?"',
    "1.5e",
    "00",
    "0x10",
    `1${"0".repeat(1000)}`,
  ])("%j is no edn", (text) => {
    expect(() => readEdn(text)).toThrow(EdnError);
  });

  test("a key __proto__ is one like any other", () => {
    const value = readEdn('{:__proto__ {:polluted true} "constructor" 1}') as object;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(writeEdn(value)).toBe("{:__proto__ {:polluted true}, :constructor 1}");
  });

  test.each(["[", "(", "{:a ", "#{", "#a ", "#_", "^a ", "#:a{:a "])("depth is bounded for %s", (open) => {
    expect(() => readEdn(open.repeat(100_000))).toThrow(/deeper than 100/);
    expect(() => readEdn("[".repeat(11) + "]".repeat(11), { maxDepth: 10 })).not.toThrow();
    expect(() => readEdn("[".repeat(12) + "]".repeat(12), { maxDepth: 10 })).toThrow(EdnError);
  });

  test("length is bounded", () => {
    expect(() => readEdn(" ".repeat(2 ** 20) + "1")).toThrow(/longer than/);
    expect(readEdn(" ".repeat(2 ** 20 - 1) + "1")).toBe(1);
  });

  test.each([
    ["spaces", " ".repeat(1e6) + "1"],
    ["commas and comments", ",;\n".repeat(3e5) + "1"],
    ["a string", `"${"x".repeat(1e6)}"`],
    ["escapes", `"${"\\n".repeat(5e5)}"`],
    ["a symbol", "a/".repeat(5e5) + "b"],
    ["a keyword", ":" + "a#".repeat(5e5)],
    ["small values", `[${"1 ".repeat(5e5)}]`],
    ["discarded values", "#_1 ".repeat(2e5) + "1"],
    ["keys", `{${Array.from({ length: 5e4 }, (_, i) => `:k${i} ${i}`).join(" ")}}`],
    ["a tag", `#${"t".repeat(1e6)} 1`],
    ["an instant", `#inst "2020-01-01T00:00:00.${"1".repeat(9e5)}Z"`],
  ])("1 MB of %s takes no more than its time", (_, text) => {
    // Of the processor, since others may be using it.
    const started = process.cpuUsage();
    readEdn(text);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1000).toBeLessThan(3000);
  });
});

describe("writing", () => {
  const rows: [value: unknown, text: string][] = [
    [null, "nil"],
    [undefined, "nil"],
    [{ text: "hi", n: 1 }, '{:text "hi", :n 1}'],
    [
      { "a b": 1, "": 2, "1": 3, "x/y": 4, "x/y/z": 5, "a:b": 6, "é?": 7 },
      '{"1" 3, "a b" 1, "" 2, :x/y 4, "x/y/z" 5, "a:b" 6, :é? 7}',
    ],
    [{ a: undefined, b: [undefined] }, "{:b [nil]}"],
    [[], "[]"],
    [{}, "{}"],
    [
      new Map<unknown, unknown>([
        ["k", 1],
        [kw("k"), 2],
        [[1], 3],
      ]),
      '{"k" 1, :k 2, [1] 3}',
    ],
    [new Set([1, "a"]), '#{1 "a"}'],
    ['a"\\\n\t\r\f\b', '"a\\"\\\\\\n\\t\\r\\f\\b"'],
    [1e21, "1e+21"],
    [2 ** 60, "1152921504606847000.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [NaN, "##NaN"],
    [-Infinity, "##-Inf"],
    [42n, "42N"],
    [2n ** 62n, "4611686018427387904"],
    [2n ** 63n, "9223372036854775808N"],
    [new Date("2020-02-03T04:05:06.789Z"), '#inst "2020-02-03T04:05:06.789-00:00"'],
    [Uuid.of(UUID), `#uuid "${UUID}"`],
    [Char.of(" "), "\\space"],
    [Char.of("\uD800"), "\\ud800"],
    [Ratio.of(2n, -6n), "-1/3"],
    [new TaggedValue("my/tag", { a: 1 }), "#my/tag {:a 1}"],
    [new EdnList([1, sym("x")]), "(1 x)"],
    [new Uint8Array([0, 1, 2, 255]), '#sente/bytes "AAEC/w=="'],
    [{ toJSON: () => ({ a: 1 }) }, "{:a 1}"],
    ["a\ud800\u{1f600}\udc00", '"a\\ud800\u{1f600}\\udc00"'],
  ];
  test.each(rows)("%s", (value, text) => expect(writeEdn(value)).toBe(text));

  test("what has no form in edn is refused", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const value of [
      () => 1,
      Symbol("x"),
      new Date(NaN),
      new Date("+010000-01-01"),
      new Date("-000001-12-31"),
      new Float64Array(1),
      new ArrayBuffer(1),
      cycle,
      "x".repeat(2 ** 20),
    ]) {
      expect(() => writeEdn({ value })).toThrow(EdnError);
    }
  });

  test("nothing can be smuggled in by a name", () => {
    for (const name of ['a "b"', "a]", "", "a b", ":a", "a\\b"]) {
      for (const type of [Keyword, EdnSymbol]) expect(() => type.of(name)).toThrow(EdnError);
      expect(() => new TaggedValue(name, 1)).toThrow(EdnError);
    }
    for (const name of ["_", "Ā"]) expect(() => writeEdn(new TaggedValue(name, 1))).toThrow(EdnError);
    for (const name of ["nil", "true", "1", "-1", "#a"]) expect(() => EdnSymbol.of(name)).toThrow(EdnError);
  });

  test("a name is what Clojure's reader takes for one", () => {
    for (const name of [
      "a/1",
      "a:",
      "a::b",
      "a:/b",
      "/a",
      "a/",
      "//",
      "a/b/",
      "a\u2003b",
      "a\u00a0b",
      "a\u0001",
      "a\ud800",
    ]) {
      for (const type of [Keyword, EdnSymbol]) expect(() => type.of(name)).toThrow(EdnError);
    }
    for (const name of ["a1", "a/b1", "a:b", "a/1/b", "/", "a//", "a//b", "+", ".5", "'a", "é/日"]) {
      expect(readEdn(`[:${name} ${name}]`, exact)).toStrictEqual([Keyword.of(name), EdnSymbol.of(name)]);
      expect(writeEdn([Keyword.of(name), EdnSymbol.of(name)])).toBe(`[:${name} ${name}]`);
    }
    for (const name of ["1", "1a/b", "-1"]) expect(readEdn(`:${name}`, exact)).toBe(Keyword.of(name));
  });
});

describe("the golden values, which Java reads and writes alike", () => {
  const url = new URL("../../wire-fixtures/edn/values.json", import.meta.url);
  const { values } = JSON.parse(readFileSync(url, "utf8")) as {
    values: { edn: string; written?: string; invalid?: boolean }[];
  };
  test.each(values)("$edn", ({ edn: text, written = text, invalid }) => {
    if (invalid) expect(() => readEdn(text, exact)).toThrow(EdnError);
    else expect(writeEdn(readEdn(text, exact))).toBe(written);
  });
});

test("values that stand for themselves are one object each", () => {
  expect(kw("a/b")).toBe(kw("a/b"));
  expect(kw("a")).not.toBe(sym("a"));
  expect(String(kw("a/b"))).toBe("a/b");
  expect(JSON.stringify([kw("a"), Uuid.of(UUID), Double.of(1), new EdnList([1])])).toBe(
    `["a","${UUID}",1,[1]]`,
  );
  expect(Number(Ratio.of(1n, 4n)) + Number(Decimal.of("0.5")) + Number(Double.of(1))).toBe(1.75);
});

test("the packer says how ids are written", () => {
  const packer = edn();
  expect(packer.pack([packer.keyword?.("chat/say"), { text: "hi" }])).toBe('[:chat/say {:text "hi"}]');
  expect(packer.keywordName?.(kw("chat/say"))).toBe("chat/say");
  expect(packer.keywordName?.("chat/say")).toBeUndefined();
  expect(() => packer.unpack(new Uint8Array(1))).toThrow(EdnError);
});
