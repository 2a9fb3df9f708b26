// What the administration looks up: the office's state, its officers, and whom to invite.

import { X509Certificate } from "node:crypto";
import { asc, desc, eq, sql } from "drizzle-orm";
import { type Acting, holdOfficer, type Invitation, inviteOfficer, renewInvitation } from "../registration/officers.ts";
import { addPerson } from "../registration/organisations.ts";
import type { Role } from "../registration/roles.ts";
import { auditEnd, auditHeads, issuers, officerRoles, officers, offices, organisations, people } from "../store/schema.ts";
import type { Database } from "../store/store.ts";
import type { InvitationRequest, OfficerRow, OfficeStatus } from "./admin-protocol.ts";

/** `no-office`: there is no desk; `names`: a new officer needs names; `roles`: a new officer needs a role; `active`, `withdrawn`: whoever has this e-mail is one already (renew), or not any more (reinstate). */
export type AdminRefusal = "no-office" | "names" | "roles" | "active" | "withdrawn";

export class AdminError extends Error {
  override readonly name = "AdminError";
  readonly refusal: AdminRefusal;
  constructor(refusal: AdminRefusal) {
    super(`administration: ${refusal}`);
    this.refusal = refusal;
  }
}

type Facts = Pick<OfficeStatus, "issuers" | "certificates" | "officers" | "audit">;

async function countByState(db: Database, table: "certificates" | "officers"): Promise<Record<string, number>> {
  const { rows } = await db.execute<{ state: string; count: number }>(
    sql`select state, count(*)::int as count from ${sql.identifier(table)} group by state order by state`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

export async function readFacts(db: Database): Promise<Facts> {
  const rows = await db.select().from(issuers).orderBy(asc(issuers.name));
  const [end] = await db.select({ number: auditEnd.number }).from(auditEnd);
  const [head] = await db.select({ at: auditHeads.at }).from(auditHeads).orderBy(desc(auditHeads.number)).limit(1);
  return {
    issuers: rows.map(({ name, isCurrent, crlNumber, certificate }) => {
      const notAfter = new Date(new X509Certificate(certificate).validTo).toISOString();
      return { name, isCurrent, crlNumber, notAfter };
    }),
    certificates: await countByState(db, "certificates"),
    officers: await countByState(db, "officers"),
    audit: { events: end?.number ?? 0, lastHead: head?.at.toISOString() ?? null },
  };
}

export async function listOfficers(db: Database): Promise<OfficerRow[]> {
  const rows = await db.select().from(officers).innerJoin(people, eq(people.id, officers.personId)).orderBy(asc(officers.createdAt));
  const roles = await db.select().from(officerRoles).orderBy(asc(officerRoles.role));
  return rows.map(({ officers: { id, state }, people: { givenName, surname, email } }) => ({
    id,
    name: `${givenName} ${surname}`,
    email,
    state,
    roles: roles.filter(({ officerId }) => officerId === id).map(({ role, officeId }) => `${role}@${officeId}`),
  }));
}

/** The office's own organisation: that of its first desk. */
async function home(tx: Database): Promise<{ officeId: string; organisationId: string }> {
  const [row] = await tx
    .select({ officeId: offices.id, organisationId: organisations.id })
    .from(offices)
    .innerJoin(organisations, eq(organisations.officeId, offices.id))
    .where(eq(organisations.state, "open"))
    .orderBy(asc(offices.createdAt), asc(organisations.createdAt))
    .limit(1);
  if (row === undefined) throw new AdminError("no-office");
  return row;
}

/** People whom nobody has numbered go on from the highest number there is. */
async function nextNumber(tx: Database): Promise<string> {
  const { rows } = await tx.execute<{ next: string }>(
    sql`select (coalesce(max(number::numeric), 0) + 1)::text as next from people where number ~ '^[0-9]{1,15}$'`,
  );
  return rows[0]?.next ?? "1";
}

/** @throws AdminError; RegistrationError */
export async function inviteByAdmin(tx: Database, request: InvitationRequest, acting: Acting): Promise<Invitation> {
  const { givenName, surname, email, language, roles } = request;
  const [known] = await tx.select().from(officers).innerJoin(people, eq(people.id, officers.personId)).where(eq(people.email, email));
  if (known !== undefined) {
    const { id } = known.officers;
    const state = await holdOfficer(tx, id);
    if (state !== "invited") throw new AdminError(state);
    return renewInvitation(tx, id, false, acting);
  }
  if (givenName === undefined || surname === undefined) throw new AdminError("names");
  if (roles.length === 0) throw new AdminError("roles");
  const { officeId, organisationId } = await home(tx);
  const number = await nextNumber(tx);
  const personId = await addPerson(tx, { organisationId, givenName, surname, email, language, number }, acting);
  const assignments = roles.map((role: Role) => ({ officeId, role }));
  return inviteOfficer(tx, personId, assignments, acting);
}
