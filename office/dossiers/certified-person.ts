// The person that an approved dossier makes: who certificates are for. Somebody who is one already, with the same names and mailbox in the same
// organisation, stays the one they are.

import { and, desc, eq, isNotNull, ne } from "drizzle-orm";
import type { Person } from "../issuance/certificate-authority.ts";
import { IssuanceError } from "../issuance/issuance-error.ts";
import { checkPerson } from "../issuance/subject.ts";
import type { Acting } from "../registration/officers.ts";
import { type AddedPerson, insertPerson } from "../registration/organisations.ts";
import { dossiers } from "../store/application-schema.ts";
import { organisations, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import { DecisionError } from "./decision-error.ts";
import type { Dossier } from "./dossiers.ts";

type Organisation = typeof organisations.$inferSelect;

/** Nothing that was left empty stands in a certificate. */
const given = (text: string): string | null => (text.trim() === "" ? null : text.normalize("NFC").trim());

/** Holds the association, which has to be open; the caller holds the dossier's own organisation. @throws DecisionError association-not-open */
export async function holdAssociation(tx: Database, associationId: string | null): Promise<Organisation | null> {
  if (associationId === null) return null;
  const [row] = await tx.select().from(organisations).where(eq(organisations.id, associationId)).for("share");
  if (row === undefined || row.state !== "open" || row.kind !== "association") throw new DecisionError("association-not-open");
  return row;
}

/** Whose person the applicant becomes: the corporate account's, or the association's. @throws DecisionError no-organisation */
async function organisationOf(tx: Database, { organisationId }: Dossier, association: Organisation | null): Promise<Organisation> {
  if (organisationId === null) {
    if (association === null) throw new DecisionError("no-organisation");
    return association;
  }
  const [row] = await tx.select().from(organisations).where(eq(organisations.id, organisationId));
  if (row === undefined) throw new DecisionError("no-organisation");
  return row;
}

/** @throws DecisionError not-certifiable */
function requireCertifiable(person: Person): void {
  try {
    checkPerson(person);
  } catch (cause) {
    if (cause instanceof IssuanceError) throw new DecisionError("not-certifiable", { cause });
    throw cause;
  }
}

/** The person of an earlier dossier of the same account. */
async function knownPerson(tx: Database, dossier: Dossier, organisationId: string): Promise<typeof people.$inferSelect | null> {
  const { accountId, id, givenName, surname, email } = dossier;
  const [row] = await tx
    .select({ person: people })
    .from(dossiers)
    .innerJoin(people, eq(people.id, dossiers.personId))
    .where(
      and(
        eq(dossiers.accountId, accountId),
        ne(dossiers.id, id),
        isNotNull(dossiers.personId),
        eq(people.organisationId, organisationId),
        eq(people.givenName, givenName.normalize("NFC")),
        eq(people.surname, surname.normalize("NFC")),
        eq(people.email, email),
      ),
    )
    .orderBy(desc(people.createdAt))
    .limit(1);
  return row?.person ?? null;
}

/**
 * Makes the person, or brings title and membership of the known one up to date.
 * @param association held and open, or none
 * @returns its id, and what the caller appends to the audit trail, last
 * @throws DecisionError no-organisation, not-certifiable; RegistrationError organisation-not-open
 */
export async function certifiedPerson(
  tx: Database,
  dossier: Dossier,
  association: Organisation | null,
  acting: Acting,
): Promise<AddedPerson> {
  const { givenName, surname, email, number } = dossier;
  const organisation = await organisationOf(tx, dossier, association);
  const title = given(dossier.title);
  const memberNumber = association === null ? null : given(dossier.memberNumber);
  const membership = association === null || memberNumber === null ? null : { association: association.name, number: memberNumber };
  requireCertifiable({
    givenName,
    surname,
    email,
    number,
    title,
    membership,
    organisation: organisation.name,
    country: organisation.country,
  });
  const status = { title, memberNumber, associationId: association?.id ?? null };
  const known = await knownPerson(tx, dossier, organisation.id);
  if (known !== null) {
    await tx.update(people).set(status).where(eq(people.id, known.id));
    const { id } = known;
    return { id, event: { at: acting.now, actor: acting.actor, action: "person.confirm", subject: `person:${id}` } };
  }
  const language = dossier.language === "fr" ? "fr" : "en";
  return insertPerson(tx, { organisationId: organisation.id, givenName, surname, email, language, number, ...status }, acting);
}
