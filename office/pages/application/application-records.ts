// What the pages of applicants read.

import { and, asc, eq } from "drizzle-orm";
import { DossierError } from "../../dossiers/dossier-error.ts";
import { type Dossier, dossierOf, dossiersOf, isUnderWay } from "../../dossiers/dossiers.ts";
import { invitationsFor, type OpenInvitation } from "../../dossiers/invitations.ts";
import { offices, organisations } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import type { AccountVisit } from "../edge/visit.ts";

export interface NamedRecord {
  readonly id: string;
  readonly name: string;
}

/** Who may authorise an application. */
export const openAssociations = (db: Database): Promise<NamedRecord[]> =>
  db
    .select({ id: organisations.id, name: organisations.name })
    .from(organisations)
    .where(and(eq(organisations.kind, "association"), eq(organisations.state, "open")))
    .orderBy(asc(organisations.name), asc(organisations.id));

/** The first office's. */
export async function timeZoneOf(db: Database): Promise<string> {
  const [office] = await db.select({ timeZone: offices.timeZone }).from(offices).orderBy(asc(offices.createdAt), asc(offices.id)).limit(1);
  return office?.timeZone ?? "UTC";
}

export interface Choices {
  readonly associations: readonly NamedRecord[];
  readonly invitations: readonly OpenInvitation[];
  /** On one's own, and not over. */
  readonly underWay: Dossier | null;
  readonly timeZone: string;
}

export async function choicesOf(db: Database, { account, now }: AccountVisit): Promise<Choices> {
  const own = await dossiersOf(db, account.id);
  return {
    associations: await openAssociations(db),
    invitations: await invitationsFor(db, account, now),
    underWay: own.find(({ state, organisationId }) => organisationId === null && isUnderWay(state)) ?? null,
    timeZone: await timeZoneOf(db),
  };
}

export interface OwnDossier {
  readonly dossier: Dossier;
  /** IANA. */
  readonly timeZone: string;
  readonly association: string | null;
  readonly organisation: string | null;
  /** Its corporate account is not open (S9). */
  readonly isPaused: boolean;
}

/** @throws DossierError unknown: there is none, or it is another account's */
export async function ownDossier(db: Database, id: string, { account }: AccountVisit): Promise<OwnDossier> {
  const dossier = await dossierOf(db, id);
  if (dossier.accountId !== account.id) throw new DossierError("unknown");
  const organisationOf = async (organisationId: string | null) =>
    organisationId === null ? undefined : (await db.select().from(organisations).where(eq(organisations.id, organisationId)))[0];
  const [office] = await db.select({ timeZone: offices.timeZone }).from(offices).where(eq(offices.id, dossier.officeId));
  const organisation = await organisationOf(dossier.organisationId);
  return {
    dossier,
    timeZone: office?.timeZone ?? "UTC",
    association: (await organisationOf(dossier.associationId))?.name ?? null,
    organisation: organisation?.name ?? null,
    isPaused: organisation !== undefined && organisation.state !== "open",
  };
}
