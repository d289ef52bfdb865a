import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MsgpackError, readMsgpack, writeMsgpack } from "../src/packer/msgpack/index.js";
import { exactValues, plainValues } from "./support/values.js";

const exact = { exact: true };

describe("what is written is read back equal", () => {
  test("as JavaScript has it", () => {
    fc.assert(
      fc.property(plainValues({ has64Bits: true }), (value) => {
        expect(readMsgpack(writeMsgpack(value))).toEqual(value);
      }),
    );
  });

  test("exactly", () => {
    fc.assert(
      fc.property(exactValues({ has64Bits: true }), (value) => {
        expect(readMsgpack(writeMsgpack(value), exact)).toStrictEqual(value);
      }),
    );
  });

  test("keys that become texts by toJSON, as the texts themselves", () => {
    const entry = fc.tuple(fc.constantFrom("a", "b", "c"), fc.boolean(), fc.integer());
    const entries = fc.uniqueArray(entry, { selector: ([text]) => text });
    fc.assert(
      fc.property(fc.array(entries), (maps) => {
        const key = (text: string, isText: boolean): unknown => (isText ? text : { toJSON: () => text });
        const mixed = maps.map(
          (all) => new Map(all.map(([text, isText, item]) => [key(text, isText), item])),
        );
        const plain = maps.map((all) => new Map(all.map(([text, , item]) => [text, item])));
        expect(readMsgpack(writeMsgpack(mixed), exact)).toStrictEqual(plain);
      }),
    );
  });
});

describe("whatever comes in gives a value or a MsgpackError", () => {
  function tryAll(bytes: Uint8Array): void {
    for (const options of [{}, exact]) {
      try {
        readMsgpack(bytes, options);
      } catch (error) {
        expect(error).toBeInstanceOf(MsgpackError);
      }
    }
  }

  test("random bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), tryAll), { numRuns: 5000 });
  });

  test("what is written, cut off or changed", () => {
    const bytes = fc.tuple(exactValues({ has64Bits: true }), fc.nat(), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(bytes, ([value, at, byte]) => {
        const written = writeMsgpack(value);
        tryAll(written.subarray(0, at % written.length));
        written[at % written.length] = byte;
        tryAll(written);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("as @msgpack/msgpack has it", () => {
  const standard = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      fc.maxSafeInteger(),
      fc.double().filter((it) => !Number.isInteger(it)),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true, min: new Date(-(2 ** 51)), max: new Date(2 ** 51) }),
      fc.uint8Array(),
      fc.array(tie("value")),
      fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        tie("value"),
      ),
    ),
  })).value;

  test("what it writes is read", () => {
    fc.assert(
      fc.property(standard, (value) => {
        expect(readMsgpack(encode(value))).toEqual(value);
      }),
    );
  });

  test("what is written it reads", () => {
    /** Maps with strings as keys, each object by itself, so that no key has a number. */
    const withStrings = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(withStrings);
      if (value === null || typeof value !== "object" || value instanceof Date || value instanceof Uint8Array)
        return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [`${key} ${String(Math.random())}`, withStrings(item)]),
      );
    };
    fc.assert(
      fc.property(standard, (value) => {
        const strings = withStrings(value);
        expect(decode(writeMsgpack(strings))).toEqual(strings);
      }),
    );
  });
});
