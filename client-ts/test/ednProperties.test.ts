import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  Char,
  Decimal,
  Double,
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

describe("what is written is read back equal", () => {
  const name = fc
    .stringMatching(/^[a-zA-Z*!?_][a-zA-Z0-9*!?_-]{0,8}$/)
    .filter((it) => !/^(?:nil|true|false)$/.test(it));
  const common: fc.Arbitrary<unknown>[] = [
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true, min: new Date("0000-01-01"), max: new Date("9999-12-31T23:59:59.999Z") }),
    fc.uuid().map((text) => Uuid.of(text)),
    name.map((text) => EdnSymbol.of(text)),
    fc.tuple(fc.bigInt(), fc.bigInt({ min: 1n })).map(([n, d]) => Ratio.of(n, d)),
    fc.tuple(fc.integer(), fc.nat()).map(([n, d]) => Decimal.of(`${n}.${d}`)),
    // An N is not kept where the number alone says that it is no safe integer.
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  ];
  const plainValue = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(...common, fc.double()),
      fc.array(tie("value")),
      fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__"), name), tie("value")),
      fc.uniqueArray(fc.oneof(...common), { comparator: "SameValueZero" }).map((items) => new Set(items)),
      fc
        .tuple(
          name.filter((tag) => /^[a-z]/i.test(tag) && tag !== "inst" && tag !== "uuid"),
          tie("value"),
        )
        .map(([tag, value]) => new TaggedValue(tag, value)),
    ),
  })).value;
  const exactValue = fc.letrec<{ value: unknown; atom: unknown }>((tie) => ({
    atom: fc.oneof(
      ...common,
      fc.double().filter((n) => !Number.isSafeInteger(n)),
      fc.maxSafeInteger().map((n) => Double.of(n)),
      name.map((text) => Keyword.of(text)),
      fc.tuple(name, name).map((parts) => Keyword.of(parts.join("/"))),
      fc.integer({ min: 0, max: 0xffff }).map((code) => Char.of(String.fromCharCode(code))),
    ),
    value: fc.oneof(
      { maxDepth: 5 },
      tie("atom"),
      fc.array(tie("value")),
      fc.array(tie("value")).map((items) => new EdnList(items)),
      fc.array(fc.tuple(tie("atom"), tie("value"))).map((entries) => new Map(entries)),
      fc.array(tie("atom")).map((items) => new Set(items)),
    ),
  })).value;

  test("as JavaScript has it", () => {
    fc.assert(
      fc.property(plainValue, (value) => {
        expect(readEdn(writeEdn(value))).toEqual(value);
      }),
    );
  });

  test("exactly", () => {
    fc.assert(
      fc.property(exactValue, (value) => {
        expect(readEdn(writeEdn(value), exact)).toStrictEqual(value);
      }),
    );
  });

  test("and as the same text", () => {
    fc.assert(
      fc.property(exactValue, (value) => {
        const text = writeEdn(value);
        expect(writeEdn(readEdn(text, exact))).toBe(text);
      }),
    );
  });

  test("and whatever text comes in gives a value or an EdnError", () => {
    const piece = fc.constantFrom(
      ...Array.from('()[]{}#_^\\":/;,.+-0129aNMe\n u'),
      "#{",
      "#_",
      "##Inf",
      "#inst",
      "nil",
      ":a",
      "#:n",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (it, isExact) => {
        try {
          readEdn(it, { exact: isExact });
        } catch (error) {
          expect(error).toBeInstanceOf(EdnError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
