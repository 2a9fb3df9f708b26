// All that the sheet of a dossier shows: whose it is, what was checked and by whom, what was decided. Of questions and numbers only whether there are any.

import { and, asc, desc, eq, inArray, ne } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { Dossier } from "../../dossiers/dossiers.ts";
import type { ActivationState } from "../../states/activation-states.ts";
import type { IdentityCheckState } from "../../states/identity-check-states.ts";
import type { QuestionSetState } from "../../states/question-set-states.ts";
import {
  accounts,
  activations,
  appointmentSlots,
  consents,
  dossiers,
  evidence,
  identityChecks,
  questionSets,
} from "../../store/application-schema.ts";
import { certificates, officers, offices, organisations, people } from "../../store/schema.ts";
import type { Database } from "../../store/store.ts";
import { NothingThereError } from "../edge/visit.ts";

export interface CheckRow {
  readonly id: string;
  readonly startsAt: Date;
  readonly kind: "video" | "desk";
  readonly state: IdentityCheckState;
  readonly officerId: string | null;
}

export interface EvidenceRow {
  readonly id: string;
  readonly kind: string;
  readonly mediaType: string;
  readonly uploadedAt: Date;
  readonly destroyAt: Date;
  readonly destroyedAt: Date | null;
}

export interface ActivationRow {
  readonly state: ActivationState;
  readonly failedTries: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface DossierRecord {
  readonly dossier: Dossier;
  readonly office: { readonly id: string; readonly name: string; readonly timeZone: string };
  /** The account's, which was proved. */
  readonly mailbox: string;
  readonly association: string | null;
  readonly organisation: string | null;
  readonly checks: readonly CheckRow[];
  readonly evidence: readonly EvidenceRow[];
  readonly activations: readonly ActivationRow[];
  readonly consents: readonly { readonly document: string; readonly version: string; readonly at: Date }[];
  readonly questions: QuestionSetState | null;
  /** Serial number. */
  readonly certificate: string | null;
  /** Of the officers who are named, by their ids. */
  readonly officerNames: ReadonlyMap<string, string>;
}

const association = alias(organisations, "association");

async function namesOf(db: Database, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, string>> {
  const known = ids.filter((id) => id !== null);
  if (known.length === 0) return new Map();
  const rows = await db
    .select({ id: officers.id, givenName: people.givenName, surname: people.surname })
    .from(officers)
    .innerJoin(people, eq(people.id, officers.personId))
    .where(inArray(officers.id, known));
  return new Map(rows.map(({ id, givenName, surname }) => [id, `${givenName} ${surname}`]));
}

const checksOf = (db: Database, dossierId: string): Promise<CheckRow[]> =>
  db
    .select({
      id: identityChecks.id,
      startsAt: appointmentSlots.startsAt,
      kind: appointmentSlots.kind,
      state: identityChecks.state,
      officerId: identityChecks.officerId,
    })
    .from(identityChecks)
    .innerJoin(appointmentSlots, eq(appointmentSlots.id, identityChecks.slotId))
    .where(eq(identityChecks.dossierId, dossierId))
    .orderBy(desc(appointmentSlots.startsAt));

/** @param scope offices @throws NothingThereError also while it is being filled in */
export async function dossierRecord(db: Database, id: string, scope: readonly string[]): Promise<DossierRecord> {
  const [row] = await db
    .select({
      dossier: dossiers,
      office: { id: offices.id, name: offices.name, timeZone: offices.timeZone },
      mailbox: accounts.email,
      association: association.name,
      organisation: organisations.name,
      certificate: certificates.serialNumber,
      questions: questionSets.state,
    })
    .from(dossiers)
    .innerJoin(offices, eq(offices.id, dossiers.officeId))
    .innerJoin(accounts, eq(accounts.id, dossiers.accountId))
    .leftJoin(association, eq(association.id, dossiers.associationId))
    .leftJoin(organisations, eq(organisations.id, dossiers.organisationId))
    .leftJoin(certificates, eq(certificates.id, dossiers.certificateId))
    .leftJoin(questionSets, eq(questionSets.accountId, dossiers.accountId))
    .where(and(eq(dossiers.id, id), inArray(dossiers.officeId, [...scope]), ne(dossiers.state, "draft")));
  if (row === undefined) throw new NothingThereError();
  const checks = await checksOf(db, id);
  const { verifierId, approverId, paymentOfficerId } = row.dossier;
  return {
    ...row,
    checks,
    evidence: await db.select().from(evidence).where(eq(evidence.dossierId, id)).orderBy(asc(evidence.uploadedAt), asc(evidence.id)),
    activations: await db.select().from(activations).where(eq(activations.dossierId, id)).orderBy(desc(activations.createdAt)),
    consents: await db.select().from(consents).where(eq(consents.dossierId, id)).orderBy(asc(consents.document)),
    officerNames: await namesOf(db, [verifierId, approverId, paymentOfficerId, ...checks.map(({ officerId }) => officerId)]),
  };
}
