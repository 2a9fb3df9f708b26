// A backup becomes an office again: only where there is none. The database in one transaction; the files before it, taken away again when that fails.

import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { eq, sql } from "drizzle-orm";
import { CRL_JOB, crlJobKey } from "../issuance/crl.ts";
import { writeLastingFile } from "../issuance/durable-files.ts";
import { schedule } from "../jobs/jobs.ts";
import { MIGRATIONS } from "../store/migrate.ts";
import { issuers } from "../store/schema.ts";
import type { Database, Store } from "../store/store.ts";
import {
  AUTHORITY,
  BACKUP_FORMAT,
  type BackupEnd,
  type BackupFile,
  type BackupHead,
  type BackupPlaces,
  OFFICE,
  OFFICE_FILES,
} from "./backup-lines.ts";
import { BackupError } from "./sealed-file.ts";
import { NOT_RESTORED, TABLES } from "./tables.ts";

const SAFE_PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** More lists than an office publishes between a backup and its use. */
const CRL_NUMBER_GAP = 1_000_000;

export interface RestoredBackup extends BackupEnd {
  /** The moment that the backup is of, ISO 8601: what came after it is not known. */
  readonly at: string;
}

const isFree = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0;

/** Whether an office could be restored here. @throws BackupError not-empty */
export function requireFree({ authorityFolder, officeFolder }: BackupPlaces): void {
  if (!isFree(authorityFolder) || !isFree(officeFolder)) throw new BackupError("not-empty");
}

function writeFile({ file, content }: BackupFile, { authorityFolder, officeFolder }: BackupPlaces): void {
  const [prefix, ...rest] = file.split("/");
  const path = rest.join("/");
  const folder = prefix === AUTHORITY ? authorityFolder : prefix === OFFICE ? officeFolder : null;
  if (folder === null || !SAFE_PATH.test(path)) throw new BackupError("not-a-backup");
  mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
  writeLastingFile(join(folder, path), new Uint8Array(Buffer.from(content, "base64")));
}

async function requireEmpty(tx: Database): Promise<void> {
  for (const table of TABLES) {
    if (table === "audit_end") continue; // has its first row from the migration
    const { rows } = await tx.execute(sql`select 1 from ${sql.identifier(table)} limit 1`);
    if (rows.length > 0) throw new BackupError("not-empty");
  }
  await tx.execute(sql`delete from audit_end`);
}

/** What the lines bring, one after the other. */
class Restoring {
  readonly #tx: Database;
  readonly #places: BackupPlaces;
  #table: string | null = null;
  #head: BackupHead | null = null;
  #files = 0;
  #rows = 0;
  #end: BackupEnd | null = null;

  constructor(tx: Database, places: BackupPlaces) {
    this.#tx = tx;
    this.#places = places;
  }

  async take(text: string): Promise<void> {
    if (this.#end !== null) throw new BackupError("not-a-backup");
    if (this.#head === null) return this.#begin(text);
    if (this.#table === null || /^\{"(?:table|end)":/.test(text)) return this.#turn(JSON.parse(text));
    this.#rows += 1;
    if (NOT_RESTORED.has(this.#table)) return;
    const table = sql.identifier(this.#table);
    await this.#tx.execute(sql`insert into ${table} select * from json_populate_record(null::${table}, ${text}::json)`);
  }

  #begin(text: string): void {
    const head = JSON.parse(text) as Partial<BackupHead>;
    if (head.backup !== "sceau-office") throw new BackupError("not-a-backup");
    if (head.format !== BACKUP_FORMAT) throw new BackupError("format");
    if (head.migration !== MIGRATIONS.length) throw new BackupError("migration");
    this.#head = head as BackupHead;
  }

  #turn(value: Partial<BackupFile & BackupEnd & { table: string }>): void {
    if (value.file !== undefined && value.content !== undefined) {
      writeFile({ file: value.file, content: value.content }, this.#places);
      this.#files += 1;
    } else if (value.table !== undefined && (TABLES as readonly string[]).includes(value.table)) {
      this.#table = value.table;
    } else if (value.end === true) {
      this.#end = value as BackupEnd;
    } else throw new BackupError("not-a-backup");
  }

  /** @throws BackupError incomplete */
  finish(): RestoredBackup {
    if (this.#end?.files !== this.#files || this.#end.rows !== this.#rows || this.#head === null) throw new BackupError("incomplete");
    return { ...this.#end, at: this.#head.at };
  }
}

/**
 * Lists that were published since the backup had higher numbers (RFC 5280 §5.2.3: they only grow), so the next ones start far beyond, at once. The
 * root's are numbered by its ceremonies.
 */
async function renumberLists(tx: Database): Promise<void> {
  await tx
    .update(issuers)
    .set({ crlNumber: sql`${issuers.crlNumber} + ${CRL_NUMBER_GAP}` })
    .where(eq(issuers.isOnline, true));
  const online = await tx.select({ id: issuers.id, crlNumber: issuers.crlNumber }).from(issuers).where(eq(issuers.isOnline, true));
  for (const { id, crlNumber } of online) await schedule(tx, { kind: CRL_JOB, key: crlJobKey(id, crlNumber), dueAt: new Date(0) });
}

/** Lines as writeBackup ends them. Some are megabytes long: a piece is looked through once. */
async function* linesOf(text: Readable): AsyncGenerator<string> {
  let begun: string[] = [];
  for await (const piece of text.setEncoding("utf8") as AsyncIterable<string>) {
    const [first = "", ...rest] = piece.split("\n");
    begun.push(first);
    for (const next of rest) {
      yield begun.join("");
      begun = [next];
    }
  }
  const last = begun.join("");
  if (last !== "") yield last;
}

/**
 * @param store migrated, and empty
 * @param lines of `writeBackup`
 * @param record says in the audit trail that it was restored; rows and files are there
 * @throws BackupError; then there is nothing
 */
export async function restoreBackup(
  store: Store,
  places: BackupPlaces,
  lines: Readable,
  record: (tx: Database) => Promise<unknown>,
): Promise<RestoredBackup> {
  if (!isFree(places.authorityFolder)) throw new BackupError("not-empty"); // what is there is not ours to take away
  try {
    return await store.transaction(async (tx) => {
      await requireEmpty(tx);
      const restoring = new Restoring(tx, places);
      for await (const text of linesOf(lines)) await restoring.take(text);
      const end = restoring.finish();
      await renumberLists(tx);
      await record(tx);
      return end;
    });
  } catch (error) {
    rmSync(places.authorityFolder, { recursive: true, force: true });
    for (const name of OFFICE_FILES) rmSync(join(places.officeFolder, name), { recursive: true, force: true });
    throw error;
  }
}
