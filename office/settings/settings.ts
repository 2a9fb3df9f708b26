// What the office says of itself and decides for everybody, kept in the database: the help page (S16), the documents that applicants agree to (S20),
// and how long things are kept. What nobody has set is as default-settings.ts has it.

import { createHash } from "node:crypto";
import { inArray } from "drizzle-orm";
import { z } from "zod";
import { settings } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { DEFAULT_DOCUMENTS, DEFAULT_HELP, DEFAULT_PERIODS } from "./default-settings.ts";

const MAX_LINE = 300;
const MAX_TEXT = 40_000;
const MAX_ENTRIES = 50;

const line = z.string().trim().min(1).max(MAX_LINE);
const text = z.string().trim().min(1).max(MAX_TEXT);
/** A page may link to nothing else. */
const address = line.regex(/^https?:\/\/[^\s]+$/);

const LINK = z.object({ title: line, url: address });
const HELP_TEXTS = z.object({
  /** When the telephone is answered. */
  hours: z.string().trim().max(MAX_LINE),
  faq: z.array(z.object({ question: line, answer: text })).max(MAX_ENTRIES),
  videos: z.array(LINK).max(MAX_ENTRIES),
  webinar: LINK.nullable(),
});
export const HELP = z.object({ email: line.nullable(), phone: line.nullable(), fr: HELP_TEXTS, en: HELP_TEXTS });
export type Help = z.infer<typeof HELP>;
export type HelpTexts = z.infer<typeof HELP_TEXTS>;

/** Every version that there was: what somebody agreed to can be read years later. The last one holds. */
const VERSIONS = z.array(z.object({ version: line, fr: text, en: text })).min(1);
export const DOCUMENTS = z.object({ terms: VERSIONS, privacy: VERSIONS });
export type DocumentVersions = z.infer<typeof DOCUMENTS>;
export const DOCUMENT_NAMES = ["terms", "privacy"] as const;
export type DocumentName = (typeof DOCUMENT_NAMES)[number];

export const MAX_EVIDENCE_DAYS = 3650;
export const MAX_DOSSIER_DAYS = 730;
export const PERIODS = z.object({
  /** How long evidence is kept after it was uploaded. */
  evidenceDays: z.int().min(1).max(MAX_EVIDENCE_DAYS),
  /** A dossier that nobody goes on with ends after so many days. */
  dossierDays: z.int().min(1).max(MAX_DOSSIER_DAYS),
  /** Whether applicants may ask for a certificate of the level that pages call «niveau QCP, non qualifié» (S17). */
  offersQcp: z.boolean().default(false),
});
export type Periods = z.infer<typeof PERIODS>;

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
