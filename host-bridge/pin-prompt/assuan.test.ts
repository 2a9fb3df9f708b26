// The lines between the bridge and pinentry.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeArgument, LineCutter, unescapeData } from "./assuan.ts";

const ascii = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));

test("an argument is one line whatever it holds; letters of any language stay", () => {
  expect(escapeArgument("100 % sûr\r\nGETPIN\u0000")).toBe("100 %25 sûr%0D%0AGETPIN%00");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(escapeArgument(text)).not.toMatch(/[\r\n]/);
      expect(decodeURIComponent(escapeArgument(text).replace(/[^%0-9A-F]/gu, encodeURIComponent))).toBe(text);
    }),
  );
});

test("data is what was escaped, byte for byte, whatever escapes the peer likes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (data, isAll) => {
      const hex = (byte: number): string => `%${byte.toString(16).padStart(2, "0")}`;
      const escaped = [...data].map((byte) => (isAll || byte === 0x25 || byte < 0x20 ? hex(byte) : String.fromCharCode(byte))).join("");
      expect(unescapeData(ascii(escaped))).toEqual(data);
    }),
  );
});

test("a percent sign that escapes nothing stands for itself", () => {
  expect(unescapeData(ascii("50%"))).toEqual(ascii("50%"));
  expect(unescapeData(ascii("5%zz%4"))).toEqual(ascii("5%zz%4"));
});

describe("lines", () => {
  test("are cut wherever the bytes were", () => {
    const cutter = new LineCutter();
    const lines = [..."OK ready\nD 12"].flatMap((character) => cutter.accept(ascii(character)));
    expect(lines).toEqual([ascii("OK ready")]);
    expect(cutter.accept(ascii("34\nOK\n"))).toEqual([ascii("D 1234"), ascii("OK")]);
  });

  test("leave nothing of a PIN in what was received", () => {
    const received = ascii("D 73910462\n");
    new LineCutter().accept(received);
    expect(received.every((byte) => byte === 0)).toBe(true);
  });

  test("that never end are refused", () => {
    expect(() => new LineCutter().accept(new Uint8Array(5000).fill(0x41))).toThrow(RangeError);
  });
});
