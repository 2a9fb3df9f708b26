// A corporate account (S9), as officers see it: what was asked for, and who manages it now.

import { eq } from "drizzle-orm";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { accounts, organisationManagers, organisationRequests } from "../../store/application-schema.ts";
import type { Database } from "../../store/store.ts";
import type { OfficerVisit } from "../edge/visit.ts";
import { type Fact, facts, time } from "../frame/parts.ts";

export interface CorporateRequestRecord {
  readonly managerName: string;
  readonly phone: string;
  readonly email: string;
  readonly managerSince: Date;
  readonly users: number;
  readonly requestedAt: Date;
  readonly refusal: string | null;
}

/** null: the office put the organisation on record itself. */
export async function corporateRequest(db: Database, organisationId: string): Promise<CorporateRequestRecord | null> {
  const { users, requestedAt, refusal } = organisationRequests;
  const { name: managerName, phone, since: managerSince } = organisationManagers;
  const [row] = await db
    .select({ managerName, phone, managerSince, users, requestedAt, refusal, email: accounts.email })
    .from(organisationRequests)
    .innerJoin(organisationManagers, eq(organisationManagers.organisationId, organisationRequests.organisationId))
    .innerJoin(accounts, eq(accounts.id, organisationManagers.accountId))
    .where(eq(organisationRequests.organisationId, organisationId));
  return row ?? null;
}

export function corporateRequestFacts(visit: OfficerVisit, request: CorporateRequestRecord | null, timeZone: string): Html | null {
  if (request === null) return null;
  const { officer } = visit.texts.corporate;
  const rows: (Fact | null)[] = [
    [officer.manager, request.managerName],
    [officer.email, request.email],
    [officer.phone, request.phone],
    request.managerSince > request.requestedAt ? [officer.managerSince, time(request.managerSince, visit, timeZone, "day")] : null,
    [officer.users, request.users],
    [officer.asked, time(request.requestedAt, visit, timeZone)],
    request.refusal === null ? null : [officer.refusal, request.refusal],
  ];
  return html`<h2>${officer.title}</h2>${facts(
    rows.filter((row) => row !== null),
    visit.texts.frame.unknown,
  )}`;
}
