// What is left of an erased key, and that its erasure is told in the signature journal exactly once, whatever a cut interrupts.

import { describe, expect, test } from "vitest";
import { bytesToHex, EMPTY_BYTES } from "../protocol/bytes.ts";
import { CborMap } from "../protocol/cbor.ts";
import { ALG_P256, ALG_P384, PIN_POLICY_NEVER, SLOT_ATTESTATION, SLOT_AUTHENTICATION, SLOT_SIGNATURE } from "../protocol/piv.ts";
import { SW_INTERNAL_ERROR } from "../protocol/status-words.ts";
import { ENTRY_ERASURE, REQUEST_SLOT, VENDOR_ERASE_KEY } from "../protocol/vendor.ts";
import { generateKey, signCommand, vendorCommand } from "../test/firmware/card-commands.ts";
import { seal } from "../test/firmware/sealed-token.ts";
import { TestToken } from "../test/firmware/test-token.ts";
import { allKeySlots, isKeySlot, keyRecordBytes } from "./key-store.ts";

/** All entries of the signature journal, in hex. */
function entries(token: TestToken): string[] {
  return token.token.card.log.read(1, 32).entries.map(bytesToHex);
}

function erasure(token: TestToken, slot: number, point: Uint8Array): string {
  return bytesToHex(Uint8Array.of(slot, ENTRY_ERASURE, ...token.token.card.hal.crypto.sha256(point)));
}

const pointIn = (token: TestToken, slot = SLOT_SIGNATURE): Uint8Array => token.token.card.keys.info(slot)?.publicKey ?? EMPTY_BYTES;

/** A sealed token with a key in 9C and one in 9A, and one entry in its signature journal. */
function ready(): { token: TestToken; point: Uint8Array } {
  const token = new TestToken();
  seal(token);
  token.initialise();
  token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_NEVER });
  token.makeKey(SLOT_SIGNATURE);
  token.data(signCommand(SLOT_AUTHENTICATION));
  return { token: token.authenticate(), point: pointIn(token) };
}

const ERASE = vendorCommand(VENDOR_ERASE_KEY, new CborMap().put(REQUEST_SLOT, SLOT_SIGNATURE));

test("the slots of keys are 9A, 9C, 9D, 9E and the twenty retired ones, and no other number is one", () => {
  const known = Array.from({ length: 0x1000 }, (_, slot) => slot).filter(isKeySlot);
  expect(known).toEqual([...allKeySlots()].sort((a, b) => a - b));
  expect(known).toHaveLength(24);
  expect(isKeySlot(SLOT_ATTESTATION)).toBe(false);
});

test("a record is as long as it is said to be", () => {
  const token = new TestToken().initialise();
  const { journal, keys } = token.token.card;
  for (const algorithm of [ALG_P256, ALG_P384]) {
    token.makeKey(SLOT_SIGNATURE, { algorithm });
    const fieldBytes = algorithm === ALG_P256 ? 32 : 48;
    const curve = algorithm === ALG_P256 ? token.token.card.hal.crypto.p256 : token.token.card.hal.crypto.p384;
    if (curve === null) throw new Error("the test's HAL has P-384");
    expect(journal.read(0x0400 | SLOT_SIGNATURE)).toHaveLength(keyRecordBytes({ id: algorithm, fieldBytes, curve }));
  }
  expect(keys.erased(SLOT_SIGNATURE)?.algorithm).toBe(ALG_P256);
});

describe.each([
  ["erased", ERASE],
  ["replaced", generateKey(SLOT_SIGNATURE)],
])("a key that is %s, with a cut at any operation of the flash,", (_what, command) => {
  test("is there, untold, or gone and told once, by the counter that its receipt has", () => {
    const { token, point } = ready();
    const before = entries(token);
    const told = erasure(token, SLOT_SIGNATURE, point);
    const images = token.imagesDuring(() => token.data(command));
    expect(images.length).toBeGreaterThan(2);
    let gone = 0;
    for (const image of images) {
      const again = token.reopenedOn(image);
      const { keys, log } = again.token.card;
      const isThere = bytesToHex(pointIn(again)) === bytesToHex(point);
      if (isThere) expect([entries(again), keys.erased(SLOT_SIGNATURE)]).toEqual([before, null]);
      else {
        gone++;
        expect(entries(again).slice(0, before.length + 1)).toEqual([...before, told]);
        expect(entries(again).filter((one) => one === told)).toHaveLength(1);
        expect(keys.erased(SLOT_SIGNATURE)).toEqual({ counter: before.length + 1, algorithm: ALG_P256, publicKey: point });
      }
      // A second power-on adds nothing.
      const counter = log.counter();
      expect(again.reopened().token.card.log.counter()).toBe(counter);
    }
    expect(gone).toBeGreaterThan(0);
  });
});

describe("an erasure whose entry a cut has kept from the signature journal", () => {
  /** After the record of the erasure, before its entry. */
  function cutBetween(): { token: TestToken; told: string } {
    const { token, point } = ready();
    const counter = token.token.card.log.counter();
    const { log } = token.token.card;
    const { append } = log;
    log.append = (): never => {
      throw new Error("the power is gone");
    };
    expect(token.sw(ERASE)).toBe(0x6f00);
    log.append = append;
    expect([log.counter(), pointIn(token)]).toEqual([counter, EMPTY_BYTES]);
    return { token, told: erasure(token, SLOT_SIGNATURE, point) };
  }

  test("gets it at the next power-on, exactly once", () => {
    const { token, told } = cutBetween();
    let again = token.reopened();
    for (let i = 0; i < 3; i++) {
      expect(entries(again).filter((one) => one === told)).toHaveLength(1);
      expect(entries(again)).toHaveLength(2);
      again = again.reopened();
    }
  });

  test("gets it before anything else is told, and its receipt names it", () => {
    const { token, told } = cutBetween();
    const again = token.reopened();
    again.data(signCommand(SLOT_AUTHENTICATION));
    expect(entries(again)[1]).toBe(told);
    expect(again.token.card.keys.erased(SLOT_SIGNATURE)?.counter).toBe(2);
    expect(entries(again.reopened())).toHaveLength(3);
  });

  test("gets it when the power goes at any operation of the power-on that writes it", () => {
    const { token, told } = cutBetween();
    const images: (typeof token.image)[] = [];
    new TestToken({
      image: { bytes: token.image.bytes.slice(), writes: token.image.writes.slice() },
      watch: (image) => images.push(image),
    });
    expect(images.length).toBeGreaterThan(0);
    for (const image of images) expect(entries(token.reopenedOn(image)).filter((one) => one === told)).toHaveLength(1);
  });
});

describe("what is left of a key", () => {
  test("is of the last one erased in its slot", () => {
    const { token, point } = ready();
    token.data(generateKey(SLOT_SIGNATURE));
    const second = pointIn(token);
    expect(token.token.card.keys.erased(SLOT_SIGNATURE)?.publicKey).toEqual(point);
    token.data(generateKey(SLOT_SIGNATURE));
    expect(token.reopened().token.card.keys.erased(SLOT_SIGNATURE)).toEqual({ counter: 3, algorithm: ALG_P256, publicKey: second });
  });

  test("is nothing private", () => {
    const { token } = ready();
    const key = Buffer.from(token.privateKey(SLOT_SIGNATURE));
    token.data(ERASE);
    expect(Buffer.from(token.image.bytes).includes(key.subarray(0, 8))).toBe(false);
  });

  test("is null while none was erased", () => {
    expect(ready().token.token.card.keys.erased(SLOT_SIGNATURE)).toBeNull();
  });
});

describe.each([
  ["programming of the flash", 1],
  ["hash", 2],
])("a key erased while the signature journal's %s fails, without a cut,", (_what, kind) => {
  test("is told before anything else is, and what is told is what the flash holds", () => {
    let failing = 0;
    const fail = (what: number): void => {
      if (failing === what) throw new Error("out of memory");
    };
    const token = new TestToken({
      changeHal: (hal) => ({
        ...hal,
        flash: {
          pages: hal.flash.pages,
          wordBytes: hal.flash.wordBytes,
          writesPerWord: hal.flash.writesPerWord,
          read: (address, lengthBytes) => hal.flash.read(address, lengthBytes),
          erase: (page) => hal.flash.erase(page),
          program: (address, bytes) => {
            if (address >= (hal.flash.pages[12]?.address ?? 0)) fail(1);
            hal.flash.program(address, bytes);
          },
        },
        crypto: {
          ...hal.crypto,
          sha256: (data) => {
            if (data.length === 32 + 4 + 34) fail(2);
            return hal.crypto.sha256(data);
          },
        },
      }),
    });
    seal(token);
    token.initialise();
    token.makeKey(SLOT_AUTHENTICATION, { pin: PIN_POLICY_NEVER });
    token.makeKey(SLOT_SIGNATURE);
    const point = pointIn(token);
    token.authenticate();
    failing = kind;
    expect(token.sw(ERASE)).toBe(SW_INTERNAL_ERROR);
    expect(token.sw(signCommand(SLOT_AUTHENTICATION))).toBe(SW_INTERNAL_ERROR);
    expect(entries(token)).toEqual([]);
    failing = 0;
    token.data(signCommand(SLOT_AUTHENTICATION));
    expect(entries(token)[0]).toBe(erasure(token, SLOT_SIGNATURE, point));
    expect(entries(token)).toHaveLength(2);
    expect(token.token.card.keys.erased(SLOT_SIGNATURE)?.counter).toBe(1);
    const again = token.reopened();
    expect(entries(again)).toEqual(entries(token));
    expect(bytesToHex(again.token.card.log.hash())).toBe(bytesToHex(token.token.card.log.hash()));
  });
});
