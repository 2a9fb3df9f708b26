// The certificates of an organisation, as its legal representative sees them (S40, S44).

import { and, asc, desc, eq, gte, ilike, inArray, or, type SQL, sql } from "drizzle-orm";
import { certificates, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";

export const CERTIFICATE_PAGE_ROWS = 20;

export interface CertificateSearch {
  /** Parts; empty: any. */
  readonly email: string;
  readonly name: string;
  readonly state: "any" | "valid" | "revoked";
  /** From 1. */
  readonly page: number;
}

export interface OrganisationCertificate {
  readonly certificate: typeof certificates.$inferSelect;
  readonly person: typeof people.$inferSelect;
}

const holds = (text: string): string =>
  `%${text
    .trim()
    .normalize("NFC")
    .replace(/[\\%_]/g, "\\$&")}%`;

function isInState(state: CertificateSearch["state"], now: Date): SQL | undefined {
  if (state === "any") return undefined;
  if (state === "revoked") return eq(certificates.state, "revoked");
  return and(inArray(certificates.state, ["issued", "active"]), gte(certificates.notAfter, now));
}

const found = (db: Database, which: SQL | undefined) =>
  db
    .select({ certificate: certificates, person: people })
    .from(certificates)
    .innerJoin(people, eq(people.id, certificates.personId))
    .where(which);

/** Newest first; all that is asked for must match. */
export async function organisationCertificates(
  db: Database,
  organisationId: string,
  { email, name, state, page }: CertificateSearch,
  now: Date,
): Promise<{ readonly rows: readonly OrganisationCertificate[]; readonly hasNext: boolean }> {
  const { givenName, surname } = people;
  const isNamed = or(
    ilike(sql`${givenName} || ' ' || ${surname}`, holds(name)),
    ilike(sql`${surname} || ' ' || ${givenName}`, holds(name)),
  );
  const rows = await found(
    db,
    and(
      eq(people.organisationId, organisationId),
      email.trim() === "" ? undefined : ilike(people.email, holds(email)),
      name.trim() === "" ? undefined : isNamed,
      isInState(state, now),
    ),
  )
    .orderBy(desc(certificates.issuedAt), asc(certificates.id))
    .limit(CERTIFICATE_PAGE_ROWS + 1)
    .offset((page - 1) * CERTIFICATE_PAGE_ROWS);
  return { rows: rows.slice(0, CERTIFICATE_PAGE_ROWS), hasNext: rows.length > CERTIFICATE_PAGE_ROWS };
}

/** null: there is none, or it is another organisation's. */
export async function organisationCertificate(db: Database, organisationId: string, id: string): Promise<OrganisationCertificate | null> {
  const [row] = await found(db, and(eq(certificates.id, id), eq(people.organisationId, organisationId)));
  return row ?? null;
}
