// What `npm run build:board` made of the firmware for one board: the very files that a board is given, checked against their manifest.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EngineError } from "./engine-error.ts";

export interface BoardFiles {
  /** The script. */
  readonly boot: string;
  /** The machine code. */
  readonly kernel: Uint8Array;
}

interface Manifest {
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
}

/** @param folder such as dist/boards/jolt-js @throws EngineError `not-built` */
export function readBoardFiles(folder: string): BoardFiles {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
    const read = (name: string): Buffer => {
      const bytes = readFileSync(join(folder, name));
      if (createHash("sha256").update(bytes).digest("hex") !== manifest.files[name]?.sha256) throw new EngineError("not-built", folder);
      return bytes;
    };
    return { boot: read("boot.js").toString("latin1"), kernel: new Uint8Array(read("kernel.bin")) };
  } catch (error) {
    const isDamaged = error instanceof SyntaxError || error instanceof TypeError; // no JSON, or none of ours
    if (isDamaged || (error as NodeJS.ErrnoException).code === "ENOENT") throw new EngineError("not-built", folder);
    throw error;
  }
}
