// The flash of a simulated token as a file.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { FlashFileError, loadFlashFile, saveFlashFile } from "./flash-file.ts";
import { blankImage, type FlashGeometry, ModelledFlash } from "./modelled-flash.ts";

const SMALL: FlashGeometry = { pageCount: 2, pageBytes: 64, wordBytes: 4, writesPerWord: 2 };
const MAGIC = "sceau flash 1\n";

const folder = temporaryFolder();
let files = 0;
const path = (): string => join(folder, `flash-${files++}.bin`);
const mode = (file: string): number => statSync(file).mode & 0o777;

test("without a file the flash is blank, and no file is made", () => {
  const file = path();
  expect(loadFlashFile(file, SMALL)).toEqual(blankImage(SMALL));
  expect(existsSync(file)).toBe(false);
});

describe("a saved flash", () => {
  test("comes back with its bytes, and with how often each word was programmed", () => {
    const file = path();
    const flash = new ModelledFlash(SMALL, blankImage(SMALL), (image) => saveFlashFile(file, image));
    flash.program(64, Uint8Array.of(1, 2, 3, 4));
    flash.program(64, Uint8Array.of(1, 2, 3, 0));
    const loaded = loadFlashFile(file, SMALL);
    expect(loaded).toEqual(flash.image);
    const again = new ModelledFlash(SMALL, loaded, () => {});
    expect(() => again.program(64, Uint8Array.of(0, 0, 0, 0))).toThrow(/3 times/);
  });

  test("shares no memory with what was loaded before", () => {
    const file = path();
    saveFlashFile(file, blankImage(SMALL));
    const loaded = loadFlashFile(file, SMALL);
    loaded.bytes.fill(0);
    expect(loadFlashFile(file, SMALL)).toEqual(blankImage(SMALL));
  });

  test("is its owner's alone, even when another file stands where it is written", () => {
    const file = path();
    saveFlashFile(file, blankImage(SMALL));
    expect(mode(file)).toBe(0o600);
    const open = path();
    writeFileSync(`${open}.new`, "left behind", { mode: 0o644 });
    saveFlashFile(open, blankImage(SMALL));
    expect(mode(open)).toBe(0o600);
  });

  test("replaces the one before as a whole: whoever has that open still reads it, and nothing else is left", () => {
    const file = path();
    saveFlashFile(file, blankImage(SMALL));
    const before = statSync(file).ino;
    saveFlashFile(file, { ...blankImage(SMALL), bytes: new Uint8Array(128) });
    expect(statSync(file).ino).not.toBe(before);
    expect(readdirSync(folder).filter((name) => name.startsWith(file.slice(folder.length + 1)))).toHaveLength(1);
  });

  test("stays as it was when the new one cannot be written", () => {
    const file = path();
    saveFlashFile(file, blankImage(SMALL));
    const before = readFileSync(file);
    expect(() => saveFlashFile(join(file, "below"), blankImage(SMALL))).toThrow();
    expect(readFileSync(file)).toEqual(before);
  });
});

describe("refused is", () => {
  const size = 128 + 32;

  test.each([
    ["an empty file", ""],
    ["another kind of file", "%PDF-1.7"],
    ["a file with another version", `sceau flash 2\n${"x".repeat(size)}`],
    ["a file that is a byte short", MAGIC + "x".repeat(size - 1)],
    ["a file that is a byte long", MAGIC + "x".repeat(size + 1)],
    ["nothing but the head", MAGIC],
  ])("%s", (_, content) => {
    const file = path();
    writeFileSync(file, content);
    expect(() => loadFlashFile(file, SMALL)).toThrow(FlashFileError);
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  test("the flash of another geometry", () => {
    const file = path();
    saveFlashFile(file, blankImage(SMALL));
    expect(() => loadFlashFile(file, { ...SMALL, pageCount: 4 })).toThrow(/not the flash of a simulated token of 256 bytes/);
  });

  test("what cannot be read, as the system's own error", () => {
    expect(() => loadFlashFile(folder, SMALL)).toThrow(/EISDIR/);
  });
});
