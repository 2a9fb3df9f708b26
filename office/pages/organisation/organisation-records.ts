// Organisations as their list and their sheets show them, within the officer's offices.

import { and, asc, desc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { type Representative, representativeOf } from "../../representatives/representative.ts";
import type { CertificateState } from "../../states/certificate-states.ts";
import type { TokenState } from "../../states/token-states.ts";
import { certificates, officers, offices, organisations, people, tokens } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { NothingThereError } from "../edge/visit.ts";
import { type CorporateRequestRecord, corporateRequest } from "./corporate-request.ts";

export const ORGANISATION_PAGE_ROWS = 20;

type OrganisationRow = typeof organisations.$inferSelect;

/** A page of a list. */
export interface Listed<T> {
  readonly rows: readonly T[];
  readonly hasNext: boolean;
}

export interface ListedOrganisation {
  readonly organisation: OrganisationRow;
  readonly people: number;
  readonly validCertificates: number;
}

export interface OrganisationRecord extends ListedOrganisation {
  readonly office: { readonly id: string; readonly name: string; readonly timeZone: string };
  /** Of those that the officer may see. */
  readonly tokens: number;
  readonly certificates: number;
  /** Members who are officers and may sign in. */
  readonly activeOfficers: number;
  /** Of a corporate account (S9). */
  readonly request: CorporateRequestRecord | null;
  /** Who revokes for it (S6); null: nobody is named. */
  readonly representative: Representative | null;
}

const cut = <T>(rows: readonly T[]): Listed<T> => ({
  rows: rows.slice(0, ORGANISATION_PAGE_ROWS),
  hasNext: rows.length > ORGANISATION_PAGE_ROWS,
});
const fromRow = (page: number): number => (page - 1) * ORGANISATION_PAGE_ROWS;

const total = sql<number>`count(*)::int`;
const peopleOf = sql<number>`(select count(*)::int from people p where p.organisation_id = organisations.id)`;
const validOf = (now: Date): SQL<number> => sql<number>`(select count(*)::int from certificates c join people p on p.id = c.person_id
  where p.organisation_id = organisations.id and c.state in ('issued', 'active') and c.not_after >= ${now.toISOString()})`;

/** @param scope the offices that the officer may look into */
export async function listOrganisations(
  db: Database,
  scope: readonly string[],
  page: number,
  now: Date,
): Promise<Listed<ListedOrganisation>> {
  const rows = await db
    .select({ organisation: organisations, people: peopleOf, validCertificates: validOf(now) })
    .from(organisations)
    .where(inArray(organisations.officeId, [...scope]))
    .orderBy(asc(organisations.name), asc(organisations.id))
    .limit(ORGANISATION_PAGE_ROWS + 1)
    .offset(fromRow(page));
  return cut(rows);
}

const ofOrganisation = (id: string): SQL => eq(people.organisationId, id);
/** A token that another office gave to somebody is that office's business. */
const ownTokens = (id: string, scope: readonly string[]): SQL | undefined => and(ofOrganisation(id), inArray(tokens.officeId, [...scope]));

/** @throws NothingThereError */
export async function organisationRecord(db: Database, id: string, scope: readonly string[], now: Date): Promise<OrganisationRecord> {
  const [row] = await db
    .select({ organisation: organisations, office: offices, people: peopleOf, validCertificates: validOf(now) })
    .from(organisations)
    .innerJoin(offices, eq(offices.id, organisations.officeId))
    .where(and(eq(organisations.id, id), inArray(offices.id, [...scope])));
  if (row === undefined) throw new NothingThereError();
  const [tokenCount, certificateCount, officerCount] = [
    await db.select({ total }).from(tokens).innerJoin(people, eq(people.id, tokens.personId)).where(ownTokens(id, scope)),
    await db.select({ total }).from(certificates).innerJoin(people, eq(people.id, certificates.personId)).where(ofOrganisation(id)),
    await db
      .select({ total })
      .from(officers)
      .innerJoin(people, eq(people.id, officers.personId))
      .where(and(ofOrganisation(id), eq(officers.state, "active"))),
  ];
  return {
    ...row,
    tokens: tokenCount[0]?.total ?? 0,
    certificates: certificateCount[0]?.total ?? 0,
    activeOfficers: officerCount[0]?.total ?? 0,
    request: await corporateRequest(db, id),
    representative: await representativeOf(db, id),
  };
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly number: string;
}

const memberName = sql<string>`${people.givenName} || ' ' || ${people.surname}`;

export async function membersOf(db: Database, id: string, page: number): Promise<Listed<Member>> {
  const rows = await db
    .select({ id: people.id, name: memberName, email: people.email, number: people.number })
    .from(people)
    .where(ofOrganisation(id))
    .orderBy(asc(people.surname), asc(people.givenName), asc(people.id))
    .limit(ORGANISATION_PAGE_ROWS + 1)
    .offset(fromRow(page));
  return cut(rows);
}

export interface MemberToken {
  readonly serial: string;
  readonly state: TokenState;
  readonly personId: string;
  readonly name: string;
}

export async function tokensOf(db: Database, id: string, scope: readonly string[], page: number): Promise<Listed<MemberToken>> {
  const rows = await db
    .select({ serial: tokens.serial, state: tokens.state, personId: people.id, name: memberName })
    .from(tokens)
    .innerJoin(people, eq(people.id, tokens.personId))
    .where(ownTokens(id, scope))
    .orderBy(asc(people.surname), asc(people.givenName), asc(tokens.serial))
    .limit(ORGANISATION_PAGE_ROWS + 1)
    .offset(fromRow(page));
  return cut(rows);
}

export interface MemberCertificate {
  readonly id: string;
  readonly serialNumber: string;
  readonly profile: string;
  readonly state: CertificateState;
  readonly notAfter: Date;
  readonly personId: string;
  readonly name: string;
}

/** Newest first. */
export async function certificatesOf(db: Database, id: string, page: number): Promise<Listed<MemberCertificate>> {
  const { serialNumber, profile, state, notAfter } = certificates;
  const rows = await db
    .select({ id: certificates.id, serialNumber, profile, state, notAfter, personId: people.id, name: memberName })
    .from(certificates)
    .innerJoin(people, eq(people.id, certificates.personId))
    .where(ofOrganisation(id))
    .orderBy(desc(certificates.issuedAt), asc(certificates.id))
    .limit(ORGANISATION_PAGE_ROWS + 1)
    .offset(fromRow(page));
  return cut(rows);
}
