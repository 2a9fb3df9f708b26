// Cuts of the power in the middle of a word or an erasure, one after the other on the same flash: while records are written, while the journal is
// opened again, while it repairs what the cut before has left.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blankImage, type FlashGeometry, type FlashImage } from "../simulator/modelled-flash.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { copyImage } from "../test/firmware/test-token.ts";
import { type Cut, cutsAfter } from "../test/power-cuts/cut-flash.ts";
import { COUNTER, type Ground, Life, open, type Values, withEntries } from "../test/power-cuts/journal-life.ts";
import { JournalError } from "./flash-geometry.ts";
import { type JournalEntry, JournalFullError } from "./journal.ts";
import { ID_KEY, ID_MANAGEMENT_KEY, ID_OBJECT, ID_REFERENCE_DATA } from "./journal-ids.ts";

const OBJECTS = [1, 2, 3, 4, 5, 6].map((i) => ID_OBJECT | i);
const SECRETS = [ID_REFERENCE_DATA | 0x80, ID_MANAGEMENT_KEY, ID_KEY | 0x9c];
/** CUT_RUNS=100 tries a hundred times as much. */
const RUNS = Number(process.env["CUT_RUNS"] ?? 1);

function pages(pageCount: number, pageBytes: number): FlashGeometry {
  return { pageCount, pageBytes, wordBytes: 4, writesPerWord: 2 };
}

interface Kind extends Ground {
  readonly name: string;
  readonly ids: readonly number[];
  readonly maxValueBytes: number;
  readonly cuts: fc.Arbitrary<Cut[]>;
  readonly runs: number;
}

const LATE = fc.array(cutsAfter(400), { minLength: 8, maxLength: 25, size: "max" });
/** Cuts while the first pages are opened. */
const EARLY = fc.array(cutsAfter(7), { minLength: 2, maxLength: 10, size: "max" });

const KINDS: readonly Kind[] = [
  { name: "a blank flash", geometry: pages(4, 512), ids: [...OBJECTS, COUNTER], maxValueBytes: 20, cuts: EARLY, runs: 1500 },
  { name: "objects", geometry: pages(4, 512), ids: [...OBJECTS, COUNTER], maxValueBytes: 100, cuts: LATE, runs: 200 },
  { name: "secrets", geometry: pages(3, 256), ids: [OBJECTS[0] ?? 0, COUNTER, ...SECRETS], maxValueBytes: 40, cuts: LATE, runs: 300 },
  {
    name: "values near a page's length",
    geometry: pages(3, 512),
    canBeFull: true,
    ids: [...OBJECTS.slice(0, 3), COUNTER, ...SECRETS],
    maxValueBytes: 400,
    cuts: LATE,
    runs: 200,
  },
  {
    name: "two pages",
    geometry: pages(2, 256),
    canBeFull: true,
    ids: [...OBJECTS.slice(0, 2), COUNTER],
    maxValueBytes: 60,
    cuts: LATE,
    runs: 200,
  },
];

function recordsOf(kind: Kind): fc.Arbitrary<JournalEntry[][]> {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength, size: "max" });
  const value = fc.oneof(
    { weight: 5, arbitrary: bytes(Math.min(40, kind.maxValueBytes)) },
    { weight: 2, arbitrary: bytes(kind.maxValueBytes) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const entry: fc.Arbitrary<JournalEntry> = fc.record({ id: fc.constantFrom(...kind.ids), value });
  const record = fc.uniqueArray(entry, { selector: (one) => one.id, minLength: 1, maxLength: 3, size: "max" });
  return fc.array(record, { minLength: 15, maxLength: 60, size: "max" });
}

function isRefused(ground: Ground, image: FlashImage): boolean {
  try {
    open(ground, image);
    return false;
  } catch (error) {
    if (!(error instanceof JournalError && /does not fit/.test(error.message))) throw error;
    return true;
  }
}

describe("cuts in the middle of a word or an erasure, one after the other on the same flash", () => {
  test.each(KINDS.map((kind) => [kind.name, kind] as const))(
    "leave, each, all values of the record under way as before or all as after (%s)",
    (_, kind) => {
      fc.assert(
        fc.property(kind.cuts, recordsOf(kind), (cuts, records) => {
          const life = new Life(kind, blankImage(kind.geometry), new Map());
          let step = 0;
          for (const cut of cuts) {
            life.writeUntil(cut, () => records[step++ % records.length] ?? []);
            life.expectBeforeOrAfter();
          }
          life.expectGoesOn();
        }),
        { numRuns: kind.runs * RUNS, endOnFailure: true },
      );
    },
    120_000 * RUNS,
  );
});

/** The pages of a journal, as the firmware of layout 1 wrote them. */
function toLayout1(image: FlashImage, geometry: FlashGeometry): void {
  for (let start = 0; start < image.bytes.length; start += geometry.pageBytes) {
    const header = image.bytes.subarray(start, start + 12);
    if (header[0] !== 0x53) continue;
    header[3] = 1;
    header.set(nobleCrypto.crc32(header.subarray(0, 8)), 8);
  }
}

/** What a journal of layout 1 on all pages holds after these records. */
function layout1After(geometry: FlashGeometry, records: readonly (readonly JournalEntry[])[]): { image: FlashImage; values: Values } {
  const image = blankImage(geometry);
  let values: Values = new Map();
  const journal = open({ geometry }, image);
  for (const entries of records) {
    try {
      journal.write(entries);
      values = withEntries(values, entries);
    } catch (error) {
      if (!(error instanceof JournalFullError)) throw error;
    }
  }
  toLayout1(image, geometry);
  return { image, values };
}

const MOVED: readonly Kind[] = [
  {
    name: "8 pages",
    geometry: pages(8, 256),
    ownPages: 4,
    canBeFull: true,
    ids: [...OBJECTS, COUNTER, ...SECRETS],
    maxValueBytes: 100,
    cuts: LATE,
    runs: 100,
  },
  {
    name: "5 pages",
    geometry: pages(5, 256),
    ownPages: 3,
    canBeFull: true,
    ids: [...OBJECTS.slice(0, 4), COUNTER],
    maxValueBytes: 200,
    cuts: LATE,
    runs: 200,
  },
];

describe("a flash of layout 1", () => {
  test.each(MOVED.map((kind) => [kind.name, kind] as const))(
    "is refused and left as it is, or moved, and comes through any cuts (%s)",
    (_, kind) => {
      let moved = 0;
      fc.assert(
        fc.property(kind.cuts, recordsOf(kind), (cuts, records) => {
          const { image, values } = layout1After(kind.geometry, records);
          const before = copyImage(image);
          if (isRefused(kind, copyImage(image))) {
            expect(isRefused(kind, image)).toBe(true);
            expect(image).toEqual(before);
            return;
          }
          moved++;
          const life = new Life(kind, image, values);
          let step = 0;
          for (const cut of cuts) {
            life.writeUntil(cut, () => records[step++ % records.length] ?? []);
            life.expectBeforeOrAfter();
          }
          life.expectGoesOn();
        }),
        { numRuns: kind.runs * RUNS, endOnFailure: true },
      );
      expect(moved).toBeGreaterThan(kind.runs / 4);
    },
    120_000 * RUNS,
  );

  test("is refused when it would fit, but not with the gap that a cut leaves", () => {
    const kind = { geometry: pages(5, 256), ownPages: 3 };
    // Moved as planned these end in two pages. After a cut in the ninth word they never did, and no firmware could read them.
    const lengths = [
      [2, 176],
      [5, 192],
      [4, 64],
      [2, 76],
      [1, 148],
      [5, 64],
    ] as const;
    const records = lengths.map(([id, length]) => [{ id, value: new Uint8Array(length).fill(id) }]);
    const { image } = layout1After(kind.geometry, records);
    const before = copyImage(image);
    expect(isRefused(kind, image)).toBe(true);
    expect(image).toEqual(before);
    const { image: smaller } = layout1After(kind.geometry, [...records, [{ id: 1, value: Uint8Array.of(1) }]]);
    expect(isRefused(kind, smaller)).toBe(false);
  });
});

describe("two cuts on a blank flash, in a word of the first header and in the erasure of that page,", () => {
  const geometry = pages(4, 512);
  const UNTOUCHED = { erasure: "untouched", noise: [0], spot: 0 } as const;
  const first: readonly JournalEntry[] = [{ id: 1, value: Uint8Array.of(7) }];

  test.each([1, 2])("leave a flash that opens, whatever version that header then shows (word %i)", (word) => {
    for (let noise = 0; noise <= 0xff; noise++) {
      const life = new Life({ geometry }, blankImage(geometry), new Map());
      life.writeUntil({ after: word, stays: 0xffff0000, ...UNTOUCHED }, () => first);
      life.expectBeforeOrAfter();
      // The page is erased before it is begun again: of that, all that shows is another version.
      life.writeUntil({ after: 0, stays: 0, erasure: "bits set in one byte of the header", noise: [noise], spot: 3 }, () => first);
      expect([...life.image.bytes.subarray(0, 4)]).toEqual([0x53, 0x43, 0x4a, 2 | noise]);
      life.expectBeforeOrAfter();
      life.expectGoesOn();
    }
  });
});
