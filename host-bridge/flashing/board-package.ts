// What `npm run build:board` made for one board: a manifest, and files whose sums it tells.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BOOT_FILE } from "../../protocol/storage-names.ts";
import { FlashingError } from "./flashing-error.ts";

const MANIFEST = z.object({
  board: z.string(),
  model: z.string(),
  /** What `process.env.BOARD` is there. */
  interpreter: z.string(),
  /** The token's own pages. */
  flash: z.object({ address: z.int().nonnegative(), pageBytes: z.int().positive(), pages: z.int().positive() }),
  files: z.record(z.string(), z.object({ storage: z.string().max(28), bytes: z.int().positive(), sha256: z.string() })),
});

/**
 * A script that is one call of one function, behind a first line that does nothing until the script's end is there (hardware/first-line.ts): of its
 * first part alone the interpreter runs nothing, because the function does not end. So an upload that was broken off does no harm.
 */
const ONE_CALL = /^(if\([^\n]*\n)?\((\(\)=>|function ?\(\) ?)\{/;

export interface BoardFile {
  /** Its name in the interpreter's storage. */
  readonly storage: string;
  readonly bytes: Uint8Array;
}

export type BoardPackage = Omit<z.infer<typeof MANIFEST>, "files"> & { readonly files: readonly BoardFile[] };

/**
 * @param folder such as dist/boards/jolt-js
 * @throws FlashingError `not-built`, `damaged-files`
 */
export function readBoardPackage(folder: string, board: string): BoardPackage {
  let text: string;
  try {
    text = readFileSync(join(folder, "manifest.json"), "utf8");
  } catch (cause) {
    throw new FlashingError("not-built", board, { cause });
  }
  const manifest = manifestIn(text);
  const files = Object.entries(manifest.files).map(([name, told]) => {
    const bytes = readIfThere(join(folder, name));
    const isWhole = bytes?.length === told.bytes && createHash("sha256").update(bytes).digest("hex") === told.sha256;
    if (!isWhole || (told.storage === BOOT_FILE && !ONE_CALL.test(bytes.toString("latin1"))))
      throw new FlashingError("damaged-files", name);
    return { storage: told.storage, bytes: new Uint8Array(bytes) };
  });
  return { ...manifest, files };
}

function manifestIn(text: string): z.infer<typeof MANIFEST> {
  try {
    return MANIFEST.parse(JSON.parse(text));
  } catch (cause) {
    throw new FlashingError("damaged-files", "manifest.json", { cause });
  }
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null; // its sum is wrong then, too
  }
}
