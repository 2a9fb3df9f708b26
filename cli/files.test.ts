// Outputs: whole or not at all, and never over another file.

import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../test/support/temporary-folder.ts";
import { checkOutput, ReservedOutput, withOutput, writeOutput } from "./files.ts";

const base = temporaryFolder();
let count = 0;

function folder(): string {
  const path = join(base, String(count++));
  mkdirSync(path);
  return path;
}

test("an output appears when it is filled, and nothing else is left", () => {
  const place = folder();
  const output = new ReservedOutput(join(place, "new", "out.pdf"));
  expect(() => readFileSync(join(place, "new", "out.pdf"))).toThrow(/ENOENT/);
  output.fill("whole");
  expect(readdirSync(join(place, "new"))).toEqual(["out.pdf"]);
  expect(readFileSync(join(place, "new", "out.pdf"), "utf8")).toBe("whole");
});

test("a reservation that is not filled leaves nothing behind", async () => {
  const place = folder();
  checkOutput(join(place, "out.pdf"));
  await expect(withOutput(join(place, "out.pdf"), () => Promise.reject(new Error("refused")))).rejects.toThrow("refused");
  expect(readdirSync(place)).toEqual([]);
});

test("what has taken the name meanwhile is left alone", () => {
  const path = join(folder(), "out.pdf");
  const output = new ReservedOutput(path);
  writeFileSync(path, "mine");
  expect(() => output.fill("other")).toThrow(/output-exists/);
  expect(readFileSync(path, "utf8")).toBe("mine");
});

test("a name that is taken, or cannot be written, is refused at once", () => {
  const place = folder();
  const taken = join(place, "taken");
  writeFileSync(taken, "mine");
  symlinkSync(join(place, "nowhere"), join(place, "link"));
  expect(() => checkOutput(taken)).toThrow(/output-exists/);
  expect(() => checkOutput(join(place, "link"))).toThrow(/output-exists/);
  for (const path of [join(taken, "below"), `${place}/new/`, join(place, "x".repeat(300)), ""]) {
    expect(() => checkOutput(path), path).toThrow(/not-writable/);
  }
  expect(() => writeOutput(join(taken, "below"), "")).toThrow(/not-writable/);
  expect(readdirSync(place).sort()).toEqual(["link", "taken"]);
});
