import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blankImage, type FlashGeometry, type FlashImage, ModelledFlash, NRF52_GEOMETRY } from "../simulator/modelled-flash.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { Journal, type JournalEntry, JournalFullError } from "./journal.ts";

/** So small that every few records a page is reclaimed. */
const SMALL: FlashGeometry = { pageCount: 4, pageBytes: 512, wordBytes: 4, writesPerWord: 2 };

type Model = Map<number, Uint8Array>;

function open(image: FlashImage, geometry = SMALL): Journal {
  return new Journal(new ModelledFlash(geometry, image, () => {}), nobleCrypto.crc32);
}

function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7) & 0xff);
}

function contents(journal: Journal, ids: Iterable<number>): Record<number, Uint8Array | null> {
  return Object.fromEntries(Array.from(ids, (id) => [id, journal.read(id)]));
}

/** Writes to both; a full journal leaves both as they were. */
function writeBoth(journal: Journal, model: Model, entries: readonly JournalEntry[]): "written" | "full" {
  try {
    journal.write(entries);
  } catch (error) {
    if (error instanceof JournalFullError) return "full";
    throw error;
  }
  for (const { id, value } of entries) {
    if (value === null) model.delete(id);
    else model.set(id, value);
  }
  return "written";
}

function expectSame(journal: Journal, model: Model, ids: readonly number[]): void {
  for (const id of ids) expect(journal.read(id)).toEqual(model.get(id) ?? null);
}

describe("a value", () => {
  test("that was never written is null", () => {
    expect(open(blankImage(SMALL)).read(7)).toBeNull();
  });

  test("is read as it was written, and again after reopening", () => {
    const image = blankImage(SMALL);
    const journal = open(image);
    journal.write([{ id: 7, value: bytes(40, 1) }]);
    expect(journal.read(7)).toEqual(bytes(40, 1));
    expect(open(image).read(7)).toEqual(bytes(40, 1));
  });

  test("is replaced by a later one", () => {
    const image = blankImage(SMALL);
    const journal = open(image);
    journal.write([{ id: 7, value: bytes(40, 1) }]);
    journal.write([{ id: 7, value: bytes(3, 2) }]);
    expect(journal.read(7)).toEqual(bytes(3, 2));
    expect(open(image).read(7)).toEqual(bytes(3, 2));
  });

  test("is forgotten by null, and stays forgotten after reopening", () => {
    const image = blankImage(SMALL);
    const journal = open(image);
    journal.write([{ id: 7, value: bytes(40, 1) }]);
    journal.write([{ id: 7, value: null }]);
    expect(journal.read(7)).toBeNull();
    expect(open(image).read(7)).toBeNull();
  });

  test("of no bytes is a value", () => {
    const image = blankImage(SMALL);
    open(image).write([{ id: 7, value: new Uint8Array(0) }]);
    expect(open(image).read(7)).toEqual(new Uint8Array(0));
  });

  test("of FF bytes only is a value", () => {
    const image = blankImage(SMALL);
    open(image).write([{ id: 0xffff, value: new Uint8Array(8).fill(0xff) }]);
    expect(open(image).read(0xffff)).toEqual(new Uint8Array(8).fill(0xff));
  });

  test("is given as a copy: changing it changes nothing in the journal", () => {
    const journal = open(blankImage(SMALL));
    journal.write([{ id: 7, value: bytes(4, 1) }]);
    journal.read(7)?.fill(0);
    expect(journal.read(7)).toEqual(bytes(4, 1));
  });
});

test("the entries of one record are written together, deletions too", () => {
  const image = blankImage(SMALL);
  open(image).write([
    { id: 1, value: bytes(5, 1) },
    { id: 2, value: bytes(6, 2) },
    { id: 3, value: bytes(7, 3) },
  ]);
  open(image).write([
    { id: 1, value: bytes(8, 4) },
    { id: 2, value: null },
  ]);
  expect(contents(open(image), [1, 2, 3])).toEqual({ 1: bytes(8, 4), 2: null, 3: bytes(7, 3) });
});

test("many values of many lengths survive reopening", () => {
  const image = blankImage(NRF52_GEOMETRY);
  const journal = open(image, NRF52_GEOMETRY);
  const model: Model = new Map();
  for (let id = 0; id < 250; id++) writeBoth(journal, model, [{ id: id * 257, value: bytes((id * 37) % 300, id) }]);
  expectSame(open(image, NRF52_GEOMETRY), model, [...model.keys()]);
  expect(model.size).toBe(250);
});

test.each([
  ["random bytes", (at: number) => (at * 2654435761) >>> 24],
  ["zeros", () => 0],
  ["page headers of another checksum", (at: number) => [0x53, 0x43, 0x4a, 2][at % 512] ?? 9],
])("a foreign flash (%s) counts as empty, and is taken over by the first writes", (_what, content) => {
  const image = blankImage(SMALL);
  for (let at = 0; at < image.bytes.length; at++) image.bytes[at] = content(at);
  image.writes.fill(SMALL.writesPerWord);
  const journal = open(image);
  expect(journal.read(1)).toBeNull();
  for (let i = 0; i < 60; i++) journal.write([{ id: 1, value: bytes(50, i) }]);
  expect(open(image).read(1)).toEqual(bytes(50, 59));
});

const IDS = Array.from({ length: 16 }, (_, i) => 0x0100 * (i % 6) + i);
const value = fc.oneof(
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 8 }) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 65, maxLength: 300 }) },
);
const entry: fc.Arbitrary<JournalEntry> = fc.record({
  id: fc.constantFrom(...IDS),
  value: fc.oneof({ weight: 5, arbitrary: value }, { weight: 1, arbitrary: fc.constant(null) }),
});
const REOPEN = "reopen";
const reopen = fc.constant(REOPEN as typeof REOPEN);

describe("against a Map, on a flash that rotates all the time, reopened at random moments", () => {
  function run(steps: readonly (typeof REOPEN | readonly JournalEntry[])[]): void {
    const image = blankImage(SMALL);
    const model: Model = new Map();
    let journal = open(image);
    for (const step of steps) {
      if (step === REOPEN) {
        journal = open(image);
        expectSame(journal, model, IDS);
        continue;
      }
      const first = step[0]?.value ?? null;
      const isPromised = step.length === 1 && first !== null && journal.roomFor(first.length);
      const outcome = writeBoth(journal, model, step);
      if (isPromised) expect(outcome).toBe("written");
      for (const { id } of step) expect(journal.read(id)).toEqual(model.get(id) ?? null);
    }
    expectSame(journal, model, IDS);
    expectSame(open(image), model, IDS);
  }

  test("single entries", () => {
    const step = fc.oneof({ weight: 30, arbitrary: entry.map((one) => [one]) }, { weight: 1, arbitrary: reopen });
    fc.assert(fc.property(fc.array(step, { minLength: 50, maxLength: 300, size: "max" }), run), { numRuns: 150 });
  });

  test("several entries a record", () => {
    const few = fc.uniqueArray(entry, { selector: (one) => one.id, minLength: 1, maxLength: 6 });
    const step = fc.oneof({ weight: 30, arbitrary: few }, { weight: 1, arbitrary: reopen });
    fc.assert(fc.property(fc.array(step, { minLength: 50, maxLength: 300, size: "max" }), run), { numRuns: 150 });
  });
});

test("a page full of records with two small entries each is reclaimed inside the new page's bounds", () => {
  const image = blankImage(SMALL);
  const journal = open(image);
  const model: Model = new Map();
  // 13 records of 36 bytes fill the page of 512; one by one the 26 values would need 520.
  for (let i = 0; i < 13; i++) {
    const pair = [
      { id: 2 * i, value: bytes(10, 2 * i) },
      { id: 2 * i + 1, value: bytes(6, 2 * i + 1) },
    ];
    expect(writeBoth(journal, model, pair)).toBe("written");
  }
  const ids = [...model.keys(), 0x0200];
  for (let i = 0; i < 200; i++) writeBoth(journal, model, [{ id: 0x0200, value: bytes(1, i) }]);
  expectSame(journal, model, ids);
  expectSame(open(image), model, ids);
});

describe("a full flash", () => {
  test("throws JournalFullError and loses nothing, before and after reopening", () => {
    const image = blankImage(SMALL);
    const journal = open(image);
    const model: Model = new Map();
    let id = 0;
    while (writeBoth(journal, model, [{ id, value: bytes(60, id) }]) === "written") id++;
    expect(id).toBeGreaterThan(8);
    expectSame(journal, model, [...model.keys(), id]);
    expectSame(open(image), model, [...model.keys(), id]);
  });

  test("refuses a value longer than a page, and one that fits still goes in", () => {
    const journal = open(blankImage(SMALL));
    expect(() => journal.write([{ id: 1, value: bytes(600, 1) }])).toThrow(JournalFullError);
    expect(journal.roomFor(600)).toBe(false);
    journal.write([{ id: 1, value: bytes(480, 1) }]);
    expect(journal.read(1)).toEqual(bytes(480, 1));
  });

  test.each([1, 30, 100, 230])("filled as far as roomFor allows with values of %i bytes still counts tries for ever", (length) => {
    const image = blankImage(SMALL);
    let journal = open(image);
    const model: Model = new Map();
    for (let id = 0; journal.roomFor(length); id++) expect(writeBoth(journal, model, [{ id, value: bytes(length, id) }])).toBe("written");
    const ids = [...model.keys(), 0x0280, 0x0281];
    for (let i = 0; i < 2000; i++) {
      expect(writeBoth(journal, model, [{ id: 0x0280 + (i % 2), value: new Uint8Array([i & 0xff]) }])).toBe("written");
      if (i % 97 === 0) journal = open(image);
    }
    expectSame(open(image), model, ids);
  });

  test("that roomFor calls full has room again once a value has been deleted", () => {
    const journal = open(blankImage(SMALL));
    const model: Model = new Map();
    let id = 0;
    while (journal.roomFor(60)) expect(writeBoth(journal, model, [{ id: id++, value: bytes(60, id) }])).toBe("written");
    expect(id).toBeGreaterThan(4);
    expect(writeBoth(journal, model, [{ id: 0, value: null }])).toBe("written");
    expect(journal.roomFor(60)).toBe(true);
    expect(writeBoth(journal, model, [{ id, value: bytes(60, id) }])).toBe("written");
    expectSame(journal, model, [...model.keys(), 0]);
  });
});

test("the pages wear evenly", () => {
  const image = blankImage(SMALL);
  const erasures = new Map<number, number>();
  const flash = new ModelledFlash(SMALL, image, () => {});
  const counting = {
    pages: flash.pages,
    wordBytes: flash.wordBytes,
    writesPerWord: flash.writesPerWord,
    read: (address: number, length: number) => flash.read(address, length),
    program: (address: number, data: Uint8Array) => flash.program(address, data),
    erase: (page: number) => {
      erasures.set(page, (erasures.get(page) ?? 0) + 1);
      flash.erase(page);
    },
  };
  const journal = new Journal(counting, nobleCrypto.crc32);
  journal.write([{ id: 1, value: bytes(100, 1) }]);
  for (let i = 0; i < 2000; i++) journal.write([{ id: 2, value: bytes(10, i) }]);
  const counts = SMALL.pageCount === erasures.size ? [...erasures.values()] : [0];
  expect(Math.min(...counts)).toBeGreaterThan(10);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});
