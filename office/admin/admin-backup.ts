// What `sceau office backup` asks of the running server: the lines of a backup, as a stream.

import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { FastifyInstance } from "fastify";
import { type BackupPlaces, writeBackup } from "../backup/backup-lines.ts";
import type { Store } from "../store/store.ts";

/** A reader that takes nothing for so long has stopped, or is stopped: in a folder's store the whole office waits for it. */
const DRAIN_LIMIT_MS = 30_000;

export interface BackupSource {
  readonly store: Store;
  readonly places: BackupPlaces;
  now(): Date;
  readonly drainLimitMs?: number;
  /** For the log. */
  failed(error: unknown, what: string): void;
}

export function addBackup(app: FastifyInstance, { store, places, now, failed, drainLimitMs = DRAIN_LIMIT_MS }: BackupSource): void {
  app.get("/backup", (_request, reply) => {
    const stream = new PassThrough();
    // A reader that goes away ends the stream without an error, and a drain that never comes would leave the transaction open: in a folder's store
    // the whole office would wait for it.
    const gone = new AbortController();
    stream.once("close", () => gone.abort());
    const write = async (text: string): Promise<void> => {
      gone.signal.throwIfAborted();
      if (stream.write(text)) return;
      const timer = setTimeout(() => gone.abort(new Error("nobody reads the backup any more")), drainLimitMs);
      await once(stream, "drain", { signal: gone.signal }).finally(() => clearTimeout(timer));
    };
    writeBackup(store, places, now(), write).then(
      () => stream.end(),
      (error) => {
        failed(error, "a backup was not read to its end");
        stream.destroy(error);
      },
    );
    return reply.type("application/x-ndjson").send(stream);
  });
}
