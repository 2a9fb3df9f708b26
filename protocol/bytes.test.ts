import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asciiBytes,
  bytesToHex,
  concatBytes,
  copyBytes,
  EMPTY_BYTES,
  equalBytes,
  equalSecrets,
  hexToBytes,
  readUint32,
  writeUint32,
} from "./bytes.ts";

const anyBytes = fc.uint8Array({ maxLength: 40 });
const someBytes = fc.uint8Array({ minLength: 1, maxLength: 40 });

describe("concatBytes", () => {
  it("puts all parts one after the other, as Buffer.concat does", () => {
    fc.assert(
      fc.property(fc.array(anyBytes), (parts) => {
        expect(concatBytes(parts)).toEqual(new Uint8Array(Buffer.concat(parts)));
      }),
    );
  });

  it("makes a new array, of one part and of none, too", () => {
    const part = new Uint8Array([1, 2]);
    concatBytes([part]).fill(9);
    expect(part).toEqual(new Uint8Array([1, 2]));
    expect(concatBytes([])).toEqual(EMPTY_BYTES);
  });
});

describe("copyBytes", () => {
  it("gives the bytes from start up to end", () => {
    fc.assert(
      fc.property(someBytes, fc.nat(), fc.nat(), (bytes, a, b) => {
        const [start, end] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y);
        expect(copyBytes(bytes, start ?? 0, end ?? 0)).toEqual(bytes.slice(start, end));
      }),
    );
  });

  it("shares no memory with its source, in either direction", () => {
    const source = new Uint8Array([1, 2, 3, 4]);
    const copy = copyBytes(source, 1, 3);
    source.fill(0);
    expect(copy).toEqual(new Uint8Array([2, 3]));
    copy.fill(9);
    expect(source).toEqual(new Uint8Array(4));
    expect(copy.buffer).not.toBe(source.buffer);
    expect(copy.buffer.byteLength).toBe(2);
  });

  it("reads a view that begins in the middle of its buffer", () => {
    const view = new Uint8Array([0, 0, 1, 2, 3]).subarray(2);
    expect(copyBytes(view, 1, 3)).toEqual(new Uint8Array([2, 3]));
  });
});

describe.each([
  ["equalBytes", equalBytes],
  ["equalSecrets", equalSecrets],
])("%s", (_, equal) => {
  it("holds for a copy", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(equal(bytes, bytes.slice())).toBe(true);
      }),
    );
  });

  it("sees one bit that differs, wherever it is", () => {
    fc.assert(
      fc.property(someBytes, fc.nat(), (bytes, where) => {
        const bit = where % (8 * bytes.length);
        const other = bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(equal(bytes, other)).toBe(false);
        expect(equal(other, bytes)).toBe(false);
      }),
    );
  });

  it("sees a difference that a sum or an exclusive or over all bytes would cancel", () => {
    expect(equal(new Uint8Array([1, 2]), new Uint8Array([2, 1]))).toBe(false);
    expect(equal(new Uint8Array([5, 5]), new Uint8Array([6, 6]))).toBe(false);
  });

  it("does not hold for a prefix, nor for zeros behind", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const longer = concatBytes([bytes, new Uint8Array(1)]);
        expect(equal(bytes, longer)).toBe(false);
        expect(equal(longer, bytes)).toBe(false);
      }),
    );
  });
});

describe("hex", () => {
  it("is that of Buffer, in both directions", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const hex = Buffer.from(bytes).toString("hex");
        expect(bytesToHex(bytes)).toBe(hex);
        expect(hexToBytes(hex)).toEqual(bytes);
        expect(hexToBytes(hex.toUpperCase())).toEqual(bytes);
      }),
    );
  });

  it("has two digits for each byte", () => {
    expect(bytesToHex(new Uint8Array([0, 1, 15, 16, 255]))).toBe("00010f10ff");
    expect(bytesToHex(EMPTY_BYTES)).toBe("");
  });
});

describe("asciiBytes", () => {
  it("is the text's ASCII", () => {
    const ascii = fc.string({ unit: "binary-ascii" });
    fc.assert(
      fc.property(ascii, (text) => {
        expect(asciiBytes(text)).toEqual(new Uint8Array(Buffer.from(text, "ascii")));
      }),
    );
  });
});

describe("readUint32 and writeUint32", () => {
  const anyUint32 = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 0x7fffffff, 0x80000000, 0xffffffff));

  it("are big-endian", () => {
    const bytes = new Uint8Array(6);
    writeUint32(bytes, 1, 0x01020304);
    expect(bytes).toEqual(new Uint8Array([0, 1, 2, 3, 4, 0]));
    expect(readUint32(bytes, 1)).toBe(0x01020304);
  });

  it("are unsigned: the highest bit is no sign", () => {
    expect(readUint32(new Uint8Array([0xff, 0xff, 0xff, 0xff]), 0)).toBe(0xffffffff);
    expect(readUint32(new Uint8Array([0x80, 0, 0, 0]), 0)).toBe(0x80000000);
  });

  it("agree with DataView and leave the bytes around alone", () => {
    fc.assert(
      fc.property(anyUint32, fc.nat(4), (value, offset) => {
        const bytes = new Uint8Array(8).fill(0xee);
        const expected = new Uint8Array(8).fill(0xee);
        new DataView(expected.buffer).setUint32(offset, value);
        writeUint32(bytes, offset, value);
        expect(bytes).toEqual(expected);
        expect(readUint32(bytes, offset)).toBe(value);
      }),
    );
  });
});
