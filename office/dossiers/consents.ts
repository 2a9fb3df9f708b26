// What an applicant has agreed to (S20): which document, in which version, and the SHA-256 of the text that was on the page.

import { createHash } from "node:crypto";
import { equalBytes } from "../../protocol/bytes.ts";
import { consentText, readSettings } from "../settings/settings.ts";
import { consents } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import { DossierError } from "./dossier-error.ts";

export const CONSENT_DOCUMENTS = ["terms", "privacy"] as const;
export type ConsentDocument = (typeof CONSENT_DOCUMENTS)[number];

/** As it is on the page now. */
export interface ShownDocument {
  readonly document: ConsentDocument;
  readonly version: string;
  readonly text: string;
}

/** What the form that was sent says that was on its page. */
export interface GivenConsent {
  readonly document: ConsentDocument;
  readonly version: string;
  /** SHA-256 of the text. */
  readonly digest: Uint8Array;
}

/** The documents that hold now, in the order in which they are shown. */
export async function documentsNow(db: Database, language: string): Promise<ShownDocument[]> {
  const settings = await readSettings(db);
  return CONSENT_DOCUMENTS.map((document) => {
    const { version, text } = consentText(settings, document, language === "fr" ? "fr" : "en");
    return { document, version, text };
  });
}

export const digestOfText = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());

export const consentTo = ({ document, version, text }: ShownDocument): GivenConsent => ({ document, version, digest: digestOfText(text) });

const isSame = (given: GivenConsent, { document, version, text }: ShownDocument): boolean =>
  given.document === document && given.version === version && equalBytes(given.digest, digestOfText(text));

/**
 * To each of the documents, in the version that holds now.
 * @throws DossierError consents-changed: one is missing, or another text was shown
 */
export async function recordConsents(
  tx: Database,
  dossierId: string,
  given: readonly GivenConsent[],
  shown: readonly ShownDocument[],
  now: Date,
): Promise<void> {
  if (!shown.every((document) => given.some((consent) => isSame(consent, document)))) throw new DossierError("consents-changed");
  const values = shown.map((document) => ({ dossierId, ...consentTo(document), at: now }));
  if (values.length > 0) await tx.insert(consents).values(values);
}
