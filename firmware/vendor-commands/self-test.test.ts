// The self-test finds each part that is broken, and only that.

import { describe, expect, test } from "vitest";
import { CborMap, decodeCbor } from "../../protocol/cbor.ts";
import { SW_WRONG_DATA } from "../../protocol/status-words.ts";
import {
  PART_AES,
  PART_BUTTON,
  PART_FLASH,
  PART_LIGHTS,
  PART_P256,
  PART_RANDOM,
  PART_SHA256,
  SELF_TEST_FAILED,
  SELF_TEST_PARTS,
  VENDOR_SELF_TEST,
} from "../../protocol/vendor.ts";
import { vendorCommand } from "../../test/firmware/card-commands.ts";
import { TestToken } from "../../test/firmware/test-token.ts";
import type { CryptoProvider, Curve, Hal } from "../hal.ts";

const SOFTWARE = PART_SHA256 | PART_AES | PART_P256 | PART_RANDOM | PART_FLASH;

/** The parts that are switched off for the token's start, which needs them whole. */
let isBroken = false;

function result(changeHal: (hal: Hal) => Hal): { parts: unknown; failed: unknown } {
  isBroken = false;
  const token = new TestToken({ changeHal });
  isBroken = true;
  const answer = decodeCbor(token.data(vendorCommand(VENDOR_SELF_TEST)));
  if (!(answer instanceof CborMap)) throw new Error("no map");
  return { parts: answer.get(SELF_TEST_PARTS), failed: answer.get(SELF_TEST_FAILED) };
}

const crypto = (change: (crypto: CryptoProvider) => Partial<CryptoProvider>) => (hal: Hal) => ({
  ...hal,
  crypto: { ...hal.crypto, ...change(hal.crypto) },
});
const curve = (change: (p256: Curve) => Partial<Curve>) => crypto(({ p256 }) => ({ p256: { ...p256, ...change(p256) } }));
/** What a part gives, with its last bit turned. */
const turned = (bytes: Uint8Array): Uint8Array => {
  if (isBroken) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
};

describe("the self-test", () => {
  test("of a simulator passes, and says that nobody looked at a button or a light", () => {
    expect(result((hal) => hal)).toEqual({ parts: SOFTWARE, failed: 0 });
  });

  test("adds what the board finds", () => {
    const board = (hal: Hal): Hal => ({ ...hal, selfTest: () => ({ parts: PART_BUTTON | PART_LIGHTS, failed: PART_BUTTON }) });
    expect(result(board)).toEqual({ parts: SOFTWARE | PART_BUTTON | PART_LIGHTS, failed: PART_BUTTON });
  });

  test.each<[string, number, (hal: Hal) => Hal]>([
    ["AES", PART_AES, crypto((whole) => ({ aesEncryptBlock: (key, block) => turned(whole.aesEncryptBlock(key, block)) }))],
    ["a key's point", PART_P256, curve((p256) => ({ publicKey: (key) => turned(p256.publicKey(key)) }))],
    [
      "the signature",
      PART_P256,
      curve((p256) => ({ sign: (key, point, digest) => turned(p256.sign(key, point, digest) ?? new Uint8Array(64)) })),
    ],
    ["a signature that there is not", PART_P256, curve(() => ({ sign: () => null }))],
    ["the shared secret", PART_P256, curve((p256) => ({ sharedSecret: (key, point) => turned(p256.sharedSecret(key, point)) }))],
    ["a curve that takes no point", PART_P256, curve(() => ({ isPoint: () => false }))],
    [
      "a curve that throws",
      PART_P256,
      curve(() => ({
        publicKey: () => {
          throw new Error("fault");
        },
      })),
    ],
    ["a generator that stands still", PART_RANDOM, (hal) => ({ ...hal, rng: { ...hal.rng, fill: (out) => void out.fill(7) } })],
    [
      "a page that can't be read",
      PART_FLASH,
      (hal) => {
        const read = (address: number, lengthBytes: number): Uint8Array =>
          isBroken ? new Uint8Array(0) : hal.flash.read(address, lengthBytes);
        return {
          ...hal,
          flash: {
            ...hal.flash,
            pages: hal.flash.pages,
            program: hal.flash.program.bind(hal.flash),
            erase: hal.flash.erase.bind(hal.flash),
            read,
          },
        };
      },
    ],
  ])("finds %s", (_what, part, changeHal) => {
    expect(result(changeHal)).toEqual({ parts: SOFTWARE, failed: part });
  });

  test("finds SHA-256, on which the answer for P-256 stands, too", () => {
    const broken = crypto((whole) => ({ sha256: (data) => turned(whole.sha256(data)) }));
    expect(result(broken)).toEqual({ parts: SOFTWARE, failed: PART_SHA256 | PART_P256 });
  });

  test("wants no data", () => {
    expect(new TestToken().sw(vendorCommand(VENDOR_SELF_TEST, new CborMap()))).toBe(SW_WRONG_DATA);
  });
});
