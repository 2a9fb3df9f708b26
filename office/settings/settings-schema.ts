// The shapes of what the office says of itself and decides for everybody, as they are kept and as officers change them.

import { z } from "zod";

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
