// Whether two on record may be one person: four eyes are two people, not two accounts. When in doubt they are one, and somebody else decides.

import { and, eq, inArray, isNotNull } from "drizzle-orm";
import { accounts, identityChecks } from "../store/application-schema.ts";
import { officers, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { DecisionRefusal } from "./decision-error.ts";
import type { Dossier } from "./dossiers.ts";

export interface Identity {
  /** null: not a person of the office's yet. */
  readonly personId: string | null;
  readonly emails: readonly string[];
  /** Given name and surname. */
  readonly name: string;
}

/** What is after a + is the mailbox owner's own affair (RFC 5233). */
const mailbox = (email: string): string =>
  email
    .trim()
    .toLowerCase()
    .replace(/\+[^@]*(?=@)/, "");

/** Accents, case, hyphens and spaces are written one way here and another there. */
const plainName = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** The same record, the same mailbox, or the same name. */
export function isSamePerson(a: Identity, b: Identity): boolean {
  if (a.personId !== null && a.personId === b.personId) return true;
  const mailboxes = new Set(a.emails.map(mailbox));
  return plainName(a.name) === plainName(b.name) || b.emails.some((email) => mailboxes.has(mailbox(email)));
}

async function identitiesOf(tx: Database, officerIds: readonly string[]): Promise<Identity[]> {
  if (officerIds.length === 0) return [];
  const rows = await tx
    .select({ personId: people.id, email: people.email, givenName: people.givenName, surname: people.surname })
    .from(officers)
    .innerJoin(people, eq(people.id, officers.personId))
    .where(inArray(officers.id, [...officerIds]));
  return rows.map(({ personId, email, givenName, surname }) => ({ personId, emails: [email], name: `${givenName} ${surname}` }));
}

async function applicantOf(tx: Database, { accountId, personId, email, givenName, surname }: Dossier): Promise<Identity> {
  const [account] = await tx.select({ email: accounts.email }).from(accounts).where(eq(accounts.id, accountId));
  return { personId, emails: account === undefined ? [email] : [email, account.email], name: `${givenName} ${surname}` };
}

/** Whoever verifies or decides somebody's dossier is not that somebody. */
export async function isApplicant(tx: Database, officerId: string, dossier: Dossier): Promise<boolean> {
  const applicant = await applicantOf(tx, dossier);
  return (await identitiesOf(tx, [officerId])).some((identity) => isSamePerson(identity, applicant));
}

/** Everybody who had a hand in checking who the applicant is, whatever came of it. */
async function checkersOf(tx: Database, { id, verifierId }: Dossier): Promise<string[]> {
  const looked = and(
    eq(identityChecks.dossierId, id),
    isNotNull(identityChecks.officerId),
    inArray(identityChecks.state, ["in_review", "inconclusive", "manual", "accepted", "refused"]),
  );
  const rows = await tx.select({ officerId: identityChecks.officerId }).from(identityChecks).where(looked);
  return [...new Set([verifierId, ...rows.map(({ officerId }) => officerId)])].filter((officerId) => officerId !== null);
}

/** The applicant, whoever checked them and whoever decides are different people; null: they are. */
export async function samePersonProblem(
  db: Database,
  officerId: string,
  dossier: Dossier,
): Promise<Extract<DecisionRefusal, "own-dossier" | "same-officer"> | null> {
  const applicant = await applicantOf(db, dossier);
  const deciding = await identitiesOf(db, [officerId]);
  const checking = await identitiesOf(db, await checkersOf(db, dossier));
  if ([...deciding, ...checking].some((identity) => isSamePerson(identity, applicant))) return "own-dossier";
  return checking.some((one) => deciding.some((other) => isSamePerson(one, other))) ? "same-officer" : null;
}
