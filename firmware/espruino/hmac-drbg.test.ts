// HMAC_DRBG against NIST's vectors and against noble's.

import { createHmac } from "node:crypto";
import { createHmacDrbg } from "@noble/curves/utils.js";
import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { assert as assertProperty, integer, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, EMPTY_BYTES, hexToBytes } from "../../protocol/bytes.ts";
import vectors from "../../protocol/vectors/hmac-drbg.json" with { type: "json" };
import { type Hmac, HmacDrbg } from "./hmac-drbg.ts";

const hmac: Hmac = (key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest());
const nobleHmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array => nobleHmac(sha256, key, data);

function give(drbg: HmacDrbg, lengthBytes: number, additional = EMPTY_BYTES): Uint8Array {
  const out = new Uint8Array(lengthBytes);
  drbg.generate(out, additional);
  return out;
}

test.each(vectors.cases)("NIST CAVP: $what", ({ entropy, nonce, personalisation, generates, returned }) => {
  const drbg = new HmacDrbg(hmac, hexToBytes(entropy + nonce + personalisation));
  let given = EMPTY_BYTES;
  for (const { reseed, additional } of generates) {
    if (reseed !== undefined) drbg.reseed(hexToBytes(reseed.entropy + reseed.additional));
    given = give(drbg, returned.length / 2, hexToBytes(additional));
  }
  expect(given).toEqual(hexToBytes(returned));
});

test("noble's, which knows neither reseed nor additional input, gives the same from the same seed", () => {
  const lengths = integer({ min: 1, max: 200 });
  assertProperty(
    property(uint8Array({ minLength: 1, maxLength: 300 }), lengths, (seed, lengthBytes) => {
      const theirs = createHmacDrbg<Uint8Array>(32, lengthBytes, nobleHmacSha256)(seed, (bytes) => bytes);
      expect(give(new HmacDrbg(hmac, seed), lengthBytes)).toEqual(theirs.slice(0, lengthBytes));
    }),
  );
});

describe("what the generator keeps", () => {
  /** An HMAC that remembers what it gave, which the generator keeps as K and V. */
  function watched(): { readonly hmac: Hmac; readonly inputs: Uint8Array[]; readonly outputs: Uint8Array[] } {
    const [inputs, outputs]: [Uint8Array[], Uint8Array[]] = [[], []];
    const watching: Hmac = (key, data) => {
      const output = hmac(key, data);
      inputs.push(data);
      outputs.push(output);
      return output;
    };
    return { hmac: watching, inputs, outputs };
  }
  const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

  test("is K and V alone: all before, and every message with the seed in it, is wiped", () => {
    const { hmac: watching, inputs, outputs } = watched();
    const drbg = new HmacDrbg(watching, new Uint8Array(48).fill(5));
    drbg.reseed(new Uint8Array(32).fill(6));
    give(drbg, 100, new Uint8Array(20).fill(7));
    expect(outputs.length).toBeGreaterThan(12);
    const [key, value] = outputs.slice(-2);
    for (const bytes of [...inputs, ...outputs]) expect(isZero(bytes)).toBe(bytes !== key && bytes !== value);
    drbg.wipe();
    expect(outputs.every(isZero)).toBe(true);
  });

  test("does not lead back to what was given: K and V are new after each request, of no bytes too", () => {
    const { hmac: watching, outputs } = watched();
    const drbg = new HmacDrbg(watching, new Uint8Array(48).fill(5));
    let [key, value] = outputs.slice(-2);
    for (const lengthBytes of [0, 32, 64]) {
      give(drbg, lengthBytes);
      const [nextKey, nextValue] = outputs.slice(-2);
      expect([nextKey === key, nextValue === value]).toEqual([false, false]);
      [key, value] = [nextKey, nextValue];
    }
  });
});

test("requests are counted since the last seed, whatever their length", () => {
  const drbg = new HmacDrbg(hmac, new Uint8Array(48));
  for (const lengthBytes of [0, 1, 100]) give(drbg, lengthBytes);
  expect(drbg.requests).toBe(3);
  drbg.reseed(concatBytes([new Uint8Array(32), new Uint8Array(3)]));
  expect(drbg.requests).toBe(0);
});

test("a request longer than 32 bytes is one request: its second 32 bytes are not those of the next one", () => {
  const [one, other] = [0, 0].map(() => new HmacDrbg(hmac, new Uint8Array(48)));
  if (one === undefined || other === undefined) throw new Error("two generators");
  const whole = give(one, 64);
  expect(give(other, 32)).toEqual(whole.slice(0, 32));
  expect(give(other, 32)).not.toEqual(whole.slice(32));
});
