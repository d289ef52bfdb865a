/** Values for property tests of packers. */
import fc from "fast-check";
import { Char, Double, EdnSymbol, Keyword, Ratio, Uuid } from "../../src/packer/edn/index.js";

export interface Has {
  /** Whether integers end at 64 bits. */
  readonly has64Bits: boolean;
  /** Whether whole floating-point numbers are integers, as in JSON. */
  readonly hasNoDoubles?: boolean;
  /** Whether years have four digits. */
  readonly hasOrdinaryYears?: boolean;
}

const name = fc
  .stringMatching(/^[a-zA-Z*!?_][a-zA-Z0-9*!?_-]{0,8}$/)
  .filter((it) => !/^(?:nil|true|false)$/.test(it));

function common({ has64Bits, hasOrdinaryYears = false }: Has): fc.Arbitrary<unknown>[] {
  const limit = has64Bits ? 2n ** 63n - 1n : 2n ** 80n;
  const bigints = fc.bigInt({ min: -limit, max: limit });
  return [
    fc.string({ unit: "binary" }).filter((it) => !/\p{Surrogate}/u.test(it)),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.date({
      noInvalidDate: true,
      ...(hasOrdinaryYears && { min: new Date("0001-01-01"), max: new Date("9999-12-31") }),
    }),
    fc.uuid().map((text) => Uuid.of(text)),
    name.map((text) => EdnSymbol.of(text)),
    fc.tuple(bigints, fc.bigInt({ min: 1n, max: limit })).map(([n, d]) => {
      const ratio = Ratio.of(n, d);
      return typeof ratio === "bigint" ? Ratio.of(1n, 3n) : ratio;
    }),
    bigints.filter((it) => !Number.isSafeInteger(Number(it))),
  ];
}

/** Values that have a form in JavaScript without further ado. */
export function plainValues(has: Has): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.oneof(
        ...common(has),
        has.hasNoDoubles ? fc.double().filter((n) => !Object.is(n, -0)) : fc.double(),
        fc.uint8Array(),
      ),
      fc.array(tie("value")),
      fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__"), name), tie("value")),
      fc
        .uniqueArray(fc.oneof(...common(has)), { comparator: "SameValueZero" })
        .map((items) => new Set(items)),
    ),
  })).value;
}

/** Values that only exact mode gives back. */
export function exactValues(has: Has): fc.Arbitrary<unknown> {
  return fc.letrec<{ value: unknown; atom: unknown }>((tie) => ({
    atom: fc.oneof(
      ...common(has),
      ...(has.hasNoDoubles
        ? [fc.double().filter((n) => !Number.isInteger(n))]
        : [
            fc.double().filter((n) => !Number.isSafeInteger(n)),
            fc.maxSafeInteger().map((n) => Double.of(n)),
          ]),
      name.map((text) => Keyword.of(text)),
      fc.tuple(name, name).map((parts) => Keyword.of(parts.join("/"))),
      fc
        .integer({ min: 0, max: 0xffff })
        .filter((code) => code < 0xd800 || code > 0xdfff)
        .map((code) => Char.of(String.fromCharCode(code))),
    ),
    value: fc.oneof(
      { maxDepth: 5 },
      tie("atom"),
      fc.array(tie("value")),
      fc.array(fc.tuple(tie("atom"), tie("value"))).map((entries) => new Map(entries)),
      fc.array(tie("atom")).map((items) => new Set(items)),
    ),
  })).value;
}
