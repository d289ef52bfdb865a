/** The golden payloads of `wire-fixtures`, which Java reads and writes alike. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Packed, Packer } from "../../src/index.js";
import { Decimal, Double, EdnList, readEdn } from "../../src/packer/edn/index.js";

interface Row {
  readonly about: string;
  readonly value?: string;
  readonly text?: string;
  readonly hex?: string;
}

/** What a JavaScript that has one kind of number, and arrays for all sequences, makes of a value. */
export function poorer(value: unknown): unknown {
  if (value instanceof Double) return value.value;
  if (value instanceof Decimal) return value.valueOf();
  if (ArrayBuffer.isView(value) && !(value instanceof Uint8Array))
    return [...(value as Float64Array)].map(poorer);
  if (value instanceof EdnList) return value.items.map(poorer);
  if (Array.isArray(value)) return value.map(poorer);
  if (value instanceof Set) return new Set([...(value as Set<unknown>)].map(poorer));
  if (value instanceof Map)
    return new Map([...(value as Map<unknown, unknown>)].map(([key, item]) => [poorer(key), poorer(item)]));
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  return value;
}

function valueOf({ value = "" }: Row): unknown {
  return readEdn(value, { exact: true });
}

function packedOf({ hex, text = "" }: Row, { binary }: Packer): Packed {
  if (hex !== undefined) return Uint8Array.from(Buffer.from(hex, "hex"));
  return binary ? new TextEncoder().encode(text) : text;
}

function written(packed: Packed): Row {
  return typeof packed === "string"
    ? { about: "", text: packed }
    : { about: "", hex: Buffer.from(packed).toString("hex") };
}

/**
 * Tests a packer, which must be exact, with its file.
 *
 * @param incoming what the packer's network does to a message on its way in
 */
export function testFixtures(
  packer: Packer,
  error: new (...args: never[]) => Error,
  incoming: (packed: Packed) => Packed | Promise<Packed> = (packed) => packed,
): void {
  const url = new URL(`../../../wire-fixtures/${packer.name}.json`, import.meta.url);
  const sections = JSON.parse(readFileSync(url, "utf8")) as Record<string, Row[] | undefined>;
  const rows = (name: string): [string, Row][] => (sections[name] ?? []).map((row) => [row.about, row]);

  function packs(row: Row): void {
    expect({ ...written(packer.pack(valueOf(row))), about: row.about }).toEqual({
      ...written(packedOf(row, packer)),
      about: row.about,
    });
  }

  async function unpacks(row: Row): Promise<void> {
    const packed = await incoming(packedOf(row, packer));
    expect(poorer(packer.unpack(packed))).toStrictEqual(poorer(valueOf(row)));
  }

  describe(`the golden payloads of ${packer.name}`, () => {
    test.each(rows("packs"))("%s", async (_, row) => {
      packs(row);
      await unpacks(row);
    });
    if (sections["packs only"]) test.each(rows("packs only"))("%s", (_, row) => packs(row));
    if (sections["unpacks"]) test.each(rows("unpacks"))("%s", (_, row) => unpacks(row));
    test.each(rows("refuses"))("%s", async (_, row) => {
      const packed = await incoming(packedOf(row, packer));
      expect(() => packer.unpack(packed)).toThrow(error);
    });
  });
}
