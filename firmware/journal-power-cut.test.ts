import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blankImage, type FlashGeometry, type FlashImage, ModelledFlash } from "../simulator/modelled-flash.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { copyImage } from "../test/firmware/test-token.ts";
import type { Flash } from "./hal.ts";
import { Journal, type JournalEntry, JournalFullError } from "./journal.ts";

const SMALL: FlashGeometry = { pageCount: 4, pageBytes: 512, wordBytes: 4, writesPerWord: 2 };
/** Shrinking takes minutes here: the properties end on the first failure, and its seed tells the rest. */
const ONE_FAILURE = { endOnFailure: true };
const IDS = [1, 2, 3, 4, 5, 6, 0x0280];

/** All values, as text that compares. */
type State = string;

function open(flash: Flash): Journal {
  return new Journal(flash, nobleCrypto.crc32);
}

function stateOf(journal: Journal): State {
  return JSON.stringify(IDS.map((id) => [id, Buffer.from(journal.read(id) ?? []).toString("hex"), journal.read(id) === null]));
}

function reopen(image: FlashImage): Journal {
  return open(new ModelledFlash(SMALL, copyImage(image), () => {}));
}

/** Whether the write went in. */
function tryWrite(journal: Journal, entries: readonly JournalEntry[]): void {
  try {
    journal.write(entries);
  } catch (error) {
    if (!(error instanceof JournalFullError)) throw error;
  }
}

/** What a token does afterwards: it goes on writing, long enough for every page to be reclaimed, and loses nothing. */
function expectGoesOn(journal: Journal): void {
  const kept = (): string => JSON.stringify(IDS.slice(0, -1).map((id) => Buffer.from(journal.read(id) ?? []).toString("hex")));
  const before = kept();
  for (let i = 0; i < 150; i++) {
    journal.write([{ id: 0x0280, value: new Uint8Array([i]) }]);
    expect(journal.read(0x0280)).toEqual(new Uint8Array([i]));
  }
  expect(kept()).toBe(before);
}

const value = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 100 }) },
);
const entry: fc.Arbitrary<JournalEntry> = fc.record({
  id: fc.constantFrom(...IDS),
  value: fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }),
});
const record = fc.uniqueArray(entry, { selector: (one) => one.id, minLength: 1, maxLength: 3 });

/** Values that fill more than a page, so that reclaiming has something to move. */
const FIRST: readonly JournalEntry[] = [1, 2, 3, 4].map((id) => ({ id, value: new Uint8Array(100).fill(id) }));

describe("a cut after one flash operation", () => {
  /** Every image that a cut may leave while `steps` are written, with the states before and after. */
  function images(steps: readonly (readonly JournalEntry[])[]): { image: FlashImage; before: State; after: State }[] {
    let during: FlashImage[] = [];
    const journal = open(new ModelledFlash(SMALL, blankImage(SMALL), (image) => during.push(copyImage(image))));
    const found: { image: FlashImage; before: State; after: State }[] = [];
    for (const entries of steps) {
      during = [];
      const before = stateOf(journal);
      tryWrite(journal, entries);
      const after = stateOf(journal);
      for (const image of during) found.push({ image, before, after });
    }
    return found;
  }

  test("leaves all values of a record as before or all as after", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 40, maxLength: 80, size: "max" }), (steps) => {
        for (const { image, before, after } of images([FIRST, ...steps])) expect([before, after]).toContain(stateOf(reopen(image)));
      }),
      { numRuns: 60, ...ONE_FAILURE },
    );
  });

  test("leaves a journal that can be written for ever", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 40, maxLength: 60, size: "max" }), (steps) => {
        for (const { image } of images([...FIRST.map((one) => [one]), ...steps])) expectGoesOn(reopen(image));
      }),
      { numRuns: 3, ...ONE_FAILURE },
    );
  });

  test("while a page is reclaimed leaves a journal that can be written for ever", () => {
    const counters = Array.from({ length: 150 }, (_, i) => [{ id: 0x0280, value: new Uint8Array([i]) }]);
    const all = images([...FIRST.map((one) => [one]), ...counters]);
    expect(all.length).toBeGreaterThan(counters.length + FIRST.length + 3);
    for (const { image, before, after } of all) {
      const journal = reopen(image);
      expect([before, after]).toContain(stateOf(journal));
      expectGoesOn(journal);
    }
  });
});

test("a cut in an erasure that leaves a value and not its deletion behind it brings nothing back", () => {
  const image = blankImage(SMALL);
  const flash = new ModelledFlash(SMALL, image, () => {});
  const journal = open(flash);
  for (const one of FIRST.slice(0, 2)) journal.write([one]);
  const [lost = 1, kept = 2] = FIRST.map((one) => one.id);
  const deletionFrom = image.bytes.indexOf(0xff, 12 + 2 * 112); // behind the header and two records of 112 bytes
  journal.write([{ id: lost, value: null }]);
  let halfErased: FlashImage | null = null;
  const erase = flash.erase.bind(flash);
  flash.erase = (page) => {
    if (page === 0 && halfErased === null) {
      halfErased = copyImage(image);
      halfErased.bytes.fill(0xff, deletionFrom, SMALL.pageBytes);
    }
    erase(page);
  };
  for (let i = 0; halfErased === null; i++) journal.write([{ id: 0x0280, value: new Uint8Array([i]) }]);
  const reopened = reopen(halfErased);
  expect([reopened.read(lost), reopened.read(kept)]).toEqual([null, FIRST[1]?.value]);
  expectGoesOn(reopened);
});
