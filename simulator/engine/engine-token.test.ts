// What is said of an interpreter that cannot play a board, before anything is made; the interpreters here are scripts that answer as such ones do.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { PRESSED_AT_ONCE } from "../scripted-button.ts";
import { startSimulator } from "../simulator.ts";
import type { EngineProblem } from "./engine-error.ts";
import { type EngineTokenOptions, startEngineToken } from "./engine-token.ts";

const base = temporaryFolder();
let count = 0;

function write(path: string, content: string, mode = 0o600): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content, { mode });
  return path;
}

/** A script that prints this when it is probed, and that when it is to run a board's script. */
function interpreter(probed: string, run = ""): string {
  return write(
    join(base, `interpreter-${count++}`),
    `#!/bin/sh\n[ "$1" = probe.js ] && printf '%b' '${probed}' || printf '%b' '${run}'\n`,
    0o700,
  );
}

function boardFolder(): string {
  const folder = join(base, `board-${count++}`);
  const files = { "boot.js": "1;", "kernel.bin": "code" };
  const entries = Object.entries(files).map(([name, content]) => {
    write(join(folder, name), content);
    return [name, { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") }];
  });
  write(join(folder, "manifest.json"), JSON.stringify({ files: Object.fromEntries(entries) }));
  return folder;
}

const ABLE = "#espruino 2v29 abc\\r\\n#flat\\r\\n#narrow\\n#roomy\\n#runs\\n";

function options(over: Partial<EngineTokenOptions>): EngineTokenOptions {
  const name = String(count++);
  const place = { folder: join(base, name, "token"), socketPath: join(base, name, "run", "token.sock"), button: PRESSED_AT_ONCE };
  return { ...place, interpreter: interpreter(ABLE), boardFolder: boardFolder(), ...over };
}

test.each<[problem: EngineProblem, interpreter: () => string]>([
  ["not-found", () => join(base, "nothing")],
  ["not-espruino", () => interpreter("hello\\n")],
  ["no-flat-memory", () => interpreter("#espruino 2v29 abc\\n#narrow\\n#roomy\\n#runs\\n")],
  ["not-32-bit", () => interpreter("#espruino 2v29 abc\\n#flat\\n")],
  ["no-machine-code", () => interpreter("#espruino 2v29 abc\\n#flat\\n#narrow\\n#roomy\\n")],
  ["too-few-variables", () => interpreter("#espruino 2v29 abc\\n#flat\\n#narrow\\n#runs\\n")],
])("%s: nothing is made", async (problem, path) => {
  const wanted = options({ interpreter: path() });
  await expect(startEngineToken(wanted)).rejects.toMatchObject({ name: "EngineError", problem, detail: wanted.interpreter });
  expect(existsSync(wanted.folder)).toBe(false);
});

test("without a board's files, or with others than their manifest tells: nothing is made", async () => {
  const changed = boardFolder();
  writeFileSync(join(changed, "kernel.bin"), "other");
  for (const folder of [join(base, "no-board"), changed]) {
    const wanted = options({ boardFolder: folder });
    await expect(startEngineToken(wanted)).rejects.toMatchObject({ problem: "not-built", detail: folder });
    expect(existsSync(wanted.folder)).toBe(false);
  }
});

test("an interpreter that ends before it is ready: its last words are told, the folder is free, the flash its owner's alone", async () => {
  const wanted = options({ interpreter: interpreter(ABLE, "#light D8 1\\nUncaught Error: no memory\\n") });
  await expect(startEngineToken(wanted)).rejects.toMatchObject({ problem: "ended", detail: "Uncaught Error: no memory" });
  const files = readdirSync(wanted.folder);
  expect(files).not.toContain("lock");
  expect(files).not.toContain("engine.js");
  expect(statSync(join(wanted.folder, "espruino.flash")).mode & 0o777).toBe(0o600);
});

test("a token stays with what runs it: its keys are in that one's flash", async () => {
  const wanted = options({ interpreter: interpreter(ABLE) });
  await expect(startEngineToken(wanted)).rejects.toMatchObject({ problem: "ended" });
  const identity = readFileSync(join(wanted.folder, "device.json"), "utf8");
  await expect(startSimulator(wanted)).rejects.toMatchObject({ name: "EngineError", problem: "needs-engine" });
  expect(readFileSync(join(wanted.folder, "device.json"), "utf8")).toBe(identity);
  const other = options({});
  await (await startSimulator(other)).close();
  await expect(startEngineToken(other)).rejects.toMatchObject({ problem: "not-on-engine" });
});
