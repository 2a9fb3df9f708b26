import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { newReferenceNumber, readReferenceNumber } from "./reference-number.ts";

test("S15: 16 characters of Crockford's base32 in groups of four, never the same twice, every character as likely", () => {
  const all = Array.from({ length: 2000 }, () => newReferenceNumber().text);
  for (const text of all) expect(text).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
  expect(new Set(all).size).toBe(all.length);
  const counts = new Map<string, number>();
  for (const character of all.join("").replaceAll("-", "")) counts.set(character, (counts.get(character) ?? 0) + 1);
  expect(counts.size).toBe(32);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200); // six times the deviation
});

test("its digest is of the characters alone", () => {
  const { text, digest } = newReferenceNumber();
  expect(digest).toEqual(new Uint8Array(createHash("sha256").update(text.replaceAll("-", "")).digest()));
});

test("is read as people type it", () => {
  const separators = fc.array(fc.constantFrom("", " ", "-", "–", "\u00a0", "  "), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(separators, fc.boolean(), fc.boolean(), (between, isLower, isConfused) => {
      const number = newReferenceNumber();
      const plain = number.text.replaceAll("-", "");
      const confused = isConfused ? plain.replaceAll("0", "O").replace(/1/g, () => (isLower ? "I" : "l")) : plain;
      const cased = isLower ? confused.toLowerCase() : confused;
      expect(readReferenceNumber([...cased].map((character, i) => character + between[i]).join(""))).toEqual(number);
    }),
  );
});

test.each(["", "ABCD-EFGH-JKMN-PQR", "ABCD-EFGH-JKMN-PQRST", "UBCD-EFGH-JKMN-PQRS", "ABCD-EFGH-JKMN-PQR!", "ABCD-EFGH-JKMN-PQRé"])(
  "%j is none",
  (typed) => {
    expect(readReferenceNumber(typed)).toBeNull();
  },
);
