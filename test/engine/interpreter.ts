// The interpreter that ESPRUINO names, asked once a test file whether it can play a board; and the files that a Jolt.js gets.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { buildBoard, KERNEL_FILE, MANIFEST_FILE, outputFolder, SCRIPT_FILE, writeBoard } from "../../hardware/build-board.ts";
import type { BoardFiles } from "../../simulator/engine/board-files.ts";
import { EngineError } from "../../simulator/engine/engine-error.ts";
import { type Interpreter, probeInterpreter } from "../../simulator/engine/probe.ts";

export interface EngineAtHand extends Interpreter {
  readonly path: string;
}

async function atHand(): Promise<EngineAtHand | string> {
  const path = process.env["ESPRUINO"];
  if (path === undefined) return "ESPRUINO names no interpreter";
  try {
    return { path, ...(await probeInterpreter(path)) };
  } catch (error) {
    if (error instanceof EngineError) return `${path} cannot play a board (${error.problem})`;
    throw error;
  }
}

const found = await atHand();

/** null: there is none. */
export const engineAtHand = typeof found === "string" ? null : found;
/** For a title. */
export const withEngine =
  typeof found === "string" ? `skipped: ${found}; simulator/engine/README.md says how one is built` : `Espruino ${found.commit}`;

/** The very script and kernel of a Jolt.js. */
export async function joltJsFiles(): Promise<BoardFiles> {
  const { contents } = await buildBoard("jolt-js");
  return { boot: Buffer.from(contents[SCRIPT_FILE] ?? []).toString("latin1"), kernel: contents[KERNEL_FILE] ?? new Uint8Array() };
}

/** Where `sceau sim --engine` looks for them, made as `npm run build:board -- jolt-js` makes them. Left alone when it has them. */
export async function builtJoltJs(): Promise<string> {
  const folder = outputFolder("jolt-js");
  const build = await buildBoard("jolt-js");
  const path = join(folder, MANIFEST_FILE);
  const manifest = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
  if (!isDeepStrictEqual(manifest, build.manifest)) writeBoard(folder, build);
  return folder;
}
