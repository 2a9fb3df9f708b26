// What `sceau office backup` and `restore` do. A backup goes through the running server; without one, it is made here.

import { randomBytes } from "node:crypto";
import { existsSync, linkSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { HeadFile } from "../../office/audit/head-file.ts";
import { recordRestore } from "../../office/audit/restored-trail.ts";
import { type BackupEnd, type BackupPlaces, writeBackup } from "../../office/backup/backup-lines.ts";
import { requireFree, restoreBackup } from "../../office/backup/restore.ts";
import { openSealed, type SealedWriter, sealInto } from "../../office/backup/sealed-file.ts";
import { endOpenSecrets, readList, type TakenList, takeList } from "../../office/backup/since-backup.ts";
import { openAuditKey } from "../../office/process/audit-key.ts";
import { OfficeFolder } from "../../office/process/office-folder.ts";
import { openOfficeStore } from "../../office/process/open-store.ts";
import type { CliContext } from "../context.ts";
import { readInput } from "../files.ts";
import { OfficeCommandError } from "../office-error.ts";
import { readPin } from "../secrets.ts";
import { visible } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { adminOf, type DemoOption } from "./office-admin.ts";
import { databaseUrl } from "./office-server.ts";

export interface BackupOptions extends DemoOption {
  readonly passphraseFile?: string;
}

const END = /^\{"end":true,/;

function placesOf({ state }: CliContext, { demo }: DemoOption): BackupPlaces & { readonly folder: OfficeFolder } {
  const folder = new OfficeFolder(state.office(demo === true));
  return { folder, officeFolder: folder.root, authorityFolder: state.officeAuthority(demo === true) };
}

/** Lines from the server; a stream that was cut off has no last line. */
async function copyLines(stream: IncomingMessage, writer: SealedWriter): Promise<BackupEnd> {
  let tail = "";
  stream.setEncoding("utf8");
  for await (const part of stream as AsyncIterable<string>) {
    await writer.write(part);
    tail = (tail + part).slice(-200);
  }
  const last = tail.trimEnd().split("\n").at(-1) ?? "";
  if (!END.test(last)) throw new OfficeCommandError("unreadable", "backup");
  return JSON.parse(last) as BackupEnd;
}

async function writeLines(context: CliContext, options: DemoOption, writer: SealedWriter): Promise<BackupEnd> {
  const admin = adminOf(context, options);
  if (await admin.isRunning()) return copyLines(await admin.stream("/backup"), writer);
  const places = placesOf(context, options);
  if (databaseUrl() === null && !existsSync(places.folder.database)) throw new OfficeCommandError("not-here", places.folder.root);
  const store = await openOfficeStore(databaseUrl(), places.folder.database);
  try {
    return await writeBackup(store, places, context.now(), (text) => writer.write(text));
  } finally {
    await store.close();
  }
}

/** The file appears whole, with mode 0600, or not at all. */
async function sealWhole(file: string, passphrase: string, write: (writer: SealedWriter) => Promise<BackupEnd>): Promise<BackupEnd> {
  const fresh = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(fresh, "", { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new UsageError("not-writable", file, { cause });
  }
  try {
    const writer = sealInto(fresh, passphrase);
    const end = await write(writer).catch((error) => {
      writer.destroy();
      throw error;
    });
    await writer.end();
    linkSync(fresh, file);
    return end;
  } finally {
    rmSync(fresh, { force: true });
  }
}

export async function backupOffice(context: CliContext, file: string, options: BackupOptions): Promise<void> {
  const say = context.say.officeServer;
  if (existsSync(file)) throw new UsageError("output-exists", file);
  const passphrase = await readPin(options.passphraseFile, say.backupPassphrase(visible(file)));
  const end = await sealWhole(file, passphrase, (writer) => writeLines(context, options, writer));
  context.report({ backup: file, files: end.files, rows: end.rows }, [say.backedUp(visible(file), end.rows, end.files)]);
}

export interface RestoreOptions extends BackupOptions {
  readonly crl?: readonly string[];
}

export async function restoreOffice(context: CliContext, file: string, options: RestoreOptions): Promise<void> {
  const say = context.say.officeServer;
  if (!existsSync(file)) throw new UsageError("no-such-file", file);
  const lists = (options.crl ?? []).map((path) => readList(readInput(path)));
  const places = placesOf(context, options);
  if (await adminOf(context, options).isRunning()) throw new OfficeCommandError("running", places.folder.root);
  requireFree(places);
  const passphrase = await readPin(options.passphraseFile, say.backupPassphrase(visible(file)));
  const lines = await openSealed(file, passphrase);
  places.folder.make();
  const store = await openOfficeStore(databaseUrl(), places.folder.database);
  try {
    const now = context.now();
    const taken: TakenList[] = [];
    const { files, rows, at } = await restoreBackup(store, places, lines, async (tx) => {
      await endOpenSecrets(tx, now);
      await recordRestore(tx, openAuditKey(places.folder), new HeadFile(places.folder.auditHeads), now);
      for (const list of lists) taken.push(await takeList(tx, list, now));
    });
    context.report({ restored: places.folder.root, files, rows, at, crls: taken }, [
      say.restored(places.folder.root, rows, files, at),
      ...taken.map(({ issuer, number, revoked, unknown }) => say.listTaken(issuer, number, revoked, unknown)),
      ...(taken.length === 0 ? [say.noListTaken] : []),
      say.notRestored(at),
    ]);
  } catch (error) {
    await store.close();
    rmSync(places.folder.root, { recursive: true, force: true }); // it was free before
    throw error;
  }
  await store.close();
}
