import { createHash, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseOneTlv } from "../protocol/ber-tlv.ts";
import { hexToBytes } from "../protocol/bytes.ts";
import { ALG_AES_256, TAG_DATA, TAG_RESPONSE } from "../protocol/piv.ts";
import { SW_OK, SW_TRIES_LEFT } from "../protocol/status-words.ts";
import { type FlashGeometry, type FlashImage, ModelledFlash } from "../simulator/modelled-flash.ts";
import { nobleCrypto } from "../simulator/noble-crypto.ts";
import { ASK_TRIES, authField, DIGEST, getData, signCommand, verifyPin } from "../test/firmware/card-commands.ts";
import { copyImage, TestToken } from "../test/firmware/test-token.ts";
import { FlashCuts } from "../test/power-cuts/flash-cuts.ts";
import { RecordedFlash } from "../test/power-cuts/recorded-flash.ts";
import { publicKeyOf } from "../test/support/ec-keys.ts";
import { SeededRandom } from "../test/support/seeded-random.ts";
import { JournalError } from "./flash-geometry.ts";
import { splitFlash } from "./flash-regions.ts";
import { Journal } from "./journal.ts";
import { ID_OBJECT } from "./journal-ids.ts";

/** A flash of layout 1. */
interface Former {
  readonly name: string;
  readonly pageCount: number;
  readonly pageBytes: number;
  readonly triesLeft: number;
  /** Public points by slot, in hexadecimal. */
  readonly keys: Readonly<Record<string, string>>;
  /** SHA-256 of the contents by tag. */
  readonly objects: Readonly<Record<string, string>>;
  /** Base64 of the deflated bytes and writes. */
  readonly flash: string;
}

interface Layout1 {
  readonly pin: string;
  readonly managementKey: string;
  readonly images: readonly [Former, Former, Former, Former];
}

const layout1 = JSON.parse(readFileSync(new URL("../test/firmware/layout-1-flash.json", import.meta.url), "utf8")) as Layout1;

const [YOUNG, ALL_AROUND, CUT, TOO_FULL] = layout1.images;

function geometryOf(former: Former): FlashGeometry {
  return { pageCount: former.pageCount, pageBytes: former.pageBytes, wordBytes: 4, writesPerWord: 2 };
}

function imageOf(former: Former): FlashImage {
  const all = new Uint8Array(inflateRawSync(Buffer.from(former.flash, "base64")));
  const end = former.pageCount * former.pageBytes;
  return { bytes: all.slice(0, end), writes: all.slice(end) };
}

function tokenOn(former: Former, image: FlashImage): TestToken {
  return new TestToken({ geometry: geometryOf(former), image });
}

/** Opens the journal as a card does. */
function openOn(flash: ModelledFlash): Journal {
  return new Journal(flash, nobleCrypto.crc32, splitFlash(flash).journal.pages.length);
}

function open(former: Former, image: FlashImage): Journal {
  return openOn(new ModelledFlash(geometryOf(former), image, () => {}));
}

/** All values, as text that compares. */
function contents(journal: Journal): string {
  const ids = journal.ids().sort((a, b) => a - b);
  return JSON.stringify(ids.map((id) => [id, Buffer.from(journal.read(id) ?? []).toString("hex")]));
}

/** "SCJ" and the version of each page that begins so, by page. */
function versions(former: Former, image: FlashImage): (number | null)[] {
  return Array.from({ length: former.pageCount }, (_, page) => {
    const start = image.bytes.subarray(page * former.pageBytes, page * former.pageBytes + 12);
    const sound = Buffer.compare(nobleCrypto.crc32(start.subarray(0, 8)), start.subarray(8)) === 0;
    return sound && start[0] === 0x53 && start[1] === 0x43 ? (start[3] ?? 0) : null;
  });
}

function expectAllThere(former: Former, token: TestToken): void {
  expect(token.sw(ASK_TRIES)).toBe(SW_TRIES_LEFT + former.triesLeft);
  for (const [tag, digest] of Object.entries(former.objects)) {
    const content = parseOneTlv(token.data(getData(Number.parseInt(tag, 16))), TAG_DATA);
    expect(createHash("sha256").update(content).digest("hex")).toBe(digest);
  }
  token.authenticate(ALG_AES_256, hexToBytes(layout1.managementKey));
  for (const [slot, point] of Object.entries(former.keys)) {
    expect(token.sw(verifyPin(layout1.pin))).toBe(SW_OK);
    const signature = authField(token.data(signCommand(Number.parseInt(slot, 16))), TAG_RESPONSE);
    const key = publicKeyOf(hexToBytes(point));
    expect(verifyDigest(key, signature)).toBe(true);
  }
}

/** The tests' digest is that of "a document". */
function verifyDigest(key: ReturnType<typeof publicKeyOf>, signature: Uint8Array): boolean {
  expect(Buffer.from(DIGEST)).toEqual(createHash("sha256").update("a document").digest());
  return verify("sha256", Buffer.from("a document"), key, signature);
}

describe.each([YOUNG, ALL_AROUND, CUT])("a flash of layout 1 ($name)", (former) => {
  const before = imageOf(former);

  test("is one", () => {
    expect(versions(former, before)).toContain(1);
    expect(versions(former, before)).not.toContain(2);
  });

  test("opens with PIN, keys, management key and objects", () => {
    expectAllThere(former, tokenOn(former, copyImage(before)));
  });

  test("has layout 2 in its own pages afterwards, one of them free, and nothing in the log's", () => {
    const image = copyImage(before);
    open(former, image);
    const own = former.pageCount - 4;
    const found = versions(former, image);
    expect(found).not.toContain(1);
    expect(found.slice(0, own).filter((version) => version === 2).length).toBeLessThan(own);
    expect(image.bytes.subarray(own * former.pageBytes).every((byte) => byte === 0xff)).toBe(true);
  });

  test("is still all there after reopening, and when the signature log has been written all around", () => {
    const token = tokenOn(former, copyImage(before));
    token.data(verifyPin(layout1.pin));
    for (let i = 0; i < 500; i++) token.token.card.log.append(0x9a, 1, DIGEST);
    const reopened = token.reopened();
    expect(reopened.token.card.log.counter()).toBe(500);
    expectAllThere({ ...former, triesLeft: 3 }, reopened);
  });
});

test("the records of the flash in use all around lay in what is now the log's", () => {
  const image = imageOf(ALL_AROUND);
  expect(versions(ALL_AROUND, image).slice(4)).toEqual([1, 1, null, 1]);
  const certificate = open(ALL_AROUND, copyImage(image)).read(ID_OBJECT | 0x05);
  expect(Buffer.from(image.bytes).lastIndexOf(Buffer.from(certificate ?? [0]))).toBeGreaterThan(4 * 4096);
});

test("a flash with more than the journal's pages can hold is refused, and left as it is", () => {
  const image = imageOf(TOO_FULL);
  const before = copyImage(image);
  let error: unknown = null;
  try {
    open(TOO_FULL, image);
  } catch (cause) {
    error = cause;
  }
  if (!(error instanceof JournalError)) throw new Error("not refused");
  expect(error.message).toMatch(/older firmware.*does not fit/);
  expect(image).toEqual(before);
  expect(() => tokenOn(TOO_FULL, image)).toThrow(JournalError);
});

describe.each([YOUNG, ALL_AROUND, CUT])("a cut while a flash of layout 1 is migrated ($name)", { timeout: 120_000 }, (former) => {
  const start = imageOf(former);
  const flash = new RecordedFlash(geometryOf(former), copyImage(start));
  const whole = contents(openOn(flash));
  const operations = flash.operations;
  const cuts = (seed: number) => new FlashCuts(geometryOf(former), new SeededRandom(seed));

  function expectGoesOn(image: FlashImage): void {
    const copy = copyImage(image);
    expect(contents(open(former, copy))).toBe(whole);
    expect(versions(former, copy)).not.toContain(1);
    expect(contents(open(former, copy))).toBe(whole);
  }

  test("between any two flash operations: the next opening goes on, and nothing is lost", () => {
    let count = 0;
    for (const cut of cuts(1).between(start, operations)) {
      expectGoesOn(cut.image);
      count++;
    }
    expect(count).toBe(operations.length + 1);
    expect(count).toBeGreaterThan(5);
  });

  test("inside any of them, in every 15th word: likewise", () => {
    const random = new SeededRandom(7);
    let count = 0;
    for (const cut of cuts(2).inside(start, operations, () => random.below(15) === 0)) {
      expectGoesOn(cut.image);
      count++;
    }
    expect(count).toBeGreaterThan(50);
  });

  test("inside every erasure, and in the first and the last words of every programming: likewise", () => {
    for (const cut of cuts(3).inside(start, operations, () => true)) {
      const operation = operations[cut.operation];
      const words = operation?.kind === "program" ? operation.bytes.length / 4 : 0;
      if (cut.word < 3 || cut.word >= words - 2) expectGoesOn(cut.image);
    }
  });

  /** One of the flashes that a cut in the next opening may leave; as it is when nothing is left to do. */
  function cutAtRandom(image: FlashImage, random: SeededRandom): FlashImage {
    const recorded = new RecordedFlash(geometryOf(former), copyImage(image));
    expect(contents(openOn(recorded))).toBe(whole);
    let kept = image;
    for (const cut of cuts(random.below(1000)).inside(image, recorded.operations, () => random.below(40) === 0)) {
      kept = copyImage(cut.image);
      if (random.below(30) === 0) break;
    }
    return kept;
  }

  test("again and again: it still comes to its end", () => {
    const random = new SeededRandom(11);
    for (let run = 0; run < 25; run++) {
      let image = copyImage(start);
      for (let i = 0; i < 12; i++) image = cutAtRandom(image, random);
      expectGoesOn(image);
    }
  });
});
