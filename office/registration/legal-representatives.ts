// Who the legal representative of an organisation is (S6): named by whoever asks for its corporate account, or by an officer.

import { randomInt } from "node:crypto";
import { appendAudit } from "../audit/audit-trail.ts";
import { legalRepresentatives } from "../store/application-schema.ts";
import type { Database } from "../store/store.ts";
import type { Acting } from "./officers.ts";

/** Crockford's base32: without I, L, O, U. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHARACTERS = 8;

/** Typed by people, and no secret; so many that none is met by counting. */
export const newIdentifier = (): string => `ORG-${Array.from({ length: CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join("")}`;

export interface NewRepresentative {
  readonly organisationId: string;
  /** Given names and surname. */
  readonly name: string;
  readonly email: string;
  readonly language: "fr" | "en";
}

/** The organisation has none yet. Their identifier is mailed with its first certificate (representatives/). */
export async function nameRepresentative(tx: Database, order: NewRepresentative, { actor, now }: Acting): Promise<void> {
  const { organisationId, language } = order;
  const identifier = newIdentifier();
  const name = order.name.normalize("NFC").trim();
  const email = order.email.trim().toLowerCase();
  const start = { state: "named" as const, failedTries: 0, createdAt: now };
  await tx.insert(legalRepresentatives).values({ organisationId, name, email, language, identifier, namedBy: actor, ...start });
  const subject = `organisation:${organisationId}`;
  await appendAudit(tx, { at: now, actor, action: "representative.name", subject, details: { identifier } });
}
