// New files that are on the disk before anybody is told of them (fsync(2)): a cut of power leaves no empty one under a name that counts.

import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** What was made, renamed or removed in a folder is on the disk. */
export const syncFolder = sync;

/** Mode 0600. The folder itself is not synced. @throws EEXIST */
export function writeNewFile(path: string, content: string | Uint8Array): void {
  const descriptor = openSync(path, "wx", 0o600);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same, with its name in the folder. */
export function writeLastingFile(path: string, content: string | Uint8Array): void {
  writeNewFile(path, content);
  sync(dirname(path));
}

/** Writes a file whole under a name that nobody has taken yet; whoever else did so at the same time, did it first. */
export function writeOnce(path: string, content: string): void {
  const fresh = `${path}.${randomBytes(4).toString("hex")}`;
  writeNewFile(fresh, content);
  try {
    linkSync(fresh, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  syncFolder(dirname(path));
}
