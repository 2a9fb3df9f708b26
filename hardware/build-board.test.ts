// What a board is flashed with: the same bytes each time, or a refusal that says all that is missing.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { FIRMWARE_VERSION } from "../firmware/version.ts";
import { budgetsOf, MEMORY_BLOCKS } from "./board-budget.ts";
import { type Output, reportBoard } from "./board-report.ts";
import { BOARDS } from "./boards/boards.ts";
import { JOLT_JS } from "./boards/jolt-js/board.ts";
import type { Manifest } from "./build-board.ts";
import { sha256Of } from "./build-kernel.ts";
import { findForbidden } from "./espruino-subset.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "sceau-board-"));
const folderOf = (name: string): string => join(FOLDER, name);
const run = (...args: string[]): Promise<Output> => reportBoard(args, folderOf);
const filesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, sha256Of(readFileSync(join(folder, name)))]));

beforeEach(() => rmSync(FOLDER, { recursive: true, force: true }));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

test("Jolt.js: two builds are the same to the byte, and the manifest says what they are", async () => {
  const first = await run("jolt-js");
  expect(first).toMatchObject({ exitCode: 0, stderr: "" });
  const folder = folderOf("jolt-js");
  const files = filesIn(folder);
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const { "manifest.json": _itself, ...others } = files;
  expect(manifest).toMatchObject({ board: "jolt-js", model: "Sceau Jolt.js", interpreter: "JOLTJS", version: FIRMWARE_VERSION.join(".") });
  expect(Object.fromEntries(Object.entries(manifest.files).map(([name, { sha256 }]) => [name, sha256]))).toEqual(others);
  expect(Object.values(manifest.files).map(({ storage }) => storage)).toEqual([".bootcde", "sceau.kernel"]);
  for (const [name, { bytes, sha256 }] of Object.entries(manifest.files)) {
    expect(readFileSync(join(folder, name))).toHaveLength(bytes);
    expect(first.stdout).toContain(sha256);
  }
  writeFileSync(join(folder, "left-over.js"), "of an earlier build");
  expect(await run("jolt-js")).toEqual(first);
  expect(filesIn(folder)).toEqual(files);
  const script = readFileSync(join(folder, "boot.js"), "utf8");
  expect(script).toMatch(/^[\n\x20-\x7e]+$/);
  expect(findForbidden(script)).toEqual([]);
});

describe("a board that it does not fit", () => {
  test("is told all that is missing at once, and what an earlier build left is gone", async () => {
    const report = await run("jolt-js", "--json");
    expect(JSON.parse(report.stdout)).toMatchObject({ fits: true, folder: folderOf("jolt-js"), manifest: { board: "jolt-js" } });
    const { exitCode, stdout, stderr } = await reportBoard(["pico"], () => folderOf("jolt-js"));
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^flash pages +5 +0 +5 .*131072 bytes: .*64 KB at the most/m);
    expect(stderr).toMatch(/^pico: does not fit\. Missing: [\d,]+ bytes \(storage\); 5 pages of 65536 bytes .*Nothing was written\.\n$/);
    expect(existsSync(folderOf("jolt-js"))).toBe(false);
  });

  test("in JSON, too", async () => {
    const { exitCode, stdout } = await run("espruino-wifi", "--json");
    expect(exitCode).toBe(1);
    const { fits, folder, budgets } = JSON.parse(stdout);
    expect([fits, folder]).toEqual([false, null]);
    expect(budgets).toContainEqual({ what: "flash pages", unit: "pages of 16384 bytes", needed: 5, there: 3, missing: 2, remark: "" });
    expect(existsSync(folderOf("espruino-wifi"))).toBe(false);
  });

  const target = { board: JOLT_JS, storageBytes: 1072, blocks: 100_000 };
  const missing = (fileBytes: readonly number[], changed: Partial<typeof target>): number[] =>
    budgetsOf({ ...target, ...changed }, fileBytes).map((budget) => budget.missing);

  test("storage: each file with its header, in words; and the serial number's", () => {
    expect(missing([957, 4], {})).toEqual([0, 0, 0]); // 32 + 960, 32 + 4, 32 + 12
    expect(missing([961, 4], {})).toEqual([4, 0, 0]);
    expect(missing([957, 5], {})).toEqual([4, 0, 0]);
  });

  test("pages: as many as the firmware wants of such", () => {
    const flash = (pages: number, pageBytes: number): Partial<typeof target> => ({
      board: { ...JOLT_JS, flash: { address: 0, pageBytes, pages } },
    });
    expect(missing([4, 4], flash(5, 16_384))).toEqual([0, 0, 0]);
    expect(missing([4, 4], flash(6, 4096))).toEqual([0, 1, 0]);
    expect(missing([4, 4], flash(9, 131_072))).toEqual([0, 5, 0]);
  });

  test("memory", () => {
    const needed = MEMORY_BLOCKS.worst + MEMORY_BLOCKS.otherChannels;
    expect(missing([4, 4], { blocks: needed })).toEqual([0, 0, 0]);
    expect(missing([4, 4], { blocks: needed - 1 })).toEqual([0, 0, 1]);
  });
});

describe("a board without randomness is refused", () => {
  const refused = Object.entries(BOARDS).flatMap(([name, target]) => ("noise" in target ? [name] : []));

  test("ESP32 and its like", () => expect(refused).toEqual(["esp32", "esp8266", "nrf54l15-dk", "raspberry-pi-pico"]));

  test.each(refused)("%s", async (name) => {
    const { exitCode, stdout, stderr } = await run(name);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^\S+ is refused: its E\.hwRand\(\) is .*: keys made there could be guessed\n$/);
    expect(existsSync(folderOf(name))).toBe(false);
  });
});

test.each([["nowhere"], ["toString"]])("%s: no such board, and which there are", async (name) => {
  const { exitCode, stderr } = await run(name);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`${name}: no such board. There are: jolt-js, pico, espruino-wifi, esp32,`);
});

test("how it is called", async () => {
  expect(await run("--help")).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("npm run build:board -- BOARD") });
  for (const args of [[], ["jolt-js", "pico"], ["jolt-js", "--jsno"]]) {
    expect(await run(...args)).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining("BOARD is jolt-js."),
    });
  }
});
