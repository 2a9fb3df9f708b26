import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ENTRY_KEY_AGREEMENT, ENTRY_SIGNATURE, JOURNAL_ENTRIES_AN_ANSWER, JOURNAL_READABLE_ENTRIES } from "../protocol/vendor.ts";
import { blankImage, type FlashGeometry, type FlashImage, ModelledFlash } from "../simulator/modelled-flash.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { copyImage } from "../test/firmware/test-token.ts";
import { FlashCuts } from "../test/power-cuts/flash-cuts.ts";
import { RecordedFlash } from "../test/power-cuts/recorded-flash.ts";
import { SeededRandom } from "../test/support/seeded-random.ts";
import { JournalError } from "./flash-geometry.ts";
import { loggedDigest, logPages, SignatureLog } from "./signature-log.ts";

/** What the last four pages of a small nRF52840 token are. */
const FOUR_PAGES: FlashGeometry = { pageCount: 4, pageBytes: 4096, wordBytes: 4, writesPerWord: 2 };
const ENTRIES_A_PAGE = 101;
/** Three pages of five entries: every few appends a page is turned. */
const TINY: FlashGeometry = { pageCount: 3, pageBytes: 256, wordBytes: 4, writesPerWord: 2 };
const HEADER_BYTES = 44;
const PLACE_BYTES = 40;

function open(image: FlashImage, geometry: FlashGeometry): SignatureLog {
  return new SignatureLog(new ModelledFlash(geometry, image, () => {}), nobleCrypto);
}

function digestOf(counter: number): Buffer {
  return createHash("sha256").update(`document ${counter}`).digest();
}

/** The chain as protocol/vendor.ts tells it, reckoned here. */
class Chain {
  readonly entries: Buffer[] = [];
  readonly hashes: Buffer[] = [Buffer.alloc(32)];

  get counter(): number {
    return this.entries.length;
  }

  add(slot: number, kind: number, digest: Uint8Array): void {
    const entry = Buffer.concat([Buffer.of(slot, kind), digest]);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.entries.push(entry));
    this.hashes.push(
      createHash("sha256")
        .update(this.hashes.at(-1) ?? "")
        .update(counter)
        .update(entry)
        .digest(),
    );
  }

  /** A chain of the first so many entries. */
  upTo(counter: number): Chain {
    const chain = new Chain();
    for (const entry of this.entries.slice(0, counter)) chain.add(entry[0] ?? 0, entry[1] ?? 0, entry.subarray(2));
    return chain;
  }
}

function appendBoth(log: SignatureLog, chain: Chain, slot = 0x9c, kind = ENTRY_SIGNATURE): void {
  const digest = digestOf(chain.counter + 1);
  log.append(slot, kind, digest);
  chain.add(slot, kind, digest);
}

/** Reads all there is from `first` on, answer by answer. The answer: how many entries. */
function expectReads(log: SignatureLog, chain: Chain, first: number, count = JOURNAL_ENTRIES_AN_ANSWER): number {
  let next = first;
  let read = 0;
  for (;;) {
    const answer = log.read(next, count);
    expect(answer.first).toBeGreaterThanOrEqual(Math.min(next, chain.counter + 1));
    if (read > 0) expect(answer.first).toBe(next);
    expect(Buffer.from(answer.hashBefore).toString("hex")).toBe(chain.hashes[answer.first - 1]?.toString("hex"));
    for (const [i, entry] of answer.entries.entries()) {
      expect(Buffer.from(entry).toString("hex")).toBe(chain.entries[answer.first - 1 + i]?.toString("hex"));
    }
    read += answer.entries.length;
    next = answer.first + answer.entries.length;
    if (answer.entries.length === 0) break;
  }
  expect(next).toBe(chain.counter + 1);
  return read;
}

function expectEnd(log: SignatureLog, chain: Chain): void {
  expect(log.counter()).toBe(chain.counter);
  expect(Buffer.from(log.hash()).toString("hex")).toBe(chain.hashes[chain.counter]?.toString("hex"));
}

describe("a log that was never written", () => {
  test("has counter 0, a hash of zeros and no entries, also after reopening", () => {
    const image = blankImage(FOUR_PAGES);
    for (let i = 0; i < 2; i++) {
      const log = open(image, FOUR_PAGES);
      expectEnd(log, new Chain());
      for (const first of [0, 1, 7]) expect(log.read(first, 32)).toEqual({ first: 1, hashBefore: new Uint8Array(32), entries: [] });
    }
  });
});

describe("entries", () => {
  test("are chained as protocol/vendor.ts tells, and read again after reopening", () => {
    const image = blankImage(FOUR_PAGES);
    const log = open(image, FOUR_PAGES);
    const chain = new Chain();
    for (const [slot, kind] of [
      [0x9a, ENTRY_SIGNATURE],
      [0x95, ENTRY_KEY_AGREEMENT],
      [0xf9, ENTRY_SIGNATURE],
    ] as const) {
      appendBoth(log, chain, slot, kind);
      expectEnd(log, chain);
      expectEnd(open(image, FOUR_PAGES), chain);
      expectReads(open(image, FOUR_PAGES), chain, 1);
    }
  });

  test("may be asked for from any counter, and as many as wanted", () => {
    const log = open(blankImage(FOUR_PAGES), FOUR_PAGES);
    const chain = new Chain();
    for (let i = 0; i < 230; i++) appendBoth(log, chain);
    for (const first of [0, 1, 2, 101, 102, 103, 202, 203, 204, 229, 230, 231, 232, 0xffffffff]) {
      for (const count of [1, 32, 500]) {
        const answer = log.read(first, count);
        const from = Math.max(1, Math.min(first, 231));
        expect(answer.first).toBe(from);
        expect(answer.entries.length).toBe(Math.min(count, 231 - from));
        expect(Buffer.from(answer.hashBefore)).toEqual(chain.hashes[from - 1]);
        for (const [i, entry] of answer.entries.entries()) expect(Buffer.from(entry)).toEqual(chain.entries[from - 1 + i]);
      }
    }
  });

  test("stay readable, the newest 256, over thousands of appends, and the chain never breaks", () => {
    const image = blankImage(FOUR_PAGES);
    let log = open(image, FOUR_PAGES);
    const chain = new Chain();
    for (let i = 1; i <= 3000; i++) {
      appendBoth(log, chain);
      if (i % 50 === 0) log = open(image, FOUR_PAGES);
      const atATurn = i % ENTRIES_A_PAGE <= 1;
      if (!atATurn && i % 211 !== 0) continue;
      expectEnd(log, chain);
      const readable = expectReads(log, chain, 1);
      expect(readable).toBeGreaterThanOrEqual(Math.min(i, JOURNAL_READABLE_ENTRIES));
      expect(readable).toBe(i <= 4 * ENTRIES_A_PAGE ? i : 3 * ENTRIES_A_PAGE + (i % ENTRIES_A_PAGE || ENTRIES_A_PAGE));
    }
  });
});

/** As after a cut in the last word of an entry: its checksum stays as if never written. */
function tearNext(image: FlashImage, geometry: FlashGeometry, log: SignatureLog): void {
  const flash = new RecordedFlash(geometry, copyImage(image));
  const twin = new SignatureLog(flash, nobleCrypto);
  expect(twin.counter()).toBe(log.counter());
  flash.restart();
  twin.append(0x9c, ENTRY_SIGNATURE, digestOf(0));
  const programs = flash.operations.filter((one) => one.kind === "program");
  const last = programs.at(-1);
  if (last === undefined) throw new Error("nothing was programmed");
  const real = new ModelledFlash(geometry, image, () => {});
  for (const one of flash.operations) {
    if (one.kind === "erase") real.erase(one.page);
    else real.program(one.address, one === last ? one.bytes.subarray(0, one.bytes.length - 4) : one.bytes);
  }
}

describe("an entry cut short", () => {
  test("is void: neither counter nor hash know of it, its place is skipped, the chain goes on", () => {
    const image = blankImage(FOUR_PAGES);
    let log = open(image, FOUR_PAGES);
    const chain = new Chain();
    for (let i = 0; i < 700; i++) {
      if (i % 9 === 0) {
        tearNext(image, FOUR_PAGES, log);
        log = open(image, FOUR_PAGES);
        expectEnd(log, chain);
      }
      appendBoth(log, chain);
    }
    expectEnd(open(image, FOUR_PAGES), chain);
    // 34 of 303 places are void: more than the 32 that are allowed for, and still enough.
    expect(expectReads(log, chain, 1)).toBeGreaterThanOrEqual(JOURNAL_READABLE_ENTRIES);
  });

  test.each([32, 47])("leaves 256 readable when there are %i of them", (cuts) => {
    const image = blankImage(FOUR_PAGES);
    let log = open(image, FOUR_PAGES);
    const chain = new Chain();
    for (let i = 0; i < 4 * ENTRIES_A_PAGE; i++) appendBoth(log, chain);
    for (let i = 0; i < cuts; i++) {
      tearNext(image, FOUR_PAGES, log);
      log = open(image, FOUR_PAGES);
      appendBoth(log, chain);
    }
    // Until the page is given up in whose place the void ones are.
    for (let i = 0; i < 3 * ENTRIES_A_PAGE; i++) {
      appendBoth(log, chain);
      expect(log.read(log.counter() - JOURNAL_READABLE_ENTRIES + 1, 1).first).toBe(log.counter() - JOURNAL_READABLE_ENTRIES + 1);
    }
  });

  test("as often as there are places in the whole ring loses neither counter nor hash", () => {
    const image = blankImage(TINY);
    let log = open(image, TINY);
    const chain = new Chain();
    for (let i = 0; i < 7; i++) appendBoth(log, chain);
    for (let i = 0; i < 40; i++) {
      tearNext(image, TINY, log);
      log = open(image, TINY);
      expectEnd(log, chain);
    }
    for (let i = 0; i < 40; i++) {
      appendBoth(log, chain);
      expectEnd(open(image, TINY), chain);
      expectReads(open(image, TINY), chain, 1);
    }
  });
});

describe("a cut anywhere in an append", () => {
  const flash = new RecordedFlash(TINY, blankImage(TINY));
  const log = new SignatureLog(flash, nobleCrypto);
  const chain = new Chain();
  const starts: { image: FlashImage; operations: typeof flash.operations }[] = [];
  for (let i = 0; i < 24; i++) {
    const image = copyImage(flash.image);
    flash.restart();
    appendBoth(log, chain);
    starts.push({ image, operations: flash.operations });
  }

  function allCuts(image: FlashImage, operations: typeof flash.operations): FlashImage[] {
    const cuts = new FlashCuts(TINY, new SeededRandom(operations.length));
    const between = Array.from(cuts.between(image, operations), (cut) => copyImage(cut.image));
    return between.concat(
      Array.from(
        cuts.inside(image, operations, () => true),
        (cut) => copyImage(cut.image),
      ),
    );
  }

  /** The log goes on, for longer than its ring is. */
  function expectGoesOn(image: FlashImage, known: Chain): void {
    const reopened = open(image, TINY);
    const going = known.upTo(known.counter);
    for (let i = 0; i < 17; i++) appendBoth(reopened, going);
    expectEnd(open(image, TINY), going);
    expect(expectReads(open(image, TINY), going, 1)).toBeGreaterThanOrEqual(9);
  }

  test("leaves counter n or n + 1 and a chain that verifies, and a log that goes on", () => {
    let count = 0;
    for (const [n, { image, operations }] of starts.entries()) {
      const states = [chain.upTo(n), chain.upTo(n + 1)];
      for (const cut of allCuts(image, operations)) {
        count++;
        const reopened = open(cut, TINY);
        const state = states.find((one) => one.counter === reopened.counter());
        if (state === undefined) throw new Error(`counter ${reopened.counter()} after a cut in append ${n + 1}`);
        expectEnd(reopened, state);
        expect(expectReads(reopened, state, 1, 4)).toBeGreaterThanOrEqual(Math.min(n, 9));
        expectGoesOn(cut, state);
      }
    }
    expect(count).toBeGreaterThan(1500);
  });
});

describe("opening a log", () => {
  test("erases what is neither a page of it nor erased: it may be what the journal kept there once", () => {
    const image = blankImage(TINY);
    image.bytes.fill(0x5a, 300, 320);
    open(image, TINY);
    expect(image.bytes.every((byte) => byte === 0xff)).toBe(true);
  });

  test("of another layout version is refused, and leaves it as it is", () => {
    const image = blankImage(TINY);
    open(image, TINY).append(0x9c, ENTRY_SIGNATURE, digestOf(1));
    image.bytes.fill(0x5a, 300, 320);
    image.bytes[3] = 2;
    image.bytes.set(nobleCrypto.crc32(image.bytes.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
    const before = copyImage(image);
    expect(() => open(image, TINY)).toThrow(JournalError);
    expect(image).toEqual(before);
  });

  test("shows nothing of a page that does not lead to the next, nor of what is before it", () => {
    const image = blankImage(TINY);
    const log = open(image, TINY);
    const chain = new Chain();
    for (let i = 0; i < 14; i++) appendBoth(log, chain);
    const at = TINY.pageBytes + HEADER_BYTES + 3 * PLACE_BYTES + 9;
    image.bytes.fill((image.bytes[at] ?? 0) ^ 0x10, at, at + 1);
    expectEnd(open(image, TINY), chain);
    expect(open(image, TINY).read(1, 32).first).toBe(11);
    expectReads(open(image, TINY), chain, 1);
  });
});

test("wear: 1,000 signatures cost 10 erasures, evenly: four pages of 10,000 erasures last for more than 4 million", () => {
  const erasures = [0, 0, 0, 0];
  const image = blankImage(FOUR_PAGES);
  const flash = new RecordedFlash(FOUR_PAGES, image);
  const log = new SignatureLog(flash, nobleCrypto);
  for (let i = 0; i < 1000; i++) log.append(0x9c, ENTRY_SIGNATURE, digestOf(i));
  flash.restart();
  const appends = 40 * ENTRIES_A_PAGE;
  for (let i = 0; i < appends; i++) log.append(0x9c, ENTRY_SIGNATURE, digestOf(i));
  for (const one of flash.operations) if (one.kind === "erase") erasures[one.page] = (erasures[one.page] ?? 0) + 1;
  expect(erasures).toEqual([10, 10, 10, 10]);
  expect((10_000 / Math.max(...erasures)) * appends).toBe(4_040_000);
});

test.each([
  [4096, 4],
  [2048, 7],
  [1024, 13],
  [16384, 2],
  [131072, 2],
])("pages of %i bytes: the log needs %i", (pageBytes, pages) => {
  expect(logPages(pageBytes)).toBe(pages);
});

test("a digest is kept as 32 bytes: a longer one hashed, a shorter one with zeros before", () => {
  expect(Buffer.from(loggedDigest(nobleCrypto, digestOf(1)))).toEqual(Buffer.from(digestOf(1)));
  expect(Buffer.from(loggedDigest(nobleCrypto, new Uint8Array([1, 2])))).toEqual(Buffer.concat([Buffer.alloc(30), Buffer.of(1, 2)]));
  const long = new Uint8Array(48).fill(7);
  expect(Buffer.from(loggedDigest(nobleCrypto, long))).toEqual(createHash("sha256").update(long).digest());
});
