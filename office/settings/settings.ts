// What the office says of itself and decides for everybody, kept in the database: the help page (S16), the documents that applicants agree to (S20),
// and how long things are kept. What nobody has set is as default-settings.ts has it.

import { createHash } from "node:crypto";
import { inArray } from "drizzle-orm";
import type { z } from "zod";
import { settings } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { DEFAULT_DOCUMENTS, DEFAULT_HELP, DEFAULT_PERIODS } from "./default-settings.ts";
import { DOCUMENTS, type DocumentName, type DocumentVersions, HELP, type Help, PERIODS, type Periods } from "./settings-schema.ts";

/** Rows of the table. */
export const SETTING_NAMES = { help: "office.help", documents: "office.documents", periods: "office.periods" } as const;
export type SettingName = keyof typeof SETTING_NAMES;

export interface ConsentDocumentNow {
  readonly version: string;
  readonly fr: string;
  readonly en: string;
}

export interface OfficeSettings extends Periods {
  readonly help: Help;
  /** The versions that hold now. */
  readonly consents: Readonly<Record<DocumentName, ConsentDocumentNow>>;
}

/** A setting's row holds something else than this version of the office wrote. */
export class UnreadableSettingError extends Error {
  override readonly name = "UnreadableSettingError";
}

/** @throws UnreadableSettingError */
export function settingOf<T>(schema: z.ZodType<T>, value: unknown, otherwise: T, name: string): T {
  if (value === undefined) return otherwise;
  const result = schema.safeParse(value);
  if (!result.success) throw new UnreadableSettingError(name, { cause: result.error });
  return result.data;
}

/** All versions of the documents, the first one first. */
export async function documentVersions(db: Database): Promise<DocumentVersions> {
  const name = SETTING_NAMES.documents;
  const [row] = await db
    .select()
    .from(settings)
    .where(inArray(settings.name, [name]));
  return settingOf(DOCUMENTS, row?.value, DEFAULT_DOCUMENTS, name);
}

function last(versions: DocumentVersions[DocumentName]): ConsentDocumentNow {
  const document = versions.at(-1);
  if (document === undefined) throw new UnreadableSettingError("a document without a version");
  return document;
}

/** @throws UnreadableSettingError */
export async function readSettings(db: Database): Promise<OfficeSettings> {
  const names = Object.values(SETTING_NAMES);
  const rows = await db.select().from(settings).where(inArray(settings.name, names));
  const value = (name: SettingName): unknown => rows.find((row) => row.name === SETTING_NAMES[name])?.value;
  const documents = settingOf(DOCUMENTS, value("documents"), DEFAULT_DOCUMENTS, SETTING_NAMES.documents);
  return {
    help: settingOf(HELP, value("help"), DEFAULT_HELP, SETTING_NAMES.help),
    consents: { terms: last(documents.terms), privacy: last(documents.privacy) },
    ...settingOf(PERIODS, value("periods"), DEFAULT_PERIODS, SETTING_NAMES.periods),
  };
}

export interface ConsentText {
  readonly version: string;
  readonly text: string;
  /** SHA-256 of the text, UTF-8. */
  readonly digest: Uint8Array;
}

/** A document as it is shown now. */
export function consentText({ consents }: OfficeSettings, document: DocumentName, language: "fr" | "en"): ConsentText {
  const { version, [language]: shown } = consents[document];
  return { version, text: shown, digest: new Uint8Array(createHash("sha256").update(shown).digest()) };
}
