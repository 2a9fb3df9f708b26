// The flash of a simulated token as a file: replaced as a whole after every change, so that a killed simulator leaves the flash as it
// was before or after one operation, as a cut of the power does. (A crash of the whole machine may lose the last operations: no fsync.)

import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { blankImage, type FlashGeometry, type FlashImage } from "./modelled-flash.ts";

const MAGIC = Buffer.from("sceau flash 1\n", "ascii");

/** The file is not a flash of this geometry. */
export class FlashFileError extends Error {
  override readonly name = "FlashFileError";
}

/** @returns a blank flash when there is no file */
export function loadFlashFile(path: string, geometry: FlashGeometry): FlashImage {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return blankImage(geometry);
    throw error;
  }
  const blank = blankImage(geometry);
  const dataEnd = MAGIC.length + blank.bytes.length;
  const sound = file.subarray(0, MAGIC.length).equals(MAGIC) && file.length === dataEnd + blank.writes.length;
  if (!sound) throw new FlashFileError(`${path} is not the flash of a simulated token of ${blank.bytes.length} bytes`);
  return { bytes: new Uint8Array(file.subarray(MAGIC.length, dataEnd)), writes: new Uint8Array(file.subarray(dataEnd)) };
}

/** Mode 0600: the file holds private keys. */
export function saveFlashFile(path: string, image: FlashImage): void {
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true }); // one that a killed simulator left may have another mode
  const file = openSync(fresh, "wx", 0o600);
  try {
    writeFileSync(file, Buffer.concat([MAGIC, image.bytes, image.writes]));
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
}
