// What was asked for with a corporate account (S9), as officers see it.

import { eq } from "drizzle-orm";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import { accounts, organisationRequests } from "../../store/application-schema.ts";
import type { Database } from "../../store/store.ts";
import type { OfficerVisit } from "../edge/visit.ts";
import { type Fact, facts, time } from "../frame/parts.ts";

export interface CorporateRequestRecord {
  readonly managerName: string;
  readonly phone: string;
  readonly email: string;
  readonly users: number;
  readonly requestedAt: Date;
  readonly refusal: string | null;
}

/** null: the office put the organisation on record itself. */
export async function corporateRequest(db: Database, organisationId: string): Promise<CorporateRequestRecord | null> {
  const { managerName, phone, users, requestedAt, refusal } = organisationRequests;
  const [row] = await db
    .select({ managerName, phone, users, requestedAt, refusal, email: accounts.email })
    .from(organisationRequests)
    .innerJoin(accounts, eq(accounts.id, organisationRequests.accountId))
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
    [officer.users, request.users],
    [officer.asked, time(request.requestedAt, visit, timeZone)],
    request.refusal === null ? null : [officer.refusal, request.refusal],
  ];
  return html`<h2>${officer.title}</h2>${facts(
    rows.filter((row) => row !== null),
    visit.texts.frame.unknown,
  )}`;
}
