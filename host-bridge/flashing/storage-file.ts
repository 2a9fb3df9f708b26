// A file in an Espruino board's Storage: written piece by piece, read back and compared byte by byte.

import type { BoardConsole } from "./board-console.ts";
import type { BoardFile } from "./board-package.ts";
import { FlashingError } from "./flashing-error.ts";

/** 1,024 characters of base64: a line that the smallest board takes. A multiple of the flash's word. */
const PIECE_BYTES = 768;
/** Well below the 4 KB that a terminal of the kernel keeps. */
const READ_BYTES = 1536;
/** The first piece makes room: pages are erased, maybe the whole storage is compacted. */
const MAKE_ROOM_LIMIT_MS = 60_000;
const STORAGE = 'require("Storage")';

/** How many bytes more were written or read back. */
export type Progress = (bytes: number) => void;

/** Written a piece at a time; a file that exists is replaced. @throws FlashingError `refused`, `interrupted` */
export async function writeStorageFile(console: BoardConsole, { storage, bytes }: BoardFile, progress: Progress): Promise<void> {
  const name = JSON.stringify(storage);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const piece = bytes.subarray(at, at + PIECE_BYTES);
    const base64 = Buffer.from(piece).toString("base64");
    const limitMs = at === 0 ? MAKE_ROOM_LIMIT_MS : undefined;
    const isWritten = await console.evaluate(`${STORAGE}.write(${name},atob("${base64}"),${at},${bytes.length})`, limitMs);
    if (isWritten !== true) throw new FlashingError("refused", `${storage} is not written`);
    progress(piece.length);
  }
}

/** @throws FlashingError `verification`, `interrupted` */
export async function verifyStorageFile(console: BoardConsole, { storage, bytes }: BoardFile, progress: Progress): Promise<void> {
  const name = JSON.stringify(storage);
  // One byte more than there should be: a longer file is another one.
  for (let at = 0; at < bytes.length; at += READ_BYTES) {
    const piece = bytes.subarray(at, at + READ_BYTES);
    const isLast = at + READ_BYTES >= bytes.length;
    const read = await console.evaluate(`btoa(${STORAGE}.read(${name},${at},${piece.length + (isLast ? 1 : 0)})||"")`);
    if (typeof read !== "string" || !Buffer.from(read, "base64").equals(piece)) throw new FlashingError("verification", storage);
    progress(piece.length);
  }
}

export async function eraseStorageFile(console: BoardConsole, storage: string): Promise<void> {
  await console.evaluate(`(${STORAGE}.erase(${JSON.stringify(storage)}),0)`, MAKE_ROOM_LIMIT_MS);
}
