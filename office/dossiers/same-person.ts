// Whether two on record may be one person: four eyes are two people, not two accounts. When in doubt they are one, and somebody else decides.

import { and, eq, inArray, like } from "drizzle-orm";
import { accounts, evidence, identityChecks } from "../store/application-schema.ts";
import { officerCodeSights, officers, people } from "../store/schema.ts";
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

/**
 * With each officer whoever saw the code by which their key was enrolled: that key may be theirs, or was
 * when it did what is looked at. And whoever saw the code of those.
 * @returns ids
 */
async function withWhoeverSawTheirCodes(tx: Database, officerIds: readonly string[]): Promise<string[]> {
  const all = new Set(officerIds);
  for (let next = [...all]; next.length > 0; ) {
    const rows = await tx
      .select({ seenBy: officerCodeSights.seenBy })
      .from(officerCodeSights)
      .where(inArray(officerCodeSights.officerId, next));
    next = rows.map(({ seenBy }) => seenBy).filter((seenBy) => !all.has(seenBy));
    for (const id of next) all.add(id);
  }
  return [...all];
}

/** Who may be behind these officers. */
async function identitiesOf(tx: Database, officerIds: readonly string[]): Promise<Identity[]> {
  if (officerIds.length === 0) return [];
  const rows = await tx
    .select({ personId: people.id, email: people.email, givenName: people.givenName, surname: people.surname })
    .from(officers)
    .innerJoin(people, eq(people.id, officers.personId))
    .where(inArray(officers.id, await withWhoeverSawTheirCodes(tx, officerIds)));
  return rows.map(({ personId, email, givenName, surname }) => ({ personId, emails: [email], name: `${givenName} ${surname}` }));
}

const overlap = (some: readonly Identity[], others: readonly Identity[]): boolean =>
  some.some((one) => others.some((other) => isSamePerson(one, other)));

/** Whether one person may be both officers, or have the keys of both. */
export async function isSameOfficer(tx: Database, one: string, other: string): Promise<boolean> {
  return one === other || overlap(await identitiesOf(tx, [one]), await identitiesOf(tx, [other]));
}

/** Whether this one may be the officer, or have their key. */
export async function mayBeOfficer(tx: Database, officerId: string, other: Identity): Promise<boolean> {
  return overlap(await identitiesOf(tx, [officerId]), [other]);
}

async function applicantOf(tx: Database, { accountId, personId, email, givenName, surname }: Dossier): Promise<Identity> {
  const [account] = await tx.select({ email: accounts.email }).from(accounts).where(eq(accounts.id, accountId));
  return { personId, emails: account === undefined ? [email] : [email, account.email], name: `${givenName} ${surname}` };
}

/** Whoever verifies or decides somebody's dossier is not that somebody. */
export async function isApplicant(tx: Database, officerId: string, dossier: Dossier): Promise<boolean> {
  return mayBeOfficer(tx, officerId, await applicantOf(tx, dossier));
}

const OFFICER = "officer:";

/** Everybody who had a hand in checking who the applicant is, whatever came of it: who began, doubted, took up or decided, or put a scan there. */
async function checkersOf(tx: Database, { id, verifierId }: Dossier): Promise<string[]> {
  const checks = await tx
    .select({ officerId: identityChecks.officerId, doubtedBy: identityChecks.doubtedBy })
    .from(identityChecks)
    .where(eq(identityChecks.dossierId, id));
  const scans = await tx
    .select({ by: evidence.uploadedBy })
    .from(evidence)
    .where(and(eq(evidence.dossierId, id), like(evidence.uploadedBy, `${OFFICER}%`)));
  const all = [
    verifierId,
    ...checks.flatMap(({ officerId, doubtedBy }) => [officerId, doubtedBy]),
    ...scans.map(({ by }) => by.slice(OFFICER.length)),
  ];
  return [...new Set(all)].filter((officerId) => officerId !== null);
}

/** The applicant, whoever checked them and whoever decides are different people; null: they are. */
export async function samePersonProblem(
  db: Database,
  officerId: string,
  dossier: Dossier,
): Promise<Extract<DecisionRefusal, "own-dossier" | "same-officer"> | null> {
  const deciding = await identitiesOf(db, [officerId]);
  const checking = await identitiesOf(db, await checkersOf(db, dossier));
  if (overlap([...deciding, ...checking], [await applicantOf(db, dossier)])) return "own-dossier";
  return overlap(checking, deciding) ? "same-officer" : null;
}
