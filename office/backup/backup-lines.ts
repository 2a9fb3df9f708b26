// The inside of a backup: lines of JSON. First what it is, then the files, then each table row by row, at the end how many there were. All rows
// are of one moment: they are read in one transaction that sees one snapshot.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { MIGRATIONS } from "../store/migrate.ts";
import type { Database, Store } from "../store/store.ts";
import { TABLES, type TableName } from "./tables.ts";

export const BACKUP_FORMAT = 1;
const PAGE_ROWS = 500;
/** Of these a row may have megabytes, twice as long in hexadecimal: so many are in memory at a time. */
const FEW_ROWS: Readonly<Partial<Record<TableName, number>>> = { evidence: 1, crls: 5, mails: 50 };

export interface BackupHead {
  readonly backup: "sceau-office";
  readonly format: number;
  /** The database's last migration: only the same one can take its rows. */
  readonly migration: number;
  readonly at: string;
}

/** A file of the authority's folder or the office's, with its path in there. Base64. */
export interface BackupFile {
  readonly file: string;
  readonly content: string;
}

export interface BackupTable {
  readonly table: string;
}

export interface BackupEnd {
  readonly end: true;
  readonly files: number;
  readonly rows: number;
}

/** Where the files are. */
export interface BackupPlaces {
  readonly authorityFolder: string;
  readonly officeFolder: string;
}

export const AUTHORITY = "authority";
export const OFFICE = "office";
/** Of the office's folder; its database is in the tables, mails were sent. */
export const OFFICE_FILES: readonly string[] = ["audit.key", "audit.passphrase", "audit.heads", "data.key", "trust"];

function* filesUnder(folder: string, path: string): Generator<string> {
  const place = join(folder, path);
  const stat = statSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isFile()) yield path;
  // Names with a dot in front are ceremonies that were never finished.
  if (stat.isDirectory())
    for (const name of readdirSync(place).sort())
      if (!name.startsWith(".")) yield* filesUnder(folder, path === "" ? name : `${path}/${name}`);
}

function* backupFiles({ authorityFolder, officeFolder }: BackupPlaces): Generator<BackupFile> {
  const read = (folder: string, prefix: string, path: string): BackupFile => ({
    file: `${prefix}/${path}`,
    content: readFileSync(join(folder, path)).toString("base64"),
  });
  for (const path of filesUnder(authorityFolder, "")) yield read(authorityFolder, AUTHORITY, path);
  for (const top of OFFICE_FILES) for (const path of filesUnder(officeFolder, top)) yield read(officeFolder, OFFICE, path);
}

/** What a reader would take for the end of a line stands only within strings. */
const oneLine = (json: string): string =>
  json
    .replaceAll(/[\n\r]/g, " ")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
const line = (value: BackupHead | BackupFile | BackupTable | BackupEnd): string => `${JSON.stringify(value)}\n`;

/** A table's rows, some at a time, each read once: a cursor goes through the table as it lies. */
async function* rowsOf(tx: Database, table: TableName): AsyncGenerator<string> {
  const name = sql.identifier(table);
  await tx.execute(sql`declare backup_rows no scroll cursor for select to_json(t)::text as row from ${name} t`);
  const next = sql`fetch forward ${sql.raw(String(FEW_ROWS[table] ?? PAGE_ROWS))} from backup_rows`;
  for (;;) {
    const { rows } = await tx.execute<{ row: string }>(next);
    if (rows.length === 0) break;
    for (const { row } of rows) yield row;
  }
  await tx.execute(sql`close backup_rows`);
}

/**
 * Gives every line to `write`, which may take its time. A row is the database's own JSON of it: bytes as \x…, times in ISO 8601 to the microsecond.
 */
export async function writeBackup(
  store: Store,
  places: BackupPlaces,
  now: Date,
  write: (text: string) => Promise<void>,
): Promise<BackupEnd> {
  return store.transaction(async (tx) => {
    await tx.execute(sql`set transaction isolation level repeatable read, read only`);
    await tx.execute(sql`set local time zone 'UTC'`);
    const [row] = (await tx.execute<{ newest: number }>(sql`select max(number)::int as newest from migrations`)).rows;
    await write(
      line({ backup: "sceau-office", format: BACKUP_FORMAT, migration: row?.newest ?? MIGRATIONS.length, at: now.toISOString() }),
    );
    let files = 0;
    for (const file of backupFiles(places)) {
      await write(line(file));
      files += 1;
    }
    let rows = 0;
    for (const table of TABLES) {
      await write(line({ table }));
      for await (const text of rowsOf(tx, table)) {
        await write(`${oneLine(text)}\n`);
        rows += 1;
      }
    }
    const end: BackupEnd = { end: true, files, rows };
    await write(line(end));
    return end;
  });
}
