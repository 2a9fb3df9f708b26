// One process at a time in a folder: PGlite has no locks of its own, and two writers would destroy its files.
//
// The lock is an abstract unix socket (Linux, unix(7)): the kernel frees it when the process ends, however it ends, so there is no stale
// lock. It reaches as far as a network namespace: two containers that share a folder do not see each other.

import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { createServer, type Server } from "node:net";

/** Another process has the folder. */
export class FolderInUseError extends Error {
  override readonly name = "FolderInUseError";
}

export interface FolderLock {
  release(): Promise<void>;
}

/** @throws FolderInUseError */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const digest = createHash("sha256").update(realpathSync(folder)).digest("hex");
  const server: Server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new FolderInUseError(folder, { cause: error }) : error);
    });
    server.listen(`\0sceau-office-${digest}`, resolve);
  });
  server.unref(); // the lock alone keeps no process alive
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}
