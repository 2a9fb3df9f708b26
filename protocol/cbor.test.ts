// The package cbor-x is the second opinion: within the subset it, too, writes the shortest form, so that the bytes can be compared.

import { Encoder } from "cbor-x";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CBOR_MAX_DEPTH, CBOR_MAX_VALUES, CborMap, type CborValue, decodeCbor, encodeCbor } from "./cbor.ts";
import { MalformedError } from "./malformed.ts";
import vectors from "./vectors/cbor.json" with { type: "json" };

const cborX = new Encoder({ mapsAsObjects: false, useRecords: false, tagUint8Array: false, variableMapSize: true });

function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function isByteNotation(value: object): value is { bytes: string } {
  return "bytes" in value;
}

function isMapNotation(value: object): value is { map: [number, unknown][] } {
  return "map" in value;
}

/** The value that the notation of the vectors stands for. */
function fromNotation(notation: unknown): CborValue {
  if (Array.isArray(notation)) return notation.map(fromNotation);
  if (typeof notation === "number" || typeof notation === "string" || typeof notation === "boolean" || notation === null) return notation;
  if (typeof notation === "object" && isByteNotation(notation)) return unhex(notation.bytes);
  if (typeof notation !== "object" || !isMapNotation(notation)) throw new Error("a vector has a value that is not of the subset");
  const map = new CborMap();
  for (const [key, value] of notation.map) map.put(key, fromNotation(value));
  return map;
}

/** The notation of the vectors, of our value and of cbor-x's alike. */
function toNotation(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: hex(value) };
  if (value instanceof CborMap) return { map: value.keys.map((key, index) => [key, toNotation(value.values[index])]) };
  if (value instanceof Map) return { map: [...value].map(([key, item]) => [key, toNotation(item)]) };
  return Array.isArray(value) ? value.map(toNotation) : value;
}

/** The value as cbor-x wants it: with a Map for a CborMap. */
function forCborX(value: CborValue | undefined): unknown {
  if (value instanceof CborMap) return new Map(value.keys.map((key, index) => [key, forCborX(value.values[index])]));
  return Array.isArray(value) ? value.map(forCborX) : value;
}

/** What `parse` gives, or null when it refuses with a MalformedError; any other error goes through. */
function unlessMalformed<T>(parse: () => T): { value: T } | null {
  try {
    return { value: parse() };
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

const edges = [23, 24, 0xff, 0x100, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
const anyKey = fc.oneof(fc.nat(30), fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(...edges));
const anyLeaf: fc.Arbitrary<CborValue> = fc.oneof(
  fc.integer({ min: -0x100000000, max: 0xffffffff }),
  fc.constantFrom(...edges, ...edges.map((edge) => -1 - edge)),
  fc.integer({ min: -300, max: 300 }),
  fc.string({ unit: "binary-ascii", maxLength: 30 }),
  fc.constantFrom(255, 256, 65535, 65536).map((length) => "x".repeat(length)),
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom(true, false, null),
);

/** Any value with at most `depth` arrays and maps inside each other. */
function anyValue(depth: number): fc.Arbitrary<CborValue> {
  if (depth === 0) return anyLeaf;
  const inner = anyValue(depth - 1);
  const map = fc.uniqueArray(fc.tuple(anyKey, inner), { selector: ([key]) => key, maxLength: 5 }).map((entries) => {
    const sorted = new CborMap();
    for (const [key, value] of entries.sort(([a], [b]) => a - b)) sorted.put(key, value);
    return sorted;
  });
  return fc.oneof(anyLeaf, fc.array(inner, { maxLength: 5 }), map);
}

/** Values in a value, keys and itself counted. */
function countValues(value: CborValue): number {
  const inner = value instanceof CborMap ? [...value.keys, ...value.values] : Array.isArray(value) ? value : [];
  return inner.reduce<number>((sum, one: CborValue) => sum + countValues(one), 1);
}

const any = anyValue(CBOR_MAX_DEPTH).filter((value) => countValues(value) <= CBOR_MAX_VALUES);

describe("an accepted vector", () => {
  it.each(vectors.accepted)("is decoded and encoded: $hex ($source)", ({ hex: text, value }) => {
    expect(toNotation(decodeCbor(unhex(text)))).toEqual(value);
    expect(hex(encodeCbor(fromNotation(value)))).toBe(text);
  });

  it.each(vectors.accepted)("means the same to cbor-x: $hex ($source)", ({ hex: text, value }) => {
    expect(toNotation(cborX.decode(unhex(text)))).toEqual(value);
    expect(hex(cborX.encode(forCborX(fromNotation(value))))).toBe(text);
  });
});

describe("decodeCbor", () => {
  it.each(vectors.refused)("refuses $name: $hex ($source)", ({ hex: text }) => {
    expect(() => decodeCbor(unhex(text))).toThrow(MalformedError);
  });

  it("gives what was encoded", () => {
    fc.assert(
      fc.property(any, (value) => {
        expect(toNotation(decodeCbor(encodeCbor(value)))).toEqual(toNotation(value));
      }),
    );
  });

  it("gives up at more than CBOR_MAX_VALUES values, however they are nested", () => {
    const flat = (count: number): CborValue[] => new Array(count).fill(new Uint8Array(0));
    expect(decodeCbor(encodeCbor(flat(CBOR_MAX_VALUES - 1)))).toHaveLength(CBOR_MAX_VALUES - 1);
    expect(() => decodeCbor(encodeCbor(flat(CBOR_MAX_VALUES)))).toThrow(MalformedError);
    expect(() => decodeCbor(encodeCbor([flat(60), flat(30), flat(40)]))).toThrow(MalformedError);
    expect(() => decodeCbor(encodeCbor(new CborMap().put(1, flat(63)).put(2, flat(63))))).toThrow(MalformedError);
  });

  it("gives what cbor-x encoded", () => {
    fc.assert(
      fc.property(any, (value) => {
        expect(toNotation(decodeCbor(cborX.encode(forCborX(value))))).toEqual(toNotation(value));
      }),
    );
  });

  it("refuses a value that is cut short, at any place", () => {
    fc.assert(
      fc.property(any, fc.nat(), (value, where) => {
        const whole = encodeCbor(value);
        expect(() => decodeCbor(whole.subarray(0, where % whole.length))).toThrow(MalformedError);
      }),
    );
  });

  it("refuses bytes behind the value", () => {
    fc.assert(
      fc.property(any, fc.uint8Array({ minLength: 1, maxLength: 3 }), (value, more) => {
        expect(() => decodeCbor(Buffer.concat([encodeCbor(value), more]))).toThrow(MalformedError);
      }),
    );
  });

  it("refuses a value with a flipped bit, or gives the one value that has this encoding, and throws nothing else", () => {
    fc.assert(
      fc.property(any, fc.nat(), (value, where) => {
        const bytes = encodeCbor(value);
        const bit = where % (8 * bytes.length);
        bytes.set([(bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
        const flipped = unlessMalformed(() => decodeCbor(bytes));
        if (flipped !== null) expect(hex(encodeCbor(flipped.value))).toBe(hex(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it("accepts of any bytes only those that encodeCbor would write", () => {
    const anyHead = fc.constantFrom(
      0,
      0x17,
      0x18,
      0x19,
      0x1a,
      0x20,
      0x38,
      0x40,
      0x41,
      0x58,
      0x61,
      0x80,
      0x81,
      0x82,
      0x98,
      0xa1,
      0xa2,
      0xc1,
      0xf4,
      0xff,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(anyHead, fc.nat(0xff)), { minLength: 1, maxLength: 9 }), (list) => {
        const bytes = new Uint8Array(list);
        const decoded = unlessMalformed(() => decodeCbor(bytes));
        if (decoded === null) return;
        expect(hex(encodeCbor(decoded.value))).toBe(hex(bytes));
        expect(toNotation(cborX.decode(bytes))).toEqual(toNotation(decoded.value));
      }),
      { numRuns: 2000 },
    );
  });

  it("gives byte strings that share no memory with the bytes they were decoded from", () => {
    const bytes = unhex("42aabb");
    const value = decodeCbor(bytes);
    bytes.fill(0);
    expect(value).toEqual(unhex("aabb"));
  });
});

describe("encodeCbor", () => {
  it("writes what cbor-x writes and what cbor-x reads back", () => {
    fc.assert(
      fc.property(any, (value) => {
        const bytes = encodeCbor(value);
        expect(hex(bytes)).toBe(hex(cborX.encode(forCborX(value))));
        expect(toNotation(cborX.decode(bytes))).toEqual(toNotation(value));
      }),
    );
  });

  it.each([0.5, -0.5, 1.5, -1.5, NaN, Infinity, -Infinity, 2 ** 32, -(2 ** 32) - 1, 2 ** 53])("refuses the number %d", (value) => {
    expect(() => encodeCbor(value)).toThrow(MalformedError);
    expect(() => encodeCbor([0, value])).toThrow(MalformedError);
  });

  it.each(["é", "a\u0080", "水", "\ud800"])("refuses text that is not ASCII: %j", (value) => {
    expect(() => encodeCbor(value)).toThrow(MalformedError);
  });
});

describe("CborMap", () => {
  it("gives the value under a key, and undefined when there is none", () => {
    const map = new CborMap().put(0, false).put(24, null).put(0xffffffff, "x");
    expect([map.get(0), map.get(24), map.get(0xffffffff)]).toEqual([false, null, "x"]);
    expect(map.get(1)).toBeUndefined();
  });

  it("refuses a key that is not above the one before, and stays as it was", () => {
    const map = new CborMap().put(2, "two");
    expect(() => map.put(2, "again")).toThrow(MalformedError);
    expect(() => map.put(1, "one")).toThrow(MalformedError);
    expect(hex(encodeCbor(map))).toBe("a1026374776f");
  });
});
