// What managers see: the organisations that they manage, whom they invited, and how far each dossier is.

import { and, asc, desc, eq, isNull } from "drizzle-orm";
import type { DossierState } from "../states/dossier-states.ts";
import type { OrganisationState } from "../states/organisation-states.ts";
import { dossiers, organisationInvitations, organisationManagers, organisationRequests } from "../store/application-schema.ts";
import { offices, organisations } from "../store/schema.ts";
import type { Database } from "../store/store.ts";

export interface ManagedOrganisation {
  readonly id: string;
  readonly name: string;
  readonly country: string;
  readonly state: OrganisationState;
  readonly managerName: string;
  readonly users: number;
  readonly refusal: string | null;
  readonly requestedAt: Date;
  readonly office: { readonly name: string; readonly timeZone: string };
}

export function managedBy(db: Database, accountId: string): Promise<ManagedOrganisation[]> {
  return db
    .select({
      id: organisations.id,
      name: organisations.name,
      country: organisations.country,
      state: organisations.state,
      managerName: organisationManagers.name,
      users: organisationRequests.users,
      refusal: organisationRequests.refusal,
      requestedAt: organisationRequests.requestedAt,
      office: { name: offices.name, timeZone: offices.timeZone },
    })
    .from(organisationManagers)
    .innerJoin(organisations, eq(organisations.id, organisationManagers.organisationId))
    .innerJoin(organisationRequests, eq(organisationRequests.organisationId, organisations.id))
    .innerJoin(offices, eq(offices.id, organisations.officeId))
    .where(eq(organisationManagers.accountId, accountId))
    .orderBy(asc(organisations.name), asc(organisations.id));
}

/** A dossier, as its manager may see it. */
export interface PersonOfOrganisation {
  readonly email: string;
  /** null: nobody has said one yet. */
  readonly name: string | null;
  readonly number: string;
  readonly state: DossierState;
  readonly since: Date;
}

export async function peopleOf(db: Database, organisationId: string): Promise<PersonOfOrganisation[]> {
  const rows = await db
    .select({
      email: dossiers.email,
      givenName: dossiers.givenName,
      surname: dossiers.surname,
      number: dossiers.number,
      state: dossiers.state,
      since: dossiers.createdAt,
    })
    .from(dossiers)
    .where(eq(dossiers.organisationId, organisationId))
    .orderBy(asc(dossiers.surname), desc(dossiers.createdAt));
  return rows.map(({ givenName, surname, ...row }) => ({ ...row, name: surname === "" ? null : `${givenName} ${surname}` }));
}

export interface SentInvitation {
  readonly id: string;
  readonly email: string;
  readonly invitedAt: Date;
  readonly expiresAt: Date;
}

/** Those that are neither taken up nor withdrawn; also such as are over. */
export async function invitationsOf(db: Database, organisationId: string): Promise<SentInvitation[]> {
  const rows = await db
    .select()
    .from(organisationInvitations)
    .where(and(eq(organisationInvitations.organisationId, organisationId), isNull(organisationInvitations.withdrawnAt)))
    .orderBy(desc(organisationInvitations.invitedAt));
  const begun = await db
    .select({ email: dossiers.email, since: dossiers.createdAt, state: dossiers.state })
    .from(dossiers)
    .where(eq(dossiers.organisationId, organisationId));
  const isTaken = ({ email, invitedAt }: SentInvitation): boolean =>
    begun.some((dossier) => dossier.email === email && dossier.since >= invitedAt && !["cancelled", "expired"].includes(dossier.state));
  return rows
    .map(({ id, email, invitedAt, expiresAt }) => ({ id, email, invitedAt, expiresAt }))
    .filter((invitation) => !isTaken(invitation));
}
