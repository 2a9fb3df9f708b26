import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeTlv, findTlv, parseOneTlv, parseTlvs, type Tlv } from "./ber-tlv.ts";
import { MalformedError } from "./malformed.ts";
import vectors from "./vectors/ber-tlv.json" with { type: "json" };

/** The notation of the vectors: hexadecimal, spaces part the fields, "ab*256" is the byte ab, 256 times. */
function vectorHex(text: string): string {
  return text.replace(/(\w\w)\*(\d+)/g, (_, byte: string, count: string) => byte.repeat(Number(count))).replaceAll(" ", "");
}

function vectorBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(vectorHex(text), "hex"));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** As in the vectors: tag and value in hexadecimal. */
function readable(list: readonly Tlv[]): object[] {
  return list.map(({ tag, value }) => ({ tag: tag.toString(16).padStart(2, "0"), value: hex(value) }));
}

function encodeAll(list: readonly Tlv[]): Uint8Array {
  return new Uint8Array(Buffer.concat(list.map(({ tag, value }) => encodeTlv(tag, [value]))));
}

/** What `parse` gives, or null when it refuses with a MalformedError; any other error goes through. */
function unlessMalformed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

const anyTag = fc.oneof(
  fc.nat(0xff).filter((tag) => (tag & 0x1f) !== 0x1f),
  fc.tuple(fc.nat(7), fc.nat(0x7f)).map(([high, low]) => (high << 13) | 0x1f00 | low),
  fc.tuple(fc.nat(7), fc.nat(0x7f), fc.nat(0x7f)).map(([high, middle, low]) => (high << 21) | 0x1f8000 | (middle << 8) | low),
);
const anyValue = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  fc
    .tuple(fc.constantFrom(0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000), fc.nat(0xff))
    .map(([length, byte]) => new Uint8Array(length).fill(byte)),
);
const anyTlv = fc.record({ tag: anyTag, value: anyValue });
const anyList = fc.array(anyTlv, { maxLength: 5 });

describe("parseTlvs and encodeTlv", () => {
  it.each(vectors.valid)("parses $name ($source)", ({ hex: text, objects }) => {
    const expected = objects.map(({ tag, value }) => ({ tag, value: vectorHex(value) }));
    expect(readable(parseTlvs(vectorBytes(text)))).toEqual(expected);
  });

  it.each(vectors.valid.filter((vector) => vector.shortest))("encodes $name ($source)", ({ hex: text, objects }) => {
    const list = objects.map(({ tag, value }) => ({ tag: parseInt(tag, 16), value: vectorBytes(value) }));
    expect(hex(encodeAll(list))).toBe(vectorHex(text));
  });

  it.each(vectors.malformed)("refuses $name ($source)", ({ hex: text }) => {
    expect(() => parseTlvs(vectorBytes(text))).toThrow(MalformedError);
  });

  it("parse a list to what was encoded", () => {
    fc.assert(
      fc.property(anyList, (list) => {
        expect(readable(parseTlvs(encodeAll(list)))).toEqual(readable(list));
      }),
    );
  });

  it("put several values into one object, one after the other", () => {
    fc.assert(
      fc.property(anyTag, anyList, (tag, list) => {
        const inside = list.map((tlv) => encodeTlv(tlv.tag, [tlv.value]));
        expect(readable(parseTlvs(parseOneTlv(encodeTlv(tag, inside), tag)))).toEqual(readable(list));
      }),
    );
  });

  it("refuse a list cut short, except between two objects, where the objects before the cut are whole", () => {
    fc.assert(
      fc.property(anyList, fc.nat(), (list, where) => {
        const whole = encodeAll(list);
        const at = where % (whole.length + 1);
        const cut = unlessMalformed(() => parseTlvs(whole.subarray(0, at)));
        const border = list.findIndex((_, count) => encodeAll(list.slice(0, count)).length === at);
        if (border < 0 && at < whole.length) expect(cut).toBeNull();
        else expect(readable(cut ?? [])).toEqual(readable(at === whole.length ? list : list.slice(0, border)));
      }),
    );
  });

  it("refuse an object cut short at any place", () => {
    for (const length of [0, 0x7f, 0x80, 0xff, 0x100]) {
      const whole = encodeTlv(0x5fc105, [new Uint8Array(length)]);
      for (let at = 1; at < whole.length; at++) expect(() => parseTlvs(whole.subarray(0, at))).toThrow(MalformedError);
    }
  });

  it("survive a flipped bit: it is refused or another list, and nothing else is thrown", () => {
    fc.assert(
      fc.property(
        anyList.filter((list) => list.length > 0),
        fc.nat(),
        (list, where) => {
          const bytes = encodeAll(list);
          const bit = where % (8 * bytes.length);
          bytes.set([(bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3);
          const flipped = unlessMalformed(() => parseTlvs(bytes));
          if (flipped !== null) expect(readable(flipped)).not.toEqual(readable(list));
        },
      ),
    );
  });

  it("refuse any bytes, or read a list that encodes to bytes that are no longer and mean the same", () => {
    const anyBytes = fc.array(fc.constantFrom(0, 1, 2, 3, 0x1f, 0x53, 0x5f, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0xff), { maxLength: 12 });
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const list = unlessMalformed(() => parseTlvs(new Uint8Array(bytes)));
        if (list === null) return;
        const again = encodeAll(list);
        expect(again.length).toBeLessThanOrEqual(bytes.length);
        expect(readable(parseTlvs(again))).toEqual(readable(list));
      }),
      { numRuns: 1000 },
    );
  });

  it("are refused when there are more than the caller wants", () => {
    const three = vectorBytes("80 00 81 00 82 00");
    expect(parseTlvs(three, 3)).toHaveLength(3);
    expect(() => parseTlvs(three, 2)).toThrow(MalformedError);
  });

  it("give values that are views of the bytes they were parsed from, however long or short they are", () => {
    for (const length of [1, 0x7f, 0x80, 0x100]) {
      const whole = encodeTlv(0x53, [new Uint8Array(length)]);
      const value = parseOneTlv(whole, 0x53);
      whole.fill(1);
      expect(hex(value)).toBe("01".repeat(length));
    }
  });
});

describe("findTlv", () => {
  const list = parseTlvs(vectorBytes("80 01 aa 7f49 01 bb 80 01 cc 81 00"));

  it("gives the value of the first object with the tag", () => {
    expect(findTlv(list, 0x80)).toEqual(vectorBytes("aa"));
    expect(findTlv(list, 0x7f49)).toEqual(vectorBytes("bb"));
  });

  it("gives null when there is none, and an empty value when it is empty", () => {
    expect(findTlv(list, 0x82)).toBeNull();
    expect(findTlv(list, 0x81)).toEqual(new Uint8Array(0));
    expect(findTlv([], 0x80)).toBeNull();
  });
});

describe("parseOneTlv", () => {
  it("gives the value of the one object", () => {
    fc.assert(
      fc.property(anyTlv, ({ tag, value }) => {
        expect(hex(parseOneTlv(encodeTlv(tag, [value]), tag))).toBe(hex(value));
      }),
    );
  });

  it.each([
    ["another tag", "5c 01 aa"],
    ["no object", ""],
    ["two objects, the first with the tag", "53 01 aa 5c 01 bb"],
    ["the tag twice", "53 01 aa 53 01 bb"],
    ["the tag inside another object", "7c 03 53 01 aa"],
    ["bytes behind the object", "53 01 aa 00"],
    ["an object cut short", "53 02 aa"],
  ])("refuses %s", (_, text) => {
    expect(() => parseOneTlv(vectorBytes(text), 0x53)).toThrow(MalformedError);
  });
});
