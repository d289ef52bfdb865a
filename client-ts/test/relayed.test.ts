/** What the server reads, and relays, that has no form of its own here: it must not end the session of whoever gets it. */
import { expect, test } from "vitest";
import { Double, EdnError, readEdn } from "../src/packer/edn/index.js";
import { MsgpackError, readMsgpack, TaggedValue, writeMsgpack } from "../src/packer/msgpack/index.js";
import { transit, TransitError } from "../src/packer/transit/index.js";

const exact = { exact: true };

test("edn: numbers that JavaScript takes for equal are one", () => {
  expect(readEdn("[#{1 1.0} {1 :a 1.0 :b}]")).toStrictEqual([new Set([1]), new Map([[1, "b"]])]);
  expect(readEdn("#{1 1.0}", exact)).toStrictEqual(new Set([1, Double.of(1)]));
  expect(() => readEdn("#{1 1}", exact)).toThrow(EdnError);
});

test("transit: names, tags, times and decimals", () => {
  const [plain, exactly] = [transit(), transit(exact)];
  expect(plain.unpack('["~:first name","~$1"]')).toEqual(["first name", "1"]);
  expect(() => exactly.unpack('["~:first name"]')).toThrow(TransitError);
  expect(() => exactly.unpack('["~$1"]')).toThrow(TransitError);
  for (const packer of [plain, exactly]) {
    for (const text of ['["~#_x",1]', '["~#m",9007199254740991]', '["~f1.234E+10002"]'])
      expect(packer.unpack(packer.pack(packer.unpack(text)))).toStrictEqual(packer.unpack(text));
    expect(packer.unpack('["~m9007199254740991"]')).toStrictEqual([new TaggedValue("m", "9007199254740991")]);
    expect(() => packer.unpack('["~f1.234E+10003"]')).toThrow(TransitError);
  }
});

test("msgpack: names and times", () => {
  const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, "hex"));
  const read = (hex: string, options = {}): unknown => readMsgpack(bytesOf(hex), options);
  expect(read("92d40131d40031")).toEqual(["1", "1"]);
  expect(() => read("d40131", { exact: true })).toThrow(MsgpackError);
  for (const options of [{}, { exact: true }]) {
    const late = read("c70cff000000007fffffffffffffff", options);
    expect(late).toStrictEqual(new TaggedValue("msgpack/ext-1", bytesOf("000000007fffffffffffffff")));
    expect(Buffer.from(writeMsgpack(late)).toString("hex")).toBe("c70cff000000007fffffffffffffff");
  }
});
