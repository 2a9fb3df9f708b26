// The self-test: known answers of the arithmetic, random bytes, the pages of flash, and what the board has to say of its button and its lights.

import { concatBytes, equalBytes, hexToBytes } from "../../protocol/bytes.ts";
import { CborMap } from "../../protocol/cbor.ts";
import {
  PART_AES,
  PART_FLASH,
  PART_P256,
  PART_RANDOM,
  PART_SHA256,
  SELF_TEST_FAILED,
  SELF_TEST_PARTS,
  VENDOR_SELF_TEST,
} from "../../protocol/vendor.ts";
import type { CommandContext } from "../command.ts";
import { type CryptoProvider, type Hal, randomBytes } from "../hal.ts";
import type { VendorCommand } from "./vendor-command.ts";

const RANDOM_BYTES = 32;

/** FIPS 180-4's example «abc». */
function isSha256Right(crypto: CryptoProvider): boolean {
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  return equalBytes(crypto.sha256(new Uint8Array([0x61, 0x62, 0x63])), hexToBytes(expected));
}

/** FIPS 197 appendix C.3: AES-256. */
function isAesRight(crypto: CryptoProvider): boolean {
  const key = hexToBytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const block = crypto.aesEncryptBlock(key, hexToBytes("00112233445566778899aabbccddeeff"));
  return equalBytes(block, hexToBytes("8ea2b7ca516745bfeafc49904b496089"));
}

/** RFC 6979 §A.2.5's key, and «sample»: SHA-256 of its point, of the signature that hal.ts wants, and of the key times its own point. */
function isP256Right(crypto: CryptoProvider): boolean {
  const key = hexToBytes("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
  const digest = hexToBytes("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf");
  const point = crypto.p256.publicKey(key);
  const signature = crypto.p256.sign(key, point, digest);
  if (signature === null || !crypto.p256.isPoint(point)) return false;
  const found = crypto.sha256(concatBytes([point, signature, crypto.p256.sharedSecret(key, point)]));
  return equalBytes(found, hexToBytes("d5617a41642fc85fcaa8510d6dfbc3a13cdd36bf9cf4bbd035505c467319b75d"));
}

/** A generator that stands still gives the same twice; one whose noise failed throws. */
function isRandomAlive(hal: Hal): boolean {
  return !equalBytes(randomBytes(hal.rng, RANDOM_BYTES), randomBytes(hal.rng, RANDOM_BYTES));
}

function isFlashThere(hal: Hal): boolean {
  const flash = hal.flash;
  for (const page of flash.pages) {
    const lastWord = page.address + page.lengthBytes - flash.wordBytes;
    if (flash.read(page.address, flash.wordBytes).length + flash.read(lastWord, flash.wordBytes).length !== 2 * flash.wordBytes)
      return false;
  }
  return true;
}

function isSound(test: () => boolean): boolean {
  try {
    return test();
  } catch (_error) {
    return false;
  }
}

function selfTest(context: CommandContext): CborMap {
  const hal = context.card.hal;
  const own = hal.selfTest();
  let parts = own.parts;
  let failed = own.failed;
  const look = (part: number, test: () => boolean): void => {
    parts |= part;
    if (!isSound(test)) failed |= part;
  };
  look(PART_SHA256, () => isSha256Right(hal.crypto));
  look(PART_AES, () => isAesRight(hal.crypto));
  look(PART_P256, () => isP256Right(hal.crypto));
  look(PART_RANDOM, () => isRandomAlive(hal));
  look(PART_FLASH, () => isFlashThere(hal));
  return new CborMap().put(SELF_TEST_PARTS, parts).put(SELF_TEST_FAILED, failed);
}

export const SELF_TEST: VendorCommand = { p1: VENDOR_SELF_TEST, onBlank: true, requestKeys: [], handle: selfTest };
