// Which level of certificate somebody may ask for. «Niveau QCP» (S17) is for whoever has a certificate of the LCP level, by the same names, mailbox and
// telephone; and where the office offers it. Neither is qualified in the sense of eIDAS.

import { and, eq, gt } from "drizzle-orm";
import { readSettings } from "../settings/settings.ts";
import { dossiers } from "../store/application-schema.ts";
import { certificates } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { DossierError } from "./dossier-error.ts";
import type { Dossier } from "./dossiers.ts";

export const LEVELS = ["SIGN-LCP", "SIGN-QCP"] as const;
export type Level = (typeof LEVELS)[number];

type Named = Pick<Dossier, "givenName" | "surname" | "email" | "phone">;

/** Of the account's certificates of the LCP level that are active: what its dossier said. */
function certifiedAs(db: Database, { accountId }: Dossier, now: Date): Promise<Named[]> {
  const { givenName, surname, email, phone } = dossiers;
  const isActive = and(eq(certificates.profile, "SIGN-LCP"), eq(certificates.state, "active"), gt(certificates.notAfter, now));
  return db
    .select({ givenName, surname, email, phone })
    .from(dossiers)
    .innerJoin(certificates, eq(certificates.id, dossiers.certificateId))
    .where(and(eq(dossiers.accountId, accountId), isActive));
}

/** Telephone numbers are written with spaces, dots or hyphens, or without. */
const plain = ({ givenName, surname, email, phone }: Named): string =>
  JSON.stringify([givenName.normalize("NFC"), surname.normalize("NFC"), email.toLowerCase(), phone.replace(/[ ().-]/g, "")]);

/** The levels that the form offers: when there is a choice, more than one. */
export async function levelsFor(db: Database, dossier: Dossier, now: Date): Promise<readonly Level[]> {
  const { offersQcp } = await readSettings(db);
  return offersQcp && (await certifiedAs(db, dossier, now)).length > 0 ? LEVELS : ["SIGN-LCP"];
}

/** @param named as the dossier says, or is about to @throws DossierError profile */
export async function requireLevel(tx: Database, dossier: Dossier, profile: string, named: Named, now: Date): Promise<void> {
  if (profile === "SIGN-LCP") return;
  const { offersQcp } = await readSettings(tx);
  const known = await certifiedAs(tx, dossier, now);
  if (!offersQcp || !known.some((one) => plain(one) === plain(named))) throw new DossierError("profile");
}
