import { describe, expect, test } from "vitest";
import { blankImage, type FlashGeometry, ModelledFlash } from "../simulator/modelled-flash.ts";
import { TestToken } from "../test/firmware/test-token.ts";
import { JournalError } from "./flash-geometry.ts";
import { splitFlash } from "./flash-regions.ts";

function flashOf(pageCount: number, pageBytes = 4096): ModelledFlash {
  const geometry: FlashGeometry = { pageCount, pageBytes, wordBytes: 4, writesPerWord: 2 };
  return new ModelledFlash(geometry, blankImage(geometry), () => {});
}

describe("the flash is divided:", () => {
  test.each([
    [8, 4096, 4, 4],
    [16, 4096, 12, 4],
    [7, 4096, 3, 4],
    [5, 16384, 3, 2],
    [16, 1024, 3, 13],
  ])("%i pages of %i bytes: %i for the journal, the last %i for the signature log", (pageCount, pageBytes, journal, log) => {
    const flash = flashOf(pageCount, pageBytes);
    const regions = splitFlash(flash);
    expect(regions.journal.pages).toEqual(flash.pages.slice(0, journal));
    expect(regions.log.pages).toEqual(flash.pages.slice(journal));
    expect(regions.log.pages.length).toBe(log);
  });

  test("reading and programming by the flash's addresses, erasing by the region's page", () => {
    const flash = flashOf(8);
    const { log } = splitFlash(flash);
    const address = log.pages[1]?.address ?? 0;
    expect(address).toBe(5 * 4096);
    log.program(address, new Uint8Array([1, 2, 3, 4]));
    expect(flash.read(address, 4)).toEqual(new Uint8Array([1, 2, 3, 4]));
    log.erase(0);
    expect(log.read(address, 4)).toEqual(new Uint8Array([1, 2, 3, 4]));
    log.erase(1);
    expect(flash.read(address, 4)).toEqual(new Uint8Array(4).fill(0xff));
  });

  test.each([
    [6, 4096, "7 pages"],
    [4, 131072, "5 pages"],
  ])("%i pages of %i bytes are refused", (pageCount, pageBytes, needed) => {
    let error: unknown = null;
    try {
      splitFlash(flashOf(pageCount, pageBytes));
    } catch (cause) {
      error = cause;
    }
    if (!(error instanceof JournalError)) throw new Error("not refused");
    expect(error.message).toContain(pageBytes > 65536 ? "64 KB" : needed);
  });

  test("a token on seven pages works, one on six does not", () => {
    expect(new TestToken({ geometry: { pageCount: 7, pageBytes: 4096, wordBytes: 4, writesPerWord: 2 } }).initialise()).toBeDefined();
    expect(() => new TestToken({ geometry: { pageCount: 6, pageBytes: 4096, wordBytes: 4, writesPerWord: 2 } })).toThrow(JournalError);
  });
});
