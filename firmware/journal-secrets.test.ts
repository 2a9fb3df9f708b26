// A replaced secret is nowhere in the flash, whatever a cut of the power interrupts.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blankImage, type FlashGeometry, type FlashImage, ModelledFlash } from "../simulator/modelled-flash.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { copyImage } from "../test/firmware/test-token.ts";
import { JournalError } from "./flash-geometry.ts";
import type { Flash } from "./hal.ts";
import { Journal } from "./journal.ts";
import { ID_KEY, ID_MANAGEMENT_KEY, ID_OBJECT, ID_REFERENCE_DATA, ID_REVISION, ID_TRIES } from "./journal-ids.ts";

const SMALL: FlashGeometry = { pageCount: 4, pageBytes: 512, wordBytes: 4, writesPerWord: 2 };
const SECRETS = [ID_KEY | 0x9a, ID_KEY | 0x9c, ID_MANAGEMENT_KEY, ID_REFERENCE_DATA | 0x80];
const SECRET_BYTES = 33;

class PowerCut extends Error {
  override readonly name = "PowerCut";
}

/** Flash whose power goes after so many words and erasures, in the middle of the next, of which some bits stay. */
class CutFlash implements Flash {
  readonly pages: Flash["pages"];
  readonly wordBytes = SMALL.wordBytes;
  readonly writesPerWord = SMALL.writesPerWord;
  private readonly inner: ModelledFlash;
  private readonly stays: number;
  private left: number;

  constructor(image: FlashImage, after: number, stays: number) {
    this.inner = new ModelledFlash(SMALL, image, () => {});
    this.pages = this.inner.pages;
    this.left = after;
    this.stays = stays;
  }

  read(address: number, lengthBytes: number): Uint8Array {
    return this.inner.read(address, lengthBytes);
  }

  program(address: number, bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; offset += 4) {
      const word = bytes.slice(offset, offset + 4);
      if (this.left-- > 0) {
        this.inner.program(address + offset, word);
        continue;
      }
      const old = this.inner.read(address + offset, 4);
      const torn = word.map((byte, i) => byte | ((old[i] ?? 0) & (this.stays >>> (8 * i))));
      if (Buffer.compare(torn, old) !== 0) this.inner.program(address + offset, torn);
      throw new PowerCut();
    }
  }

  erase(page: number): void {
    if (this.left-- > 0) {
      this.inner.erase(page);
      return;
    }
    // Half of the page is erased, half of it is as it was: unless it looks erased, no word of it may be programmed.
    const { address = 0, lengthBytes = 0 } = this.pages[page] ?? {};
    this.inner.image.bytes.fill(0xff, address, address + ((this.stays & 1) === 0 ? lengthBytes / 2 : 0));
    const isClean = this.inner.read(address, lengthBytes).every((byte) => byte === 0xff);
    this.inner.image.writes.fill(isClean ? 0 : SMALL.writesPerWord, address / 4, (address + lengthBytes) / 4);
    throw new PowerCut();
  }
}

function open(flash: Flash): Journal {
  return new Journal(flash, nobleCrypto.crc32);
}

function reopen(image: FlashImage): Journal {
  return open(new ModelledFlash(SMALL, image, () => {}));
}

function secret(seed: number): Uint8Array {
  return nobleCrypto.sha256(Uint8Array.of(seed & 0xff, seed >> 8)).slice(0, SECRET_BYTES);
}

/** Some five bytes of a secret in a row are in the flash. */
function isInFlash(image: FlashImage, value: Uint8Array): boolean {
  const bytes = Buffer.from(image.bytes);
  for (let at = 0; at + 5 <= value.length; at++) if (bytes.includes(Buffer.from(value.subarray(at, at + 5)))) return true;
  return false;
}

function isEqual(one: Uint8Array | null, other: Uint8Array): boolean {
  return one !== null && Buffer.compare(one, other) === 0;
}

const journalEntries = (id: number, value: Uint8Array, step: number) => {
  if (id >> 8 === ID_KEY >> 8)
    return [
      { id, value },
      { id: ID_REVISION, value: Uint8Array.of(0, 0, 0, step & 0xff) },
    ];
  if (id >> 8 === ID_REFERENCE_DATA >> 8)
    return [
      { id, value },
      { id: ID_TRIES | 0x80, value: Uint8Array.of(3) },
    ];
  return [{ id, value }];
};

describe("a secret that is replaced", () => {
  test.each(SECRETS)("is zeroised at once (%i), and what is beside it stays", (id) => {
    const image = blankImage(SMALL);
    const journal = reopen(image);
    journal.write([{ id: ID_OBJECT, value: secret(500) }]);
    for (let step = 0; step < 100; step++) {
      journal.write(journalEntries(id, secret(step), step));
      if (step > 0) expect(isInFlash(image, secret(step - 1))).toBe(false);
      expect(reopen(copyImage(image)).read(id)).toEqual(secret(step));
      expect(journal.read(ID_OBJECT)).toEqual(secret(500));
    }
  });

  test("is zeroised when it is deleted, and stays deleted", () => {
    const image = blankImage(SMALL);
    reopen(image).write([{ id: ID_MANAGEMENT_KEY, value: secret(1) }]);
    reopen(image).write([{ id: ID_MANAGEMENT_KEY, value: null }]);
    expect(isInFlash(image, secret(1))).toBe(false);
    expect(reopen(image).read(ID_MANAGEMENT_KEY)).toBeNull();
  });

  test("leaves alone what is live in its record, and goes with the last of it", () => {
    const image = blankImage(SMALL);
    const journal = reopen(image);
    journal.write([
      { id: ID_MANAGEMENT_KEY, value: secret(1) },
      { id: ID_OBJECT, value: secret(2) },
    ]);
    journal.write([{ id: ID_MANAGEMENT_KEY, value: secret(3) }]);
    expect(reopen(copyImage(image)).read(ID_OBJECT)).toEqual(secret(2));
    journal.write([{ id: ID_OBJECT, value: null }]);
    expect(isInFlash(image, secret(1))).toBe(false);
    expect(reopen(image).read(ID_MANAGEMENT_KEY)).toEqual(secret(3));
  });
});

/** Writes secrets and other values, and knows which of them count. */
class Client {
  readonly image = blankImage(SMALL);
  private readonly live = new Map<number, Uint8Array>();
  private replaced: Uint8Array[] = [];
  private underWay: { readonly id: number; readonly value: Uint8Array } | null = null;
  private step = 0;

  writeUntilCut(flash: Flash, choose: () => number): void {
    try {
      const journal = open(flash);
      for (;;) this.write(journal, choose());
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
  }

  private write(journal: Journal, choice: number): void {
    const id = SECRETS[choice];
    this.step++;
    if (id === undefined) {
      journal.write([{ id: choice === SECRETS.length ? ID_TRIES | 0x80 : ID_OBJECT, value: Uint8Array.of(this.step & 0xff) }]);
      return;
    }
    this.underWay = { id, value: secret(this.step) };
    journal.write(journalEntries(id, this.underWay.value, this.step));
    this.countUnderWay();
  }

  private countUnderWay(): void {
    if (this.underWay === null) return;
    const old = this.live.get(this.underWay.id);
    if (old !== undefined) this.replaced.push(old);
    this.live.set(this.underWay.id, this.underWay.value);
    this.underWay = null;
  }

  /** What counts is there, what was replaced is nowhere, once a journal has been opened on a copy of the flash. */
  expectSecretsInOrder(): void {
    const image = copyImage(this.image);
    const journal = reopen(image);
    if (this.underWay !== null && isEqual(journal.read(this.underWay.id), this.underWay.value)) this.countUnderWay();
    this.underWay = null;
    for (const [id, value] of this.live) expect(journal.read(id)).toEqual(value);
    this.replaced = this.replaced.slice(-60);
    for (const value of this.replaced) expect(isInFlash(image, value)).toBe(false);
  }
}

test("after cuts at any operation, and cuts while they are repaired, what is replaced is nowhere once the journal has been opened", () => {
  const cuts = fc.array(fc.tuple(fc.nat({ max: 260 }), fc.oneof(fc.constantFrom(0, 0xffffffff), fc.nat({ max: 0xffffffff }))), {
    minLength: 20,
    maxLength: 40,
    size: "max",
  });
  fc.assert(
    fc.property(cuts, fc.infiniteStream(fc.nat({ max: 5 })), (all, choices) => {
      const client = new Client();
      for (const [after, stays] of all) {
        client.writeUntilCut(new CutFlash(client.image, after, stays), () => choices.next().value ?? 0);
        client.expectSecretsInOrder();
      }
    }),
    { numRuns: 60, endOnFailure: true },
  );
});

describe("a flash that can't be worked with is refused:", () => {
  test.each([
    ["words of 8 bytes", { wordBytes: 8 }],
    ["words that bear one programming", { writesPerWord: 1 }],
  ])("%s", (_what, change) => {
    const geometry = { ...SMALL, ...change };
    expect(() => open(new ModelledFlash(geometry, blankImage(geometry), () => {}))).toThrow(JournalError);
  });

  test("pages of two lengths", () => {
    const flash = new ModelledFlash(SMALL, blankImage(SMALL), () => {});
    const pages = flash.pages.map((page, i) => (i === 1 ? { ...page, lengthBytes: 256 } : page));
    const uneven = { ...SMALL, pages, read: flash.read.bind(flash), program: flash.program.bind(flash), erase: flash.erase.bind(flash) };
    expect(() => open(uneven)).toThrow(JournalError);
  });
});

describe("a journal of another layout version", () => {
  const ofVersion = (version: number): FlashImage => {
    const image = blankImage(SMALL);
    reopen(image).write([{ id: 1, value: Uint8Array.of(1) }]);
    image.bytes[3] = version;
    image.bytes.set(nobleCrypto.crc32(image.bytes.subarray(0, 8)), 8);
    return image;
  };

  test.each([0, 3, 255])("(%i) is refused and left as it is", (version) => {
    const image = ofVersion(version);
    const before = copyImage(image);
    expect(() => reopen(image)).toThrow(JournalError);
    expect(image).toEqual(before);
  });

  test("is not what a cut in the first word of the first header leaves", () => {
    for (let stays = 0; stays < 256; stays++) {
      const image = blankImage(SMALL);
      image.bytes.set([0x53, 0x43, 0x4a, 2 | stays]);
      image.writes[0] = 1;
      const journal = reopen(image);
      journal.write([{ id: 1, value: Uint8Array.of(7) }]);
      expect(reopen(image).read(1)).toEqual(Uint8Array.of(7));
    }
  });
});
