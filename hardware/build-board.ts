// Makes what a board is flashed with: its script and the kernel, with a manifest that says what they are.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Board } from "../firmware/espruino/board.ts";
import { KERNEL_BASE64, KERNEL_SHA256 } from "../firmware/p256/kernel-blob.ts";
import { FIRMWARE_VERSION } from "../firmware/version.ts";
import { BOOT_FILE, KERNEL_FILE as STORED_KERNEL_FILE } from "../protocol/storage-names.ts";
import { type Budget, budgetsOf } from "./board-budget.ts";
import { BOARDS, REFUSALS, type Target } from "./boards/boards.ts";
import { sha256Of } from "./build-kernel.ts";
import { BundleError, bundleFirmware, CHECKOUT } from "./bundle-firmware.ts";
import { findForbidden } from "./espruino-subset.ts";
import { firstLine, LAST_WORDS } from "./first-line.ts";

/** A file of the interpreter's Storage. */
export interface BoardFile {
  /** What it is called there. */
  readonly storage: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** manifest.json */
export interface Manifest {
  readonly board: string;
  /** As the token tells it in its device information. */
  readonly model: string;
  /** process.env.BOARD of the interpreter that it was made for. */
  readonly interpreter: string;
  /** The token's own pages, which have to be free there. */
  readonly flash: Board["flash"];
  readonly version: string;
  readonly files: { readonly [name: string]: BoardFile };
}

export interface BoardBuild {
  readonly manifest: Manifest;
  /** By the names of the manifest. */
  readonly contents: { readonly [name: string]: Uint8Array };
  readonly budgets: readonly Budget[];
}

/** There is no such board, and which ones there are. */
export class UnknownBoardError extends Error {
  override readonly name = "UnknownBoardError";
}

export const SCRIPT_FILE = "boot.js";
export const KERNEL_FILE = "kernel.bin";
export const MANIFEST_FILE = "manifest.json";

/** What each file is called in the interpreter's Storage: `.bootcde` runs at power-on. */
const STORAGE_NAMES: { readonly [name: string]: string } = { [SCRIPT_FILE]: BOOT_FILE, [KERNEL_FILE]: STORED_KERNEL_FILE };

export const outputFolder = (name: string): string => join(CHECKOUT, "dist", "boards", name);

/** @throws UnknownBoardError; BundleError when the board is refused whatever room it has */
function targetOf(name: string): Target {
  const target = Object.hasOwn(BOARDS, name) ? BOARDS[name] : undefined;
  if (target === undefined) throw new UnknownBoardError(`${name}: no such board. There are: ${Object.keys(BOARDS).join(", ")}`);
  if ("noise" in target) throw new BundleError(`${name} is refused: ${REFUSALS[target.noise]}`);
  return target;
}

/** The same bytes each time. What does not fit is told in the budgets. @throws UnknownBoardError, BundleError */
export async function buildBoard(name: string): Promise<BoardBuild> {
  const target = targetOf(name);
  const bundle = await bundleFirmware(`import "./hardware/boards/${name}/entry.ts";`, "short");
  const code = `${firstLine(target.board, BOOT_FILE)}${bundle.code.trimEnd()}${LAST_WORDS}`;
  const findings = findForbidden(code);
  if (findings.length > 0) throw new BundleError(findings.map(({ rule, excerpt }) => `${rule}: ${excerpt}`).join("\n"));
  const kernel = new Uint8Array(Buffer.from(KERNEL_BASE64, "base64"));
  if (sha256Of(kernel) !== KERNEL_SHA256) throw new BundleError("firmware/p256/kernel-blob.ts: the bytes are not those of its SHA-256");
  const contents = { [SCRIPT_FILE]: new TextEncoder().encode(code), [KERNEL_FILE]: kernel };
  const files = Object.fromEntries(
    Object.entries(contents).map(([file, bytes]) => [
      file,
      { storage: STORAGE_NAMES[file] ?? file, bytes: bytes.length, sha256: sha256Of(bytes) },
    ]),
  );
  const { model, interpreter, flash } = target.board;
  const manifest = { board: name, model, interpreter, flash, version: FIRMWARE_VERSION.join("."), files };
  const fileBytes = Object.values(contents).map((bytes) => bytes.length);
  return { manifest, contents, budgets: budgetsOf(target, fileBytes) };
}

/** Removes what an earlier build left, so that nobody flashes it for this one. */
export const discardBoard = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** The manifest comes last: without it the folder is none to flash. */
export function writeBoard(folder: string, { manifest, contents }: BoardBuild): void {
  discardBoard(folder);
  mkdirSync(folder, { recursive: true });
  for (const [file, bytes] of Object.entries(contents)) writeFileSync(join(folder, file), bytes);
  writeFileSync(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}
