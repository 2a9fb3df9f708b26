// What is sealed opens again, for its purpose alone; any changed bit is found.

import fc from "fast-check";
import { expect, test } from "vitest";
import { SealError, sealingOf } from "./sealing.ts";

const sealing = sealingOf(new Uint8Array(32).fill(7));
const other = sealingOf(new Uint8Array(32).fill(8));

test("opens what was sealed, for the same purpose only", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      const sealed = sealing.seal("evidence:1", data);
      expect(sealing.open("evidence:1", sealed)).toEqual(data);
      for (const purpose of ["evidence:2", "mail:1", "evidence"]) expect(() => sealing.open(purpose, sealed)).toThrow(SealError);
      expect(() => other.open("evidence:1", sealed)).toThrow(SealError);
    }),
  );
});

test("finds any changed, missing or added byte", () => {
  const sealed = sealing.seal("mail:1", new Uint8Array([1, 2, 3]));
  for (let i = 0; i < sealed.length; i++) {
    const changed = Uint8Array.from(sealed, (byte, at) => (at === i ? byte ^ 1 : byte));
    expect(() => sealing.open("mail:1", changed)).toThrow(SealError);
    expect(() => sealing.open("mail:1", sealed.subarray(0, i))).toThrow(SealError);
  }
  expect(() => sealing.open("mail:1", new Uint8Array([...sealed, 0]))).toThrow(SealError);
});

test("never seals the same twice, nor with a key of another length", () => {
  expect(sealing.seal("mail:1", new Uint8Array(4))).not.toEqual(sealing.seal("mail:1", new Uint8Array(4)));
  expect(() => sealingOf(new Uint8Array(16))).toThrow(SealError);
});
